{{ in_force('training_attendance') }}

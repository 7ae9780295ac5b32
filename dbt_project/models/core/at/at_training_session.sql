{{ in_force('training_session') }}

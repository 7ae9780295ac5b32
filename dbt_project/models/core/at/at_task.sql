{{ in_force('task') }}

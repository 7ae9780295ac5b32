{{ in_force('exam') }}

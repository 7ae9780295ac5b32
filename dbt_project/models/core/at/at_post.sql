{{ in_force('post') }}

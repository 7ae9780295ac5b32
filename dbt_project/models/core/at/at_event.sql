{{ in_force('event') }}

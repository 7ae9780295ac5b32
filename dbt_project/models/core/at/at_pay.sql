{{ in_force('pay') }}

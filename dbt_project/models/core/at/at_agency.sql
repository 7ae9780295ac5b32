{{ in_force('agency') }}

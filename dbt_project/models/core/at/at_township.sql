{{ in_force('township') }}

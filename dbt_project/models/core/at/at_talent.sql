{{ in_force('talent') }}

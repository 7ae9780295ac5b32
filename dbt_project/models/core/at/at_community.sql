{{ in_force('community') }}

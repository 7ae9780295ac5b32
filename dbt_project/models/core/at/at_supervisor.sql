{{ in_force('supervisor') }}

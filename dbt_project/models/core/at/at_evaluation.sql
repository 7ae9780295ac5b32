{{ in_force('evaluation') }}

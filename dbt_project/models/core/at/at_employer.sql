{{ in_force('employer') }}

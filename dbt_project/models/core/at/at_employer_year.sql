{{ in_force('employer_year') }}

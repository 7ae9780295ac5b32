{{ in_force('project') }}

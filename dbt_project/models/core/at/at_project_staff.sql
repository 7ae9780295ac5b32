{{ in_force('project_staff') }}

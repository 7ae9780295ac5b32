{{ in_force('volunteer_org') }}

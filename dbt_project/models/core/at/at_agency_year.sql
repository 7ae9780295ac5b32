{{ in_force('agency_year') }}

{{ in_force('labour_cost') }}

{{ in_force('summary') }}

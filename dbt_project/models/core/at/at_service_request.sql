{{ in_force('service_request') }}

{{ in_force('pairing') }}

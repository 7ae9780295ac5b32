{{ in_force('funding') }}

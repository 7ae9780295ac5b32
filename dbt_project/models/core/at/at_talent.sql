{{ config(post_hook="grant select on {{ this }} to admin") }}
{{ in_force('talent') }}

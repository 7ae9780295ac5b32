{#
What was known at another moment is worked out from the versions, and the places of another day from the boundaries of that day;
for every day's build the states are kept.
#}
{{ config(materialized='table' if var('asked_schema', none) else 'view') }}

with

{% if var('asked_schema', none) %}
{{ person_states() }}
{% else %}
states as (
    select * from {{ ref('core_person_states') }}
    where pending <> 'left'
)
{% endif %}

select
    person_key,
    valid_from,
    valid_to,
    is_in_roster,
    area_code,
    reported_code,
    employer_type,
    service_domain,
    education,
    sex,
    birth_year,
    status,
    certified_level,
    is_holder,
    is_holder_in_post,
    previous_area_code,
    change,
    is_leaving_post
from states

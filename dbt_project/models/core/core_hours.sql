-- What counts on the day that is asked for: from the steps of what we know now, or worked out from what was known then.
with

{% if var('known_at', none) %}
parameters as (
    select * from {{ ref('core_parameters') }}
),

attendances as (
    select * from {{ ref('at_training_attendance') }}
),

people as (
    select distinct person_key from attendances
),

sessions as (
    select * from {{ ref('at_training_session') }}
),

attended as (
    {{ attended_hours('sessions.end_date', "date '9999-12-31'") }}
),

{{ training_steps() }},
{% else %}
steps as (
    select * from {{ ref('core_training_hours') }}
),
{% endif %}

hours as (
    select
        person_key,
        training_hours
    from steps
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}
)

select * from hours

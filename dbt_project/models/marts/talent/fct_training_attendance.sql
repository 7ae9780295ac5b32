{{ config(materialized='view') }}

with

-- Published, it stands on tables of core: the views there are made anew with every build, and would take it along.
attendances as (
    {% if var('known_at', none) %}
    select * from {{ ref('at_training_attendance') }}
    {% else %}
    select * from {{ ref('core_training_attendance_versions') }}
    where
        superseded_at is null
        and not is_withdrawn
        and effective_from <= {{ as_of() }}
        and coalesce(effective_to > {{ as_of() }}, true)
    {% endif %}
),

sessions as (
    select * from {{ ref('fct_training_sessions') }}
),

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

all_attendances as (
    select
        sessions.publication_id,
        attendances.session_no,
        numbers.person_number,
        sessions.area_code,
        sessions.reported_code,
        attendances._unit_code as unit_code,
        attendances._submission_id as submission_id,
        attendances._row_number as row_number,
        sessions.year,
        sessions.kind,
        sessions.mode,
        attendances.hours,
        attendances.passed,
        sessions.is_counted_for_hours and attendances.passed as is_counted_for_hours,
        attendances.effective_from
    from attendances
    inner join sessions
        on attendances._unit_code = sessions.unit_code and attendances.session_no = sessions.session_no
    inner join numbers on attendances.person_key = numbers.person_key
)

select * from all_attendances

with

supervisors as (
    select * from {{ ref('at_supervisor') }}
),

people as (
    select person_key from {{ ref('at_talent') }}
),

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

all_supervisors as (
    select
        {{ publication_id() }} as publication_id,
        numbers.person_number,
        supervisors.appoint_no,
        {{ place_and_source('supervisors') }},
        supervisors.grade,
        supervisors.origin,
        supervisors.recognition_no,
        supervisors.appoint_date,
        supervisors.valid_to,
        supervisors.appoint_unit,
        supervisors.domains,
        supervisors.host_id,
        supervisors.supervisees,
        supervisors.hours_ytd,
        people.person_key is null as is_orphan,
        coalesce({{ as_of() }} between supervisors.appoint_date and supervisors.valid_to, false) as is_in_term,
        supervisors.effective_from
    from supervisors
    inner join numbers on supervisors.person_key = numbers.person_key
    left join people on supervisors.person_key = people.person_key
)

select * from all_supervisors

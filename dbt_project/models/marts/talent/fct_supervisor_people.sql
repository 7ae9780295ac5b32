with

appointments as (
    select * from {{ ref('fct_supervisors') }}
    where not is_orphan and appoint_date <= {{ as_of() }}
),

-- A person counts where the last appointment was reported.
placed as (
    select
        *,
        row_number() over (partition by person_number order by appoint_date desc, appoint_no desc, unit_code asc) as place
    from appointments
),

people as (
    select
        person_number,
        (count(*))::integer as appointments,
        bool_or(coalesce(origin = '1', false)) as is_trained_here,
        bool_or(coalesce(origin = '2', false)) as is_brought_in,
        bool_or(is_in_term) as is_in_term,
        bool_or(coalesce(origin = '1', false) and is_in_term) as is_trained_here_in_term,
        bool_or(coalesce(origin = '2', false) and is_in_term) as is_brought_in_in_term,
        coalesce(sum(supervisees) filter (where is_in_term), 0)::integer as supervisees,
        coalesce(sum(hours_ytd) filter (where is_in_term), 0) as hours_ytd
    from appointments
    group by person_number
),

all_people as (
    select
        placed.publication_id,
        placed.person_number,
        placed.area_code,
        placed.reported_code,
        placed.unit_code,
        placed.submission_id,
        placed.row_number,
        placed.grade,
        people.appointments,
        people.is_trained_here,
        people.is_brought_in,
        people.is_in_term,
        people.is_trained_here_in_term,
        people.is_brought_in_in_term,
        people.supervisees,
        people.hours_ytd,
        placed.effective_from
    from placed
    inner join people on placed.person_number = people.person_number
    where placed.place = 1
)

select * from all_people

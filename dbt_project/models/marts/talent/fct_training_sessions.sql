with

sessions as (
    select * from {{ ref('at_training_session') }}
),

parameters as (
    select * from {{ ref('core_parameters') }}
),

-- The plan of a training stands in each of its sessions; a unit's training is its title in a year.
planned as (
    select
        *,
        extract(year from start_date)::integer as year,
        row_number() over (
            partition by _unit_code, level, title, extract(year from start_date)
            order by planned_sessions desc nulls last, session_no asc
        ) as place
    from sessions
),

all_sessions as (
    select
        {{ publication_id() }} as publication_id,
        planned.session_no,
        {{ place_and_source('planned') }},
        planned.organiser,
        planned.title,
        planned.kind,
        planned.mode,
        planned.level,
        planned.audience,
        planned.start_date,
        planned.end_date,
        planned.year,
        planned.hours,
        planned.participants,
        planned.planned_sessions,
        planned.cost_yuan,
        held.is_held,
        case when planned.place = 1 then planned.planned_sessions end as training_planned_sessions,
        held.is_held and held.is_counting and planned.start_date >= parameters.training_counts_from as is_counted_for_hours,
        held.is_held and held.is_for_leaders as is_for_leaders,
        case when held.is_held and held.is_for_leaders then planned.participants end as leader_participants,
        held.is_held and held.is_rotation as is_rotation,
        case when held.is_held and held.is_rotation then planned.participants end as rotation_participants,
        planned.effective_from
    from planned
    cross join parameters
    cross join lateral (
        select
            coalesce(planned.end_date <= {{ as_of() }}, false) as is_held,
            coalesce(planned.kind in ({{ counted_training_kinds() }}), false) as is_counting,
            coalesce(planned.audience = '2' or (planned.audience is null and planned.kind = '5'), false) as is_for_leaders,
            coalesce(planned.audience = '3' or (planned.audience is null and planned.kind = '6'), false) as is_rotation
    ) as held
)

select * from all_sessions

with

reporting as (
    select * from {{ ref('core_reporting') }}
),

goals as (
    {% for goal, (kind, tables) in collected_goals().items() %}
    {% set last_goal = loop.last %}
    {% for table in tables %}
    select
        '{{ goal }}' as goal_id,
        '{{ kind }}' as kind,
        '{{ table }}' as table_name,
        {{ tables | length }} as table_count
    {{ 'union all' if not (last_goal and loop.last) }}
    {% endfor %}
    {% endfor %}
),

-- A unit has reported a goal when it has reported every table that the goal is made of.
units as (
    select
        goals.goal_id,
        goals.kind,
        reporting.member_code,
        reporting.unit_code,
        bool_and(reporting.is_reported) as is_reported,
        bool_or(reporting.is_carried_forward) as is_carried_forward,
        min(reporting.last_accepted_report_date) as oldest_report_date
    from goals
    inner join reporting on goals.table_name = reporting.table_name
    group by goals.goal_id, goals.kind, goals.table_count, reporting.member_code, reporting.unit_code
    having count(*) = goals.table_count
),

by_area as (
    select
        units.goal_id,
        units.kind,
        members.area_code,
        count(*)::integer as expected_units,
        (count(*) filter (where units.is_reported))::integer as reported_units,
        bool_or(units.is_carried_forward) as is_carried_forward,
        min(units.oldest_report_date) as oldest_report_date
    from units
    inner join {{ ref('core_area_members') }} as members
        on units.member_code = members.member_code and members.basis = 'today'
    group by units.goal_id, units.kind, members.area_code
)

select * from by_area

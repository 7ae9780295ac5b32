with

agencies as (
    select * from {{ ref('dim_agencies') }}
),

active as (
    select
        'G03' as goal_id,
        'M02-3' as measure_id,
        area_code as member_code,
        count(*)::numeric as numerator
    from agencies
    where is_counted
    group by area_code
),

recognised as (
    select
        'G10' as goal_id,
        'M09-3' as measure_id,
        area_code as member_code,
        count(*)::numeric as numerator
    from agencies
    where is_recognised
    group by area_code
),

both_goals as (
    select * from active
    union all
    select * from recognised
),

measures as (
    select
        goal_id,
        measure_id,
        member_code,
        numerator,
        null::numeric as denominator,
        null::numeric as unit_value,
        null::numeric as beside,
        null::numeric as shortage
    from both_goals
)

select * from measures

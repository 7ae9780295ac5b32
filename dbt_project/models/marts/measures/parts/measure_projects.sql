with

projects as (
    select * from {{ ref('fct_projects') }}
    where is_limit_asked
),

staff as (
    select * from {{ ref('fct_project_staff') }}
    where is_asked
),

limits as (
    select
        'G06' as goal_id,
        'M06-5' as measure_id,
        area_code as member_code,
        is_limit_kept::integer::numeric as numerator,
        1::numeric as denominator,
        budget_labour_share as unit_value
    from projects
),

registered as (
    select
        'G11' as goal_id,
        'M05-6' as measure_id,
        area_code as member_code,
        count(*) filter (where is_kept)::numeric as numerator,
        count(*)::numeric as denominator,
        null::numeric as unit_value
    from staff
    group by area_code
),

both_rules as (
    select * from limits
    union all
    select * from registered
),

measures as (
    select
        *,
        null::numeric as beside,
        null::numeric as shortage
    from both_rules
)

select * from measures

-- Roll-up by area loses nothing and counts nothing twice: the province's count is the count of the facts.
with

facts as (
    select
        'G02' as goal_id,
        count(*) as counted
    from {{ ref('fct_posts') }}
    where is_in_being
    union all
    select
        'G03' as goal_id,
        count(*) as counted
    from {{ ref('dim_agencies') }}
    where is_counted
    union all
    select
        'G12' as goal_id,
        count(*) as counted
    from {{ ref('fct_posts') }}
    where is_level_kept
    union all
    select
        'G11' as goal_id,
        count(*) as counted
    from {{ ref('fct_project_staff') }}
    where is_kept
    union all
    select
        'G06' as goal_id,
        count(*) as counted
    from {{ ref('fct_projects') }}
    where is_limit_kept
)

select
    facts.goal_id,
    facts.counted,
    progress.numerator
from facts
inner join {{ ref('mart_target_progress') }} as progress on facts.goal_id = progress.goal_id
where progress.area_level = 'province' and progress.state = '已采集' and facts.counted <> progress.numerator

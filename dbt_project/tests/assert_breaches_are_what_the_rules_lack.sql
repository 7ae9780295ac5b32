-- Every case that a rule counts as not kept is on the list, and nothing else is.
with

listed as (
    select
        goal_id,
        count(*) as breaches
    from {{ ref('mart_rule_breaches') }}
    group by goal_id
)

select
    progress.goal_id,
    progress.denominator - progress.numerator as not_kept,
    listed.breaches
from {{ ref('mart_target_progress') }} as progress
left join listed on progress.goal_id = listed.goal_id
where
    progress.goal_id in ('G06', 'G11', 'G12')
    and progress.area_level = 'province'
    and progress.state = '已采集'
    and progress.denominator - progress.numerator <> coalesce(listed.breaches, 0)

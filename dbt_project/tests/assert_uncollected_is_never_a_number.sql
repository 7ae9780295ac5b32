-- 未采集 and 未报 are not 0.
select
    goal_id,
    area_code,
    state,
    value
from {{ ref('mart_target_progress') }}
where
    state <> '已采集'
    and (value is not null or numerator is not null or denominator is not null or gap is not null)

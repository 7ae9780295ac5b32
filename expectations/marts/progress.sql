-- One row per figure of mart_target_progress, with what must lie within bounds; null where a bound doesn't apply.
select
    progress.goal_id || ' ' || progress.measure_id || ' ' || progress.area_code as row_id,
    progress.domain,
    progress.area_code,
    progress.state,
    progress.value,
    case when progress.unit in ('share', 'ratio') then progress.value end as share_value,
    case when progress.unit = 'growth' then progress.value end as growth_value,
    case when progress.unit not in ('share', 'ratio', 'growth') then progress.value end as count_value,
    progress.coverage,
    case when progress.state <> '已采集' and progress.value is not null then 1 else 0 end as is_invented,
    case when progress.unit in ('share', 'ratio') and progress.numerator > progress.denominator then 1 else 0 end as is_more_than_all
from marts_next.mart_target_progress as progress

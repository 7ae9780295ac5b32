select
    targets.goal_id,
    targets.measure_id
from {{ source('reference', 'target') }} as targets
left join {{ ref('mart_target_progress') }} as progress
    on
        targets.goal_id = progress.goal_id
        and targets.measure_id = progress.measure_id
        and progress.area_level = 'province'
where progress.goal_id is null

select
    child.goal_id,
    child.area_code,
    child.numerator,
    parent.numerator as parent_numerator
from {{ ref('mart_target_progress') }} as child
inner join {{ ref('dim_areas') }} as areas on child.area_code = areas.area_code
inner join {{ ref('mart_target_progress') }} as parent
    on
        areas.parent_code = parent.area_code
        and child.measure_id = parent.measure_id
where child.numerator > parent.numerator

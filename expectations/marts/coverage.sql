-- One row per goal of the province that is collected: the share of units that reported, now and as published.
select
    progress.goal_id || ' ' || progress.measure_id as row_id,
    progress.domain,
    progress.reported_units,
    progress.expected_units,
    round(progress.coverage, 6) as coverage_now,
    round(published.coverage - progress.coverage, 6) as coverage_fall
from marts_next.mart_target_progress as progress
left join {published_mart_target_progress} as published
    on progress.goal_id = published.goal_id
    and progress.measure_id = published.measure_id
    and progress.area_code = published.area_code
where progress.area_level = 'province' and progress.state <> '未采集'

-- What was expected has come, is missing or can still come; what came was on time or late.
select *
from {{ ref('mart_punctuality') }}
where expected_count <> came_count + missing_count + pending_count or came_count <> on_time_count + late_count

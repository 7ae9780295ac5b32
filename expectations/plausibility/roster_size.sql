-- One row per judged full roster: its rows beside what its unit has in force, and the keys in force that it lacks
-- (the register's count, which knows what was accepted since the last build; of an old roster, which the register
-- doesn't compare, what was built). Null where there is too little past.
with known as (
    select table_name, unit_code, count(*) as rows_before from known_rows group by table_name, unit_code
),

beside as (
    select
        judged.submission_id,
        judged.rows_total as rows_now,
        judged.few_rows_not_judged,
        judged.roster_fall_share_to_hold,
        judged.roster_rise_share_to_hold,
        change.rows_before as compared_before,
        coalesce(change.rows_before, known.rows_before, 0) as rows_before,
        coalesce(change.rows_gone, 0) as rows_gone
    from judged
    left join ops.roster_change as change on judged.submission_id = change.submission_id
    left join known on judged.table_name = known.table_name and judged.unit_code = known.unit_code
    where judged.mode = 'S'
),

shares as (
    select
        *,
        case
            when rows_before >= few_rows_not_judged then round(1 - rows_now::numeric / rows_before, 6)
        end as fall_share,
        case
            when compared_before >= few_rows_not_judged then round(rows_gone::numeric / rows_before, 6)
        end as all_gone_share
    from beside
)

select
    submission_id,
    rows_now,
    rows_before,
    rows_gone,
    fall_share,
    -- a fall that holds already needs no second reason
    case when coalesce(fall_share, 0) < roster_fall_share_to_hold then all_gone_share end as gone_share,
    -fall_share as rise_share,
    case when -fall_share <= roster_rise_share_to_hold then -fall_share end as rise_some_share
from shares

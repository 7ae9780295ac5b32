-- One row per judged file of changes of a table that is sent daily: its new and withdrawn keys beside what the unit has in
-- force, and its rows beside the median of the unit's files of changes of the 60 days before (five at least).
with changes as (
    select judged.* from judged inner join daily_tables on judged.table_name = daily_tables.table_name
    where judged.mode = 'D'
),

known as (
    select table_name, unit_code, count(*) as known_rows from known_rows group by table_name, unit_code
),

keys as (
    select
        staged.submission_id,
        count(distinct staged.row_key) filter (where not staged.is_withdrawn and known_rows.row_key is null) as new_rows,
        count(distinct staged.row_key) filter (where staged.is_withdrawn and known_rows.row_key is not null) as withdrawn_rows
    from staged_rows as staged
    inner join changes on staged.submission_id = changes.submission_id
    left join known_rows
        on
            staged.table_name = known_rows.table_name
            and staged.unit_code = known_rows.unit_code
            and staged.row_key = known_rows.row_key
    group by staged.submission_id
),

usual as (
    select
        changes.submission_id,
        percentile_cont(0.5) within group (order by earlier.rows_total)::numeric as usual_rows
    from changes
    inner join ops.submission as earlier
        on
            changes.table_name = earlier.table_name
            and changes.unit_code = earlier.unit_code
            and earlier.report_date between changes.report_date - 60 and changes.report_date - 1
    where earlier.mode = 'D' and earlier.state in ('accepted', 'partly_accepted') and earlier.rows_total > 0
    group by changes.submission_id
    having count(*) >= 5
),

shares as (
    select
        changes.submission_id,
        changes.rows_total,
        changes.change_share_to_hold,
        changes.withdrawn_share_to_hold,
        coalesce(known.known_rows, 0) as known_rows,
        keys.new_rows,
        keys.withdrawn_rows,
        usual.usual_rows,
        case
            when known.known_rows >= changes.few_rows_not_judged and keys.new_rows >= changes.few_rows_not_judged
                then round(keys.new_rows::numeric / known.known_rows, 6)
        end as all_new_share,
        case
            when
                known.known_rows >= changes.few_rows_not_judged
                and keys.withdrawn_rows > changes.few_findings_not_judged
                then round(keys.withdrawn_rows::numeric / known.known_rows, 6)
        end as all_withdrawn_share,
        case
            when changes.rows_total >= changes.few_rows_not_judged
                then round(changes.rows_total / usual.usual_rows, 3)
        end as times_usual
    from changes
    inner join keys on changes.submission_id = keys.submission_id
    left join known on changes.table_name = known.table_name and changes.unit_code = known.unit_code
    left join usual on changes.submission_id = usual.submission_id
)

select
    submission_id,
    rows_total,
    known_rows,
    new_rows,
    withdrawn_rows,
    usual_rows,
    times_usual,
    all_new_share as new_share,
    all_withdrawn_share as withdrawn_share,
    -- what is held already is not asked about, too
    case when all_new_share <= change_share_to_hold then all_new_share end as new_some_share,
    case when all_withdrawn_share <= withdrawn_share_to_hold then all_withdrawn_share end as withdrawn_some_share
from shares

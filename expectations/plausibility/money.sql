-- One row per judged submission with money: how many times its amounts are those that the same keys have in force,
-- and its average amount a row that of its unit's rows in force (a new quarter has new keys).
with staged as (
    select * from {staged_rows} as staged_rows where staged_rows.yuan > 0
),

known as (
    select * from {known_rows} as known_rows where known_rows.yuan > 0
),

same_keys as (
    select
        staged.submission_id,
        count(*) as same_rows,
        sum(staged.yuan) as same_yuan_now,
        sum(known.yuan) as same_yuan_before
    from staged
    inner join known
        on staged.table_name = known.table_name and staged.unit_code = known.unit_code and staged.row_key = known.row_key
    group by staged.submission_id
),

now_rows as (
    select submission_id, table_name, unit_code, count(*) as rows_now, avg(yuan) as yuan_now
    from staged group by submission_id, table_name, unit_code
),

before_rows as (
    select table_name, unit_code, count(*) as rows_before, avg(yuan) as yuan_before
    from known group by table_name, unit_code
)

select
    now_rows.submission_id,
    coalesce(same_keys.same_rows, 0) as same_rows,
    now_rows.rows_now,
    round(now_rows.yuan_now, 2) as yuan_now,
    round(before_rows.yuan_before, 2) as yuan_before,
    case
        when same_keys.same_rows > {few_findings_not_judged}
            then round(same_keys.same_yuan_now / same_keys.same_yuan_before, 3)
    end as same_key_times,
    case
        when same_keys.same_rows <= {few_findings_not_judged}
            then round(same_keys.same_yuan_now / same_keys.same_yuan_before, 3)
    end as few_keys_times,
    case
        when now_rows.rows_now >= {few_rows_not_judged} and before_rows.rows_before >= {few_rows_not_judged}
            then round(now_rows.yuan_now / before_rows.yuan_before, 3)
    end as average_times
from now_rows
left join same_keys on now_rows.submission_id = same_keys.submission_id
left join before_rows
    on now_rows.table_name = before_rows.table_name and now_rows.unit_code = before_rows.unit_code

-- One row per judged submission with money: how many times its amounts are those that the same keys have in force, its
-- average amount a row that of its unit's rows in force (a new quarter has new keys), and, where the unit has no past,
-- its median that of the other units. `…_part`: the same upside down.
with staged as (
    select * from staged_rows where yuan > 0 and not is_withdrawn
),

known as (
    select * from known_rows where yuan > 0
),

same_keys as (
    select
        staged.submission_id,
        count(*) as same_rows,
        sum(staged.yuan) / sum(known.yuan) as times
    from staged
    inner join known
        on staged.table_name = known.table_name and staged.unit_code = known.unit_code and staged.row_key = known.row_key
    group by staged.submission_id
),

now_rows as (
    select
        submission_id,
        table_name,
        unit_code,
        count(*) as rows_now,
        avg(yuan) as yuan_now,
        percentile_cont(0.5) within group (order by yuan)::numeric as median_now
    from staged
    group by submission_id, table_name, unit_code
),

before_rows as (
    select
        table_name,
        unit_code,
        count(*) as rows_before,
        avg(yuan) as yuan_before
    from known
    group by table_name, unit_code
),

-- Of all units: what one unit without a past adds to it is less than a twentieth.
peers as (
    select
        table_name,
        percentile_cont(0.5) within group (order by yuan)::numeric as yuan_peers
    from known
    group by table_name
    having count(*) >= 1000
),

times as (
    select
        judged.submission_id,
        coalesce(same_keys.same_rows, 0) as same_rows,
        now_rows.rows_now,
        round(now_rows.yuan_now, 2) as yuan_now,
        round(before_rows.yuan_before, 2) as yuan_before,
        round(peers.yuan_peers, 2) as yuan_peers,
        case when same_keys.same_rows > judged.few_findings_not_judged then same_keys.times end as same_key_times,
        case when same_keys.same_rows <= judged.few_findings_not_judged then same_keys.times end as few_keys_times,
        case
            when
                now_rows.rows_now >= judged.few_rows_not_judged
                and before_rows.rows_before >= judged.few_rows_not_judged
                then now_rows.yuan_now / before_rows.yuan_before
        end as average_times,
        case
            when
                now_rows.rows_now >= judged.few_rows_not_judged
                and coalesce(before_rows.rows_before, 0) < judged.few_rows_not_judged
                then now_rows.median_now / peers.yuan_peers
        end as peers_times
    from judged
    inner join now_rows on judged.submission_id = now_rows.submission_id
    left join same_keys on judged.submission_id = same_keys.submission_id
    left join before_rows on judged.table_name = before_rows.table_name and judged.unit_code = before_rows.unit_code
    left join peers on judged.table_name = peers.table_name
)

select
    submission_id,
    same_rows,
    rows_now,
    yuan_now,
    yuan_before,
    yuan_peers,
    round(same_key_times, 6) as same_key_times,
    round(1 / same_key_times, 6) as same_key_part,
    round(few_keys_times, 6) as few_keys_times,
    round(1 / few_keys_times, 6) as few_keys_part,
    round(average_times, 6) as average_times,
    round(1 / average_times, 6) as average_part,
    round(peers_times, 6) as peers_times,
    round(1 / peers_times, 6) as peers_part
from times

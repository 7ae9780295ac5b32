-- One row per judged submission: the share of its rows whose person or number another unit has in force,
-- as the register found them.
select
    counted.submission_id,
    counted.rows_total,
    counted.claimed_rows,
    case
        when
            counted.rows_total >= counted.few_rows_not_judged
            and counted.claimed_rows > counted.few_findings_not_judged
            then round(counted.claimed_rows::numeric / counted.rows_total, 6)
    end as claimed_share
from (
    select
        judged.submission_id,
        judged.rows_total,
        judged.few_rows_not_judged,
        judged.few_findings_not_judged,
        count(distinct found.row_number) filter (
            where
            found.rule_id in (judged.table_name || '.claimed_elsewhere', judged.table_name || '.number_on_two_people')
        ) as claimed_rows
    from judged
    inner join ops.finding as found on judged.submission_id = found.submission_id
    group by
        judged.submission_id, judged.table_name, judged.rows_total,
        judged.few_rows_not_judged, judged.few_findings_not_judged
) as counted

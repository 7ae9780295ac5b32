-- One row per judged submission: the share of its rows whose parent (person, project) nobody has reported.
select
    counted.submission_id,
    counted.rows_total,
    counted.orphan_rows,
    case
        when
            counted.rows_total >= counted.few_rows_not_judged
            and counted.orphan_rows > counted.few_findings_not_judged
            then round(counted.orphan_rows::numeric / counted.rows_total, 6)
    end as orphan_share
from (
    select
        judged.submission_id,
        judged.rows_total,
        judged.few_rows_not_judged,
        judged.few_findings_not_judged,
        count(distinct found.row_number) as orphan_rows
    from judged
    inner join ops.finding as found on judged.submission_id = found.submission_id
    inner join orphan_rules on found.rule_id = orphan_rules.rule_id
    group by judged.submission_id, judged.rows_total, judged.few_rows_not_judged, judged.few_findings_not_judged
) as counted

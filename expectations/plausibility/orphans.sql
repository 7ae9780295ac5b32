-- One row per judged submission: the share of its rows whose parent (person, project) nobody has reported.
select
    counted.submission_id,
    counted.rows_total,
    counted.orphan_rows,
    case
        when counted.rows_total >= {few_rows_not_judged} and counted.orphan_rows > {few_findings_not_judged}
            then round(counted.orphan_rows::numeric / counted.rows_total, 6)
    end as orphan_share
from (
    select
        judged.submission_id,
        judged.rows_total,
        count(distinct found.row_number) filter (where found.rule_id = any({orphan_rules})) as orphan_rows
    from {judged} as judged
    inner join ops.finding as found on judged.submission_id = found.submission_id
    group by judged.submission_id, judged.rows_total
) as counted

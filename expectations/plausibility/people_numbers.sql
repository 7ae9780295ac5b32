-- One row per judged submission: the shares of its rows whose sex, birth date or name don't fit the document number,
-- as the reader and the register found them. Null for small files and for a few rows, which a share can't judge.
select
    counted.submission_id,
    counted.rows_total,
    counted.sex_rows,
    counted.birth_rows,
    counted.name_rows,
    case when counted.is_many and counted.sex_rows > {few_findings_not_judged}
        then round(counted.sex_rows::numeric / counted.rows_total, 6) end as sex_share,
    case when counted.is_many and counted.birth_rows > {few_findings_not_judged}
        then round(counted.birth_rows::numeric / counted.rows_total, 6) end as birth_share,
    case when counted.is_many and counted.name_rows > {few_findings_not_judged}
        then round(counted.name_rows::numeric / counted.rows_total, 6) end as name_share
from (
    select
        judged.submission_id,
        judged.rows_total,
        judged.rows_total >= {few_rows_not_judged} as is_many,
        count(distinct found.row_number) filter (where found.rule_id = judged.table_name || '.sex.number') as sex_rows,
        count(distinct found.row_number) filter (where found.rule_id = judged.table_name || '.birth_date.number') as birth_rows,
        count(distinct found.row_number) filter (where found.rule_id = judged.table_name || '.name_differs') as name_rows
    from {judged} as judged
    inner join ops.finding as found on judged.submission_id = found.submission_id
    group by judged.submission_id, judged.table_name, judged.rows_total
) as counted

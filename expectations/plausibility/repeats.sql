-- One row per judged submission: its rows, if all of them say what an earlier file of another day or unit said,
-- as the register found it.
select
    judged.submission_id,
    judged.rows_total,
    case when judged.rows_total >= {few_rows_not_judged} and found.submission_id is not null then judged.rows_total end
        as repeated_rows
from {judged} as judged
left join (
    select distinct submission_id from ops.finding
    where rule_id in ('file.same_as_earlier', 'file.same_as_other_unit')
) as found on judged.submission_id = found.submission_id

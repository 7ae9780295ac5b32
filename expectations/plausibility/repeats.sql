-- One row per judged submission: 1 if all of its rows say what an earlier file of another day or unit said,
-- as the register found it.
select
    judged.submission_id,
    judged.rows_total,
    (judged.rows_total >= judged.few_rows_not_judged and found.submission_id is not null)::integer as repeated_files
from judged
left join (
    select distinct submission_id from ops.finding
    where rule_id in ('file.same_as_earlier', 'file.same_as_other_unit')
) as found on judged.submission_id = found.submission_id

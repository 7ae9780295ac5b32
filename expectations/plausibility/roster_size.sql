-- One row per judged full roster: its rows beside what its unit has in force. Null where there is too little past.
select
    judged.submission_id,
    judged.rows_total as rows_now,
    coalesce(known.rows_before, 0) as rows_before,
    case
        when known.rows_before >= {few_rows_not_judged}
            then round(1 - judged.rows_total::numeric / known.rows_before, 6)
    end as fall_share
from {judged} as judged
left join (
    select table_name, unit_code, count(*) as rows_before from {known_rows} as known_rows group by table_name, unit_code
) as known on judged.table_name = known.table_name and judged.unit_code = known.unit_code
where judged.mode = 'S'

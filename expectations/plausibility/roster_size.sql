-- One row per judged full roster: its rows beside what its unit has in force, and the keys in force that it lacks
-- (the register's count, which knows what was accepted since the last build; of an old roster, which the register
-- doesn't compare, what was built). Null where there is too little past. `…_beyond` is how far the share is above the limit,
-- the table's own (parameter roster_fall_share_to_hold.<table>) before that of all tables.
select
    shares.*,
    shares.fall_share - shares.share_to_hold as fall_beyond,
    -- a fall that holds already needs no second reason
    case
        when shares.fall_share is null or shares.fall_share < shares.share_to_hold
            then shares.gone_share - shares.share_to_hold
    end as gone_beyond
from (
    select
        judged.submission_id,
        judged.rows_total as rows_now,
        coalesce(change.rows_before, known.rows_before, 0) as rows_before,
        coalesce(change.rows_gone, 0) as rows_gone,
        coalesce(own_limit.value, {roster_fall_share_to_hold}) as share_to_hold,
        case
            when coalesce(change.rows_before, known.rows_before) >= {few_rows_not_judged}
                then round(1 - judged.rows_total::numeric / coalesce(change.rows_before, known.rows_before), 6)
        end as fall_share,
        case
            when change.rows_before >= {few_rows_not_judged}
                then round(change.rows_gone::numeric / change.rows_before, 6)
        end as gone_share
    from {judged} as judged
    left join ops.roster_change as change on judged.submission_id = change.submission_id
    left join reference.parameter as own_limit
        on own_limit.parameter_name = 'roster_fall_share_to_hold.' || judged.table_name and own_limit.area_code = '330000'
    left join (
        select table_name, unit_code, count(*) as rows_before from {known_rows} as known_rows group by table_name, unit_code
    ) as known on judged.table_name = known.table_name and judged.unit_code = known.unit_code
    where judged.mode = 'S'
) as shares

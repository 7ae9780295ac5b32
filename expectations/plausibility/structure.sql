-- One row per judged full roster: the column of codes that is spread most otherwise than in what its unit has in force
-- or, where that is too little, in what all units have whose rosters are judged beside it.
with now_cells as (
    select
        staged_cells.submission_id,
        staged_cells.column_title,
        staged_cells.value,
        count(*) as cells
    from staged_cells
    inner join judged on staged_cells.submission_id = judged.submission_id
    where
        judged.mode = 'S' and judged.rows_total >= judged.structure_rows_not_judged
        and staged_cells.kind = 'code' and staged_cells.value is not null
    group by staged_cells.submission_id, staged_cells.column_title, staged_cells.value
),

before_cells as (
    select
        table_name,
        unit_code,
        column_title,
        value,
        count(*) as cells
    from known_cells
    where kind = 'code' and value is not null
    group by table_name, unit_code, column_title, value
),

peer_cells as (
    select
        table_name,
        column_title,
        value,
        sum(cells) as cells
    from before_cells
    group by table_name, column_title, value
),

-- Each roster's columns beside both, as shares of the column's cells.
shares as (
    select
        submission_id,
        column_title,
        value,
        'now' as side,
        cells / sum(cells) over (partition by submission_id, column_title) as share,
        sum(cells) over (partition by submission_id, column_title) as column_cells
    from now_cells
    union all
    select
        judged.submission_id,
        before_cells.column_title,
        before_cells.value,
        'own' as side,
        before_cells.cells
        / sum(before_cells.cells) over (partition by judged.submission_id, before_cells.column_title) as share,
        sum(before_cells.cells) over (partition by judged.submission_id, before_cells.column_title) as column_cells
    from judged
    inner join before_cells on judged.table_name = before_cells.table_name and judged.unit_code = before_cells.unit_code
    where judged.mode = 'S'
    union all
    select
        judged.submission_id,
        peer_cells.column_title,
        peer_cells.value,
        'peers' as side,
        peer_cells.cells / sum(peer_cells.cells) over (partition by judged.submission_id, peer_cells.column_title) as share,
        sum(peer_cells.cells) over (partition by judged.submission_id, peer_cells.column_title) as column_cells
    from judged
    inner join peer_cells on judged.table_name = peer_cells.table_name
    where judged.mode = 'S'
),

by_value as (
    select
        submission_id,
        column_title,
        value,
        coalesce(max(share) filter (where side = 'now'), 0) as share_now,
        coalesce(max(share) filter (where side = 'own'), 0) as share_own,
        coalesce(max(share) filter (where side = 'peers'), 0) as share_peers,
        coalesce(max(column_cells) filter (where side = 'now'), 0) as cells_now,
        coalesce(max(column_cells) filter (where side = 'own'), 0) as cells_own,
        coalesce(max(column_cells) filter (where side = 'peers'), 0) as cells_peers
    from shares
    group by submission_id, column_title, value
),

by_column as (
    select
        submission_id,
        column_title,
        max(cells_now) as cells_now,
        max(cells_own) as cells_own,
        max(cells_peers) as cells_peers,
        sum(abs(share_now - share_own)) / 2 as own_distance,
        sum(abs(share_now - share_peers)) / 2 as all_peers_distance
    from by_value
    group by submission_id, column_title
),

compared as (
    select
        judged.submission_id,
        by_column.column_title,
        judged.structure_distance_to_hold,
        case
            when by_column.cells_own >= judged.structure_rows_not_judged then round(by_column.own_distance, 6)
        end as distance,
        case
            when by_column.cells_own < judged.structure_rows_not_judged
                -- a province of a few rows is no measure
                and by_column.cells_peers >= 20 * judged.structure_rows_not_judged
                then round(by_column.all_peers_distance, 6)
        end as peers_distance
    from by_column
    inner join judged on by_column.submission_id = judged.submission_id
    where by_column.cells_now >= judged.structure_rows_not_judged
)

select distinct on (submission_id)
    submission_id,
    column_title,
    distance,
    peers_distance,
    -- what is held already is not asked about, too
    case when distance <= structure_distance_to_hold then distance end as some_distance
from compared
order by submission_id, distance desc nulls last, peers_distance desc nulls last, column_title

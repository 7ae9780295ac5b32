-- One row per table of the candidate: its rows beside the published ones, its key, and of which publication it is.
select
    tables.table_name,
    tables.domain,
    tables.rows_now,
    tables.rows_before,
    case when tables.rows_before > 0 and tables.rows_now = 0 then 1 else 0 end as is_lost,
    case when tables.is_keyed then 1 else 0 end as has_key,
    case when coalesce(tables.publication_id, {publication_id}) = {publication_id} then 1 else 0 end as is_of_this_build
from {tables} as tables

select
    publication_id,
    as_of_date,
    state,
    is_readable
from {{ source('ledger', 'publication_status') }}

select
    submission_id,
    unit_code,
    table_name,
    report_date,
    state,
    reason,
    rows_total,
    rows_accepted,
    rows_refused,
    received_at,
    accepted_at,
    due_at,
    is_late
from {{ source('ledger', 'submission_status') }}

select
    unit_code,
    table_name,
    table_title,
    mode,
    report_day,
    period,
    due_at,
    came_at
from {{ source('ledger', 'report_due_status') }}

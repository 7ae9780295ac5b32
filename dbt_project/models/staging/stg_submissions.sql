select * from {{ source('ledger', 'accepted_submission') }}

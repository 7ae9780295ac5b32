with

reporting as (
    select * from {{ ref('core_reporting') }}
),

submissions as (
    select
        {{ publication_id() }} as publication_id,
        reporting.unit_code,
        reporting.unit_name,
        reporting.member_code as area_code,
        reporting.member_code as reported_code,
        reporting.table_name,
        reporting.table_title,
        last_submissions.state as last_state,
        last_submissions.report_date as last_report_date,
        last_submissions.received_at as last_received_at,
        coalesce(last_submissions.is_late, false) as is_late,
        last_submissions.rows_total,
        last_submissions.rows_accepted,
        last_submissions.rows_refused,
        reporting.is_reported,
        reporting.last_accepted_report_date,
        {{ as_of() }} - reporting.last_accepted_report_date as age_days,
        reporting.is_carried_forward,
        {{ as_of() }} as as_of_date
    from reporting
    -- One at a time, by an index: all that ever came would be sorted otherwise.
    left join lateral (
        select states.* from {{ ref('stg_submission_states') }} as states
        where states.unit_code = reporting.unit_code and states.table_name = reporting.table_name
        order by states.received_at desc, states.submission_id desc
        limit 1
    ) as last_submissions on true
)

select * from submissions

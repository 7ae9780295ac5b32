with

reporting as (
    select * from {{ ref('core_reporting') }}
),

last_submissions as (
    select distinct on (unit_code, table_name) *
    from {{ ref('stg_submission_states') }}
    where table_name is not null
    order by unit_code asc, table_name asc, received_at desc, submission_id desc
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
    left join last_submissions
        on
            reporting.unit_code = last_submissions.unit_code
            and reporting.table_name = last_submissions.table_name
)

select * from submissions

with

events as (
    select * from {{ ref('fct_events') }}
    where is_in_force
),

in_force as (
    select
        publication_id,
        event_no,
        area_code,
        reported_code,
        unit_code,
        submission_id,
        row_number,
        event_type,
        kind,
        title,
        event_date,
        valid_to,
        level,
        organiser,
        department,
        service_domain,
        amount_yuan,
        document_no,
        effective_from
    from events
)

select * from in_force

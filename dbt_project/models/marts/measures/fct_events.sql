with

-- What an office entered of a later day hasn't happened yet.
events as (
    select
        *,
        {{ kind_of('event_type', 'event_type') }} as kind
    from {{ ref('at_event') }}
    where event_date <= {{ as_of() }}
),

all_events as (
    select
        {{ publication_id() }} as publication_id,
        events.event_no,
        {{ place_and_source('events') }},
        events.event_type,
        events.kind,
        events.title,
        events.event_date,
        extract(year from events.event_date)::integer as year,
        events.valid_to,
        events.level,
        events.organiser,
        events.organiser_id,
        events.department,
        events.domain as service_domain,
        events.participants,
        events.quantity,
        events.amount_yuan,
        events.document_no,
        events.result,
        coalesce(events.kind in ('文', '状') and coalesce(events.valid_to >= {{ as_of() }}, true), false) as is_in_force,
        events.effective_from
    from events
)

select * from all_events

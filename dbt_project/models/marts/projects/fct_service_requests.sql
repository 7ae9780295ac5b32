with

-- In the fields where a day would lead to a person only the month is known: days aren't counted, nor shown.
requests as (
    select
        *,
        domain in {{ codes_of_kind('service_domain', '只报乡镇和月') }} as is_by_month
    from {{ ref('at_service_request') }}
    where requested_date <= {{ as_of() }}
),

townships as (
    select * from {{ ref('core_township_places') }}
),

judged as (
    select
        requests.*,
        coalesce(townships.today_code, requests.township_code) as today_township_code,
        coalesce(requests.outcome <> '4', true) as is_counted,
        coalesce(requests.matched_date <= {{ as_of() }} and coalesce(requests.outcome <> '3', true), false) as was_matched,
        coalesce(requests.outcome = '2', false) as was_referred
    from requests
    left join townships on requests.township_code = townships.township_code
),

service_requests as (
    select
        {{ publication_id() }} as publication_id,
        judged.request_no,
        {{ place_and_source('judged') }},
        judged.township_code,
        judged.today_township_code,
        case when not judged.is_by_month then judged.community_code end as community_code,
        judged.domain,
        judged.function,
        judged.client_group,
        judged.channel,
        case
            when judged.is_by_month then date_trunc('month', judged.requested_date)::date else judged.requested_date
        end as requested_date,
        extract(year from judged.requested_date)::integer as year,
        judged.matched_id,
        case
            when judged.is_by_month then date_trunc('month', judged.matched_date)::date else judged.matched_date
        end as matched_date,
        case
            when judged.is_by_month then date_trunc('month', judged.closed_date)::date else judged.closed_date
        end as closed_date,
        judged.outcome,
        judged.satisfaction_grade,
        judged.is_by_month,
        judged.is_counted,
        judged.is_counted and judged.was_matched as is_matched,
        judged.is_counted and judged.was_referred and not judged.was_matched as is_referred,
        judged.is_counted and not judged.was_matched and not judged.was_referred as is_unmet,
        case
            when judged.is_counted and judged.was_matched and not judged.is_by_month
                then judged.matched_date - judged.requested_date
        end as days_to_match,
        judged.effective_from
    from judged
)

select * from service_requests

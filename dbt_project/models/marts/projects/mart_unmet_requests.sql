with

unmet as (
    select * from {{ ref('fct_service_requests') }}
    where is_unmet
),

asked as (
    select distinct
        unmet.area_code,
        areas.city_code,
        unmet.today_township_code,
        unmet.domain
    from unmet
    inner join {{ ref('core_areas') }} as areas on unmet.area_code = areas.area_code
),

-- Each agency of a field, at every place around it: its township, its county, its city, the province.
reached as (
    select
        agencies.domain,
        places.distance,
        places.place_code,
        agencies.agency_id,
        min(agencies.agency_name) as agency_name
    from {{ ref('field_agencies') }} as agencies
    cross join
        lateral (
            values (1, agencies.township_code), (2, agencies.area_code), (3, agencies.city_code), (4, '')
        ) as places (distance, place_code)
    where places.place_code is not null
    group by agencies.domain, places.distance, places.place_code, agencies.agency_id
),

ranked as (
    select
        *,
        row_number() over (partition by domain, distance, place_code order by agency_name, agency_id) as place
    from reached
),

served as (
    select
        domain,
        distance,
        place_code,
        count(*)::integer as agency_count,
        string_agg(agency_name, '、' order by place) filter (where place <= 5) as agency_names
    from ranked
    group by domain, distance, place_code
),

nearest as (
    select distinct on (asked.area_code, asked.today_township_code, asked.domain)
        asked.area_code,
        asked.today_township_code,
        asked.domain,
        case served.distance when 1 then 'township' when 2 then 'county' when 3 then 'city' else 'province' end as nearest_level,
        served.agency_count,
        served.agency_names
    from asked
    cross join
        lateral (
            values (1, asked.today_township_code), (2, asked.area_code), (3, asked.city_code), (4, '')
        ) as places (distance, place_code)
    inner join served
        on asked.domain = served.domain and places.distance = served.distance and places.place_code = served.place_code
    order by asked.area_code, asked.today_township_code, asked.domain, served.distance
),

unmet_requests as (
    select
        {{ publication_id() }} as publication_id,
        unmet.request_no,
        unmet.area_code,
        unmet.reported_code,
        unmet.unit_code,
        unmet.submission_id,
        unmet.row_number,
        unmet.today_township_code as township_code,
        unmet.community_code,
        unmet.domain,
        unmet.function,
        unmet.channel,
        unmet.requested_date,
        case when not unmet.is_by_month then {{ as_of() }} - unmet.requested_date end as days_waiting,
        unmet.outcome,
        coalesce(nearest.nearest_level, 'none') as nearest_level,
        coalesce(nearest.agency_count, 0) as agency_count,
        nearest.agency_names
    from unmet
    left join nearest
        on
            unmet.area_code = nearest.area_code and unmet.today_township_code = nearest.today_township_code
            and unmet.domain = nearest.domain
)

select * from unmet_requests

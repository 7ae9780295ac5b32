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

-- Of each agency of the field its nearest way: the township itself, its county, its city, elsewhere in the province.
ways as (
    select
        asked.area_code,
        asked.today_township_code,
        asked.domain,
        agencies.agency_id,
        min(agencies.agency_name) as agency_name,
        min(
            case
                when asked.today_township_code = agencies.township_code then 1
                when asked.area_code = agencies.area_code then 2
                when asked.city_code = agencies.city_code then 3
                else 4
            end
        ) as distance
    from asked
    inner join {{ ref('field_agencies') }} as agencies on asked.domain = agencies.domain
    group by asked.area_code, asked.today_township_code, asked.domain, agencies.agency_id
),

ranked as (
    select
        *,
        rank() over (partition by area_code, today_township_code, domain order by distance) as distance_rank,
        row_number() over (
            partition by area_code, today_township_code, domain order by distance, agency_name, agency_id
        ) as place
    from ways
),

nearest as (
    select
        area_code,
        today_township_code,
        domain,
        case min(distance) when 1 then 'township' when 2 then 'county' when 3 then 'city' else 'province' end as nearest_level,
        count(*)::integer as agency_count,
        string_agg(agency_name, '、' order by place) filter (where place <= 5) as agency_names
    from ranked
    where distance_rank = 1
    group by area_code, today_township_code, domain
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

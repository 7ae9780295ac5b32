with

requests as (
    select * from {{ ref('fct_service_requests') }}
    where is_counted
),

areas as (
    select * from {{ ref('core_areas') }}
),

agencies as (
    select * from {{ ref('field_agencies') }}
),

places as (
    select * from {{ ref('core_township_places') }}
),

demand as (
    select
        requests.area_code,
        areas.city_code,
        requests.today_township_code as township_code,
        coalesce(requests.community_code, '') as community_code,
        requests.domain,
        count(*)::integer as request_count,
        (count(*) filter (where requests.is_matched))::integer as matched_count,
        (count(*) filter (where requests.is_referred))::integer as referred_count,
        (count(*) filter (where requests.is_unmet))::integer as unmet_count,
        (percentile_cont(0.5) within group (order by requests.days_to_match::float8))::numeric as median_days_to_match
    from requests
    inner join areas on requests.area_code = areas.area_code
    group by
        requests.area_code, areas.city_code, requests.today_township_code, coalesce(requests.community_code, ''),
        requests.domain
),

-- An agency of two ways into a place is one agency there.
of_townships as (
    select
        township_code,
        domain,
        count(distinct agency_id)::integer as agency_count
    from agencies
    where township_code is not null
    group by township_code, domain
),

of_areas as (
    select
        area_code,
        domain,
        count(distinct agency_id)::integer as agency_count
    from agencies
    group by area_code, domain
),

of_cities as (
    select
        city_code,
        domain,
        count(distinct agency_id)::integer as agency_count
    from agencies
    where city_code is not null
    group by city_code, domain
),

certified as (
    select
        talent.area_code,
        areas.city_code,
        places.today_code as township_code,
        talent.service_domain as domain
    from {{ ref('fct_talent') }} as talent
    inner join areas on talent.area_code = areas.area_code
    left join places on left(talent.community_code, 9) = places.township_code
    where talent.is_holder_in_post and talent.service_domain is not null
),

people_of_townships as (
    select
        township_code,
        domain,
        count(*)::integer as people
    from certified
    group by township_code, domain
),

people_of_areas as (
    select
        area_code,
        domain,
        count(*)::integer as people
    from certified
    group by area_code, domain
),

people_of_cities as (
    select
        city_code,
        domain,
        count(*)::integer as people
    from certified
    group by city_code, domain
),

supply as (
    select
        {{ publication_id() }} as publication_id,
        demand.area_code,
        demand.township_code,
        demand.community_code,
        demand.domain,
        demand.request_count,
        demand.matched_count,
        demand.referred_count,
        demand.unmet_count,
        demand.matched_count::numeric / demand.request_count as matched_share,
        demand.median_days_to_match,
        coalesce(of_townships.agency_count, 0) as township_agencies,
        coalesce(of_areas.agency_count, 0) as county_agencies,
        coalesce(of_cities.agency_count, 0) as city_agencies,
        coalesce(people_of_townships.people, 0) as township_certified,
        coalesce(people_of_areas.people, 0) as county_certified,
        coalesce(people_of_cities.people, 0) as city_certified,
        case
            when of_townships.agency_count > 0 then 'township'
            when of_areas.agency_count > 0 then 'county'
            when of_cities.agency_count > 0 then 'city'
            else 'none'
        end as nearest_level
    from demand
    left join of_townships on demand.township_code = of_townships.township_code and demand.domain = of_townships.domain
    left join of_areas on demand.area_code = of_areas.area_code and demand.domain = of_areas.domain
    left join of_cities on demand.city_code = of_cities.city_code and demand.domain = of_cities.domain
    left join people_of_townships
        on demand.township_code = people_of_townships.township_code and demand.domain = people_of_townships.domain
    left join people_of_areas on demand.area_code = people_of_areas.area_code and demand.domain = people_of_areas.domain
    left join people_of_cities on demand.city_code = people_of_cities.city_code and demand.domain = people_of_cities.domain
)

select * from supply

with

supply as (
    select * from {{ ref('mart_field_supply') }}
),

cities as (
    select
        city_code,
        domain,
        (count(distinct agency_id))::integer as agency_count
    from {{ ref('field_agencies') }}
    group by city_code, domain
),

unserved as (
    select
        {{ publication_id() }} as publication_id,
        supply.area_code,
        supply.area_name,
        supply.domain,
        supply.request_count,
        supply.unmet_count,
        supply.practitioner_count,
        supply.certified_count,
        coalesce(cities.agency_count, 0) as city_agency_count
    from supply
    left join cities on supply.city_code = cities.city_code and supply.domain = cities.domain
    where supply.area_level = 'county' and not supply.is_served
)

select * from unserved

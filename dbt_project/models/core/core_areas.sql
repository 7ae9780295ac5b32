with

areas as (
    select * from {{ source('reference', 'area') }}
    where is_current
),

units as (
    select * from {{ source('reference', 'unit') }}
    where
        county_code is null
        and valid_from <= {{ as_of() }}
        and coalesce(valid_to, {{ as_of() }}) >= {{ as_of() }}
),

province as (
    select area_code from areas
    where area_level = 'province'
),

places as (
    select
        areas.area_code,
        areas.area_name,
        areas.area_level,
        case areas.area_level when 'county' then areas.city_code when 'city' then province.area_code end as parent_code,
        areas.county_type,
        areas.city_code,
        areas.city_name,
        areas.population_2020,
        areas.urban_communities,
        areas.rural_communities,
        areas.other_communities,
        areas.valid_from
    from areas
    cross join province
),

units_beside as (
    select
        unit_code as area_code,
        unit_name as area_name,
        'unit' as area_level,
        coalesce(city_code, province_code) as parent_code,
        null as county_type,
        city_code,
        null as city_name,
        null::integer as population_2020,
        null::integer as urban_communities,
        null::integer as rural_communities,
        null::integer as other_communities,
        valid_from
    from units
),

all_areas as (
    select * from places
    union all
    select * from units_beside
)

select * from all_areas

with

areas as (
    select * from {{ ref('core_areas') }}
),

members as (
    select * from {{ ref('core_area_members') }}
),

included as (
    select
        members.area_code,
        count(*) filter (where areas.area_level = 'county')::integer as county_count,
        string_agg(areas.area_name, '、' order by areas.area_code) filter (where areas.area_level = 'unit') as units_included
    from members
    inner join areas on members.member_code = areas.area_code
    where members.basis = 'today'
    group by members.area_code
),

all_areas as (
    select
        {{ publication_id() }} as publication_id,
        areas.area_code,
        areas.area_name,
        areas.area_level,
        areas.parent_code,
        areas.county_type,
        areas.city_code,
        areas.city_name,
        areas.population_2020,
        areas.urban_communities as urban_communities_2023,
        areas.rural_communities as rural_communities_2023,
        areas.other_communities as other_communities_2023,
        included.county_count,
        included.units_included,
        areas.valid_from
    from areas
    inner join included on areas.area_code = included.area_code
)

select * from all_areas

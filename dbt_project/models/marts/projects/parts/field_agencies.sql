with

agencies as (
    select * from {{ ref('dim_agencies') }}
    where is_active
),

townships as (
    select * from {{ ref('core_township_places') }}
),

-- No coordinates of an agency are known: where it serves is its county, and the township that bought a running project of it.
serving as (
    select
        uscc as agency_id,
        unnest(string_to_array(main_domains, ',')) as domain,
        area_code,
        null as township_code
    from agencies
    union
    select
        projects.provider_id as agency_id,
        projects.domain,
        projects.area_code,
        townships.today_code as township_code
    from {{ ref('fct_projects') }} as projects
    left join townships on projects.purchaser_township_code = townships.township_code
    where projects.is_running and projects.provider_id is not null
),

field_agencies as (
    select
        serving.agency_id,
        coalesce(agencies.agency_name, serving.agency_id) as agency_name,
        serving.domain,
        serving.area_code,
        areas.city_code,
        serving.township_code
    from serving
    inner join {{ ref('core_areas') }} as areas on serving.area_code = areas.area_code
    left join agencies on serving.agency_id = agencies.uscc
)

select * from field_agencies

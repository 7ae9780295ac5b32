with recursive

areas as (
    select
        area_code,
        parent_code
    from {{ ref('core_areas') }}
),

units as (
    select * from {{ source('reference', 'unit') }}
),

-- Cities and the province are members too: people who work at a city's own level count there and above.
members as (
    select
        area_code,
        area_code as member_code,
        parent_code
    from areas
    union all
    select
        areas.area_code,
        members.member_code,
        areas.parent_code
    from members
    inner join areas on members.parent_code = areas.area_code
),

-- As reported: every code that ever was, under the city that it had.
reported as (
    select distinct
        area_code,
        case area_level when 'county' then city_code end as city_code
    from {{ source('reference', 'area') }}
    union
    select
        unit_code as area_code,
        city_code
    from units
    where county_code is null
),

province as (
    select area_code from areas
    where parent_code is null
),

reported_members as (
    select
        area_code,
        area_code as member_code
    from reported
    union
    select
        city_code as area_code,
        area_code as member_code
    from reported
    where city_code is not null
    union
    select
        province.area_code,
        reported.area_code as member_code
    from reported
    cross join province
),

area_members as (
    select
        'today' as basis,
        area_code,
        member_code
    from members
    union all
    select
        'reported' as basis,
        area_code,
        member_code
    from reported_members
)

select * from area_members

with recursive

areas as (
    select
        area_code,
        parent_code
    from {{ ref('core_areas') }}
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

area_members as (
    select
        area_code,
        member_code
    from members
)

select * from area_members

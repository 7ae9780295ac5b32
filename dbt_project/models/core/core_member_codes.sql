with

areas as (
    select area_code from {{ ref('core_areas') }}
),

units as (
    select * from {{ source('reference', 'unit') }}
),

former as (
    select * from {{ source('reference', 'area') }}
    where not is_current
),

own as (
    select
        area_code as code,
        area_code as member_code
    from areas
),

-- A unit of a county counts in that county.
units_within as (
    select
        units.unit_code as code,
        units.county_code as member_code
    from units
    inner join areas on units.county_code = areas.area_code
    where units.unit_code not in (select own.code from own)
),

renamed as (
    select
        former.area_code as code,
        min(former.successor_codes[1]) as member_code
    from former
    where
        cardinality(former.successor_codes) = 1
        and former.successor_codes[1] in (select own.code from own)
        and former.area_code not in (select own.code from own)
    group by former.area_code
    having count(distinct former.successor_codes[1]) = 1
),

member_codes as (
    select * from own
    union all
    select * from units_within
    union all
    select * from renamed
)

select * from member_codes

with

areas as (
    select * from {{ source('reference', 'area') }}
),

units as (
    select * from {{ source('reference', 'unit') }}
),

todays as (
    select area_code from areas
    where is_current
),

-- A code said before the first boundary that we know of, or after its area closed, is read by the nearest one.
periods as (
    select
        areas.*,
        case
            when row_number() over in_time = 1 then date '0001-01-01' else areas.valid_from
        end as said_from,
        coalesce(lead(areas.valid_from) over in_time, date '9999-12-31') as said_until
    from areas
    window in_time as (partition by areas.area_code order by areas.valid_from)
),

-- What became several areas can't be told apart by its code: it counts in the city until it is reported anew.
area_codes as (
    select
        periods.area_code as code,
        periods.said_from,
        periods.said_until,
        case
            when periods.is_current then periods.area_code
            when cardinality(periods.successor_codes) = 1 then coalesce(todays.area_code, periods.city_code)
            else periods.city_code
        end as area_code,
        periods.area_code as reported_code,
        not periods.is_current and (cardinality(periods.successor_codes) <> 1 or todays.area_code is null) as is_split
    from periods
    left join todays on periods.successor_codes[1] = todays.area_code
),

-- A unit of a county counts in that county; one of no county in the totals that include it, as itself while it is there.
unit_codes as (
    select
        units.unit_code as code,
        coalesce(county.said_from, date '0001-01-01') as said_from,
        coalesce(county.said_until, date '9999-12-31') as said_until,
        case
            when units.county_code is not null then county.area_code
            when {{ as_of() }} between units.valid_from and coalesce(units.valid_to, {{ as_of() }}) then units.unit_code
            else coalesce(units.city_code, units.province_code)
        end as area_code,
        coalesce(county.reported_code, units.unit_code) as reported_code,
        coalesce(county.is_split, false) as is_split
    from units
    left join area_codes as county on units.county_code = county.code
    where units.unit_code not in (select area_codes.code from area_codes)
),

member_codes as (
    select * from area_codes
    union all
    select * from unit_codes
)

select * from member_codes

with

reporting as (
    select * from {{ ref('core_reporting') }}
),

needs as (
    select
        measure_id,
        unnest(tables) as table_name,
        cardinality(tables) as table_count
    from {{ source('reference', 'measure') }}
),

-- A unit has reported a measure when it has reported every table that the measure is made of.
units as (
    select
        needs.measure_id,
        reporting.member_code,
        reporting.unit_code,
        bool_and(reporting.is_reported) as is_reported,
        bool_or(reporting.is_carried_forward) as is_carried_forward,
        min(reporting.last_accepted_report_date) as oldest_report_date
    from needs
    inner join reporting on needs.table_name = reporting.table_name
    group by needs.measure_id, needs.table_count, reporting.member_code, reporting.unit_code
    having count(*) = needs.table_count
),

by_area as (
    select
        units.measure_id,
        members.area_code,
        count(*)::integer as expected_units,
        (count(*) filter (where units.is_reported))::integer as reported_units,
        bool_or(units.is_carried_forward) as is_carried_forward,
        min(units.oldest_report_date) as oldest_report_date
    from units
    inner join {{ ref('core_area_members') }} as members
        on units.member_code = members.member_code and members.basis = 'today'
    group by units.measure_id, members.area_code
)

select * from by_area

with

schools as (
    select * from {{ source('reference', 'party_school') }}
    where valid_from <= {{ as_of() }} and coalesce(valid_to, {{ as_of() }}) >= {{ as_of() }}
),

places as (
    select * from {{ ref('core_member_codes') }}
    where {{ as_of() }} >= said_from and {{ as_of() }} < said_until
),

province as (
    select area_code from {{ ref('core_areas') }}
    where parent_code is null
),

courses as (
    select
        *,
        extract(year from event_date)::integer as year
    from {{ ref('at_event') }}
    where event_type in ('0306', '0307') and event_date <= {{ as_of() }}
),

held as (
    select
        organiser_id,
        year,
        (count(*) filter (where event_type = '0306'))::integer as courses,
        (count(*) filter (where event_type = '0307'))::integer as seminars,
        (array_agg(_unit_code order by event_date, event_no))[1] as unit_code,
        (array_agg(_submission_id order by event_date, event_no))[1] as submission_id,
        (array_agg(_row_number order by event_date, event_no))[1] as row_number
    from courses
    group by organiser_id, year
),

-- Every year from the first course on, with the schools that held none.
spans as (
    select
        coalesce(min(year), extract(year from {{ as_of() }})::integer) as first_year,
        extract(year from {{ as_of() }})::integer as last_year
    from courses
),

years as (
    select generate_series(first_year, last_year) as year from spans
),

school_years as (
    select
        {{ publication_id() }} as publication_id,
        schools.school_id,
        years.year,
        schools.school_name,
        -- A code that nobody knows counts in the province's total alone.
        coalesce(places.area_code, province.area_code) as area_code,
        coalesce(places.reported_code, province.area_code) as reported_code,
        held.unit_code,
        held.submission_id,
        held.row_number,
        coalesce(held.courses, 0) as courses,
        coalesce(held.seminars, 0) as seminars,
        held.organiser_id is not null as has_course
    from schools
    cross join years
    cross join province
    left join places on schools.area_code = places.code
    left join held on schools.school_id = held.organiser_id and years.year = held.year
)

select * from school_years

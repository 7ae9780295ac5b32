with

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

orgs as (
    select
        members.area_code,
        count(*)::integer as org_count,
        (count(*) filter (where orgs.has_professional))::integer as professional_org_count,
        sum(orgs.professionals)::integer as professionals,
        sum(orgs.volunteers)::bigint as volunteers,
        sum(orgs.hours_ytd) as hours_ytd
    from {{ ref('fct_volunteer_orgs') }} as orgs
    inner join members on orgs.area_code = members.member_code
    group by members.area_code
),

-- The last year that agencies told of, one for the whole province.
last_year as (
    select max(year) as year
    from {{ ref('fct_agency_years') }}
    where not is_orphan
),

agency_years as (
    select
        members.area_code,
        (count(*) filter (where years.is_using_volunteers))::integer as using_agency_count,
        sum(years.counted_volunteers)::bigint as agency_volunteers,
        sum(years.counted_volunteer_hours) as agency_volunteer_hours
    from {{ ref('fct_agency_years') }} as years
    inner join last_year on years.year = last_year.year
    inner join members on years.area_code = members.member_code
    group by members.area_code
),

people as (
    select
        members.area_code,
        (count(*) filter (where talent.is_holder_in_post))::integer as certified_count
    from {{ ref('fct_talent') }} as talent
    inner join members on talent.area_code = members.member_code
    group by members.area_code
),

-- A county's own paper; for a city or the province the counties that have one.
events as (
    select
        members.area_code,
        (count(distinct events.area_code) filter (where events.event_type = '1201'))::integer as mechanism_units,
        (count(distinct events.area_code) filter (where events.event_type = '1202'))::integer as platform_units
    from {{ ref('mart_events_in_force') }} as events
    inner join members on events.area_code = members.member_code
    where events.event_type in ('1201', '1202')
    group by members.area_code
),

volunteers as (
    select
        {{ publication_id() }} as publication_id,
        areas.area_code,
        areas.area_name,
        areas.area_level,
        coalesce(orgs.org_count, 0) as org_count,
        coalesce(orgs.professional_org_count, 0) as professional_org_count,
        orgs.professional_org_count::numeric / nullif(orgs.org_count, 0) as professional_org_share,
        orgs.professionals,
        orgs.volunteers,
        orgs.hours_ytd,
        orgs.volunteers::numeric / nullif(orgs.professionals, 0) as volunteers_per_professional,
        last_year.year as agency_year,
        coalesce(agency_years.using_agency_count, 0) as using_agency_count,
        agency_years.agency_volunteers,
        agency_years.agency_volunteer_hours,
        coalesce(people.certified_count, 0) as certified_count,
        coalesce(events.mechanism_units, 0) as mechanism_units,
        coalesce(events.platform_units, 0) as platform_units
    from {{ ref('core_areas') }} as areas
    cross join last_year
    left join orgs on areas.area_code = orgs.area_code
    left join agency_years on areas.area_code = agency_years.area_code
    left join people on areas.area_code = people.area_code
    left join events on areas.area_code = events.area_code
)

select * from volunteers

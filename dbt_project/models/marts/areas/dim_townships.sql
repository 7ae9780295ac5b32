with

places as (
    select * from {{ ref('core_township_places') }}
),

reports as (
    select * from {{ ref('at_township') }}
),

counties as (
    select * from {{ ref('core_member_codes') }}
    where said_from <= {{ as_of() }} and said_until > {{ as_of() }}
),

-- The register accepts a township that no list has (核实): it is shown, and counts in no township of today.
known as (
    select
        coalesce(places.township_code, reports.township_code) as township_code,
        places.township_name,
        coalesce(places.area_code, counties.area_code, reports._area_code) as area_code,
        coalesce(places.is_former, false) as is_former,
        places.today_code,
        coalesce(places.placed_by, 'unknown') as placed_by,
        reports.township_code is not null as is_reported,
        reports._reported_code,
        reports._unit_code,
        reports._submission_id,
        reports._row_number,
        reports.has_sw_station,
        reports.supports_agency,
        reports.station_staff,
        reports.governance_sw_count,
        reports.service_sw_count,
        reports.effective_from
    from places
    full outer join reports on places.township_code = reports.township_code
    left join counties on left(reports.township_code, 6) = counties.code
),

purchases as (
    select
        places.today_code,
        count(*)::integer as purchase_count
    from {{ ref('at_project') }} as projects
    inner join places on projects.purchaser_township_code = places.township_code
    where projects.is_purchased
    group by places.today_code
),

communities as (
    select
        places.today_code,
        (count(*) filter (where communities.unit_kind = '1'))::integer as urban_communities,
        (count(*) filter (where communities.unit_kind = '2'))::integer as rural_communities
    from {{ ref('at_community') }} as communities
    inner join places on communities.township_code = places.township_code
    where communities.status = '1'
    group by places.today_code
),

-- What was said under a former code speaks of the township that it became.
said_of_today as (
    select
        today_code,
        bool_or(coalesce(has_sw_station, false)) as has_station,
        bool_or(coalesce(supports_agency, false)) as is_supporting,
        bool_or(coalesce(governance_sw_count > 0, false)) as has_governance_sw,
        bool_or(coalesce(service_sw_count > 0, false)) as has_service_sw
    from known
    group by today_code
),

townships as (
    select
        {{ publication_id() }} as publication_id,
        known.township_code,
        known.township_name,
        known.area_code,
        coalesce(known._reported_code, known.area_code) as reported_code,
        known._unit_code as unit_code,
        known._submission_id as submission_id,
        known._row_number as row_number,
        known.placed_by = 'current' as is_listed,
        known.is_former,
        known.today_code,
        known.placed_by,
        known.is_reported,
        known.has_sw_station,
        known.supports_agency,
        known.station_staff,
        known.governance_sw_count,
        known.service_sw_count,
        coalesce(communities.urban_communities, 0) as urban_communities,
        coalesce(communities.rural_communities, 0) as rural_communities,
        coalesce(purchases.purchase_count, 0) as purchase_count,
        coalesce(known.placed_by = 'current' and said.has_station, false) as is_with_station,
        known.placed_by = 'current' and (coalesce(said.is_supporting, false) or purchases.today_code is not null)
            as is_supporting,
        coalesce(known.placed_by = 'current' and said.has_governance_sw, false) as is_governance_staffed,
        coalesce(known.placed_by = 'current' and said.has_service_sw, false) as is_service_staffed,
        known.effective_from
    from known
    left join said_of_today as said on known.township_code = said.today_code
    left join purchases on known.township_code = purchases.today_code
    left join communities on known.township_code = communities.today_code
)

select * from townships

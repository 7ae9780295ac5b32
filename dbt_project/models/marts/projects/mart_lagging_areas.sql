with

listed as (
    select
        coalesce(places.area_code, lagging.area_code) as area_code,
        min(lagging.valid_from) as listed_from
    from {{ source('reference', 'lagging_area') }} as lagging
    left join {{ ref('core_member_codes') }} as places
        on
            lagging.area_code = places.code
            and places.said_from <= {{ as_of() }} and places.said_until > {{ as_of() }}
    where lagging.valid_from <= {{ as_of() }} and coalesce(lagging.valid_to >= {{ as_of() }}, true)
    group by coalesce(places.area_code, lagging.area_code)
),

pairings as (
    select
        assisted_area_code,
        count(*)::integer as pairing_count,
        min(signed_date) as assisted_since,
        sum(projects)::integer as projects,
        sum(people)::integer as people,
        sum(funds_yuan) as funds_yuan
    from {{ ref('fct_pairings') }}
    where is_counted
    group by assisted_area_code
),

lagging_areas as (
    select
        {{ publication_id() }} as publication_id,
        listed.area_code,
        listed.area_code as reported_code,
        listed.listed_from,
        pairings.assisted_area_code is not null as is_assisted,
        coalesce(pairings.pairing_count, 0) as pairing_count,
        pairings.assisted_since,
        pairings.projects,
        pairings.people,
        pairings.funds_yuan
    from listed
    left join pairings on listed.area_code = pairings.assisted_area_code
)

select * from lagging_areas

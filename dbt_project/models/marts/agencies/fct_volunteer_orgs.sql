with

orgs as (
    select * from {{ ref('at_volunteer_org') }}
),

places as (
    select * from {{ ref('core_member_codes') }}
),

-- 省本级 may report an organisation that is in a county: it counts where it is.
volunteer_orgs as (
    select
        {{ publication_id() }} as publication_id,
        orgs.uscc,
        orgs.org_name,
        coalesce(places.area_code, orgs._area_code) as area_code,
        coalesce(places.reported_code, orgs._reported_code) as reported_code,
        orgs._unit_code as unit_code,
        orgs._submission_id as submission_id,
        orgs._row_number as row_number,
        coalesce(orgs.has_professional, false) as has_professional,
        orgs.professionals,
        orgs.volunteers,
        orgs.hours_ytd,
        orgs.effective_from
    from orgs
    left join places
        on
            orgs.area_code = places.code
            and orgs._report_date >= places.said_from and orgs._report_date < places.said_until
)

select * from volunteer_orgs

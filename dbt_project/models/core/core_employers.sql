with

employers as (
    select * from {{ ref('at_employer') }}
),

agencies as (
    select * from {{ ref('at_agency') }}
),

communities as (
    select * from {{ ref('at_community') }}
),

-- What the unit's own table says goes before what its code tells.
named as (
    select
        employer_id,
        employer_type,
        institution_class,
        social_org_class,
        1 as place
    from employers
    union all
    select
        uscc as employer_id,
        '05' as employer_type,
        null as institution_class,
        null as social_org_class,
        2 as place
    from agencies
    union all
    select
        community_code as employer_id,
        '04' as employer_type,
        null as institution_class,
        null as social_org_class,
        3 as place
    from communities
),

all_employers as (
    select distinct on (employer_id)
        employer_id,
        employer_type,
        institution_class,
        social_org_class
    from named
    order by employer_id asc, place asc
)

select * from all_employers

with

people as (
    select * from {{ ref('at_talent') }}
),

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

holders as (
    select * from {{ ref('core_holders') }}
),

parameters as (
    select * from {{ ref('core_parameters') }}
),

-- The county of work, else the unit that reported; a person whom two counties claim has one row already.
talent as (
    select
        {{ publication_id() }} as publication_id,
        numbers.person_number,
        {{ place_and_source('people') }},
        people.employer_type,
        people.employer_id,
        people.employer_name,
        people.community_code,
        people.is_community_worker,
        people.is_direct_service,
        people.service_domain,
        people.head_role,
        people.start_month,
        people.sw_major,
        people.highest_level as reported_level,
        people.status,
        coalesce(holders.certified_level, '0') as certified_level,
        holders.certified_since,
        holders.person_key is not null and coalesce(people.status <> '9', true) as is_holder,
        holders.person_key is not null and coalesce(people.status = '1', false) as is_holder_in_post,
        holders.person_key is not null
        and case
            when parameters.is_in_post_only then coalesce(people.status = '1', false)
            else coalesce(people.status <> '9', true)
        end as is_counted,
        coalesce(holders.registered_days @> {{ as_of() }}, false) as is_registered,
        people.effective_from
    from people
    inner join numbers on people.person_key = numbers.person_key
    left join holders on people.person_key = holders.person_key
    cross join parameters
)

select * from talent

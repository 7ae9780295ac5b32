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

hours as (
    select * from {{ ref('core_hours') }}
),

employers as (
    select * from {{ ref('core_employers') }}
),

-- Seats of a public institution that carry a grade: whoever sits on one is appointed (clause 八).
appointed as (
    select distinct person_key from {{ ref('at_post') }}
    where status = '1' and employer_type = '03' and is_professional
),

-- The 120 hours ask who works in direct service for a community, an institution of public good or an organisation of charity.
known as (
    select
        people.*,
        coalesce(people.status = '1', false) as is_in_post,
        holders.person_key is not null as has_certificate,
        holders.certified_level,
        holders.certified_since,
        holders.registered_days,
        appointed.person_key is not null as is_appointed,
        coalesce(hours.training_hours, 0)::numeric(18, 2) as training_hours,
        coalesce(people.status = '1' and people.is_direct_service, false) as is_direct_staff,
        case people.employer_type
            when '03' then employers.institution_class
            when '06' then employers.social_org_class
        end as employer_class
    from people
    left join holders on people.person_key = holders.person_key
    left join appointed on people.person_key = appointed.person_key
    left join hours on people.person_key = hours.person_key
    left join employers on people.employer_id = employers.employer_id
),

scoped as (
    select
        *,
        is_direct_staff and coalesce(
            employer_type in ('04', '05')
            or (employer_type = '03' and employer_class in ('2', '3'))
            or (employer_type = '06' and employer_class = '3'), false
        ) as is_in_hours_scope,
        is_direct_staff and coalesce(employer_type in ('03', '06') and employer_class is null, false) as is_hours_scope_unknown,
        has_certificate and is_in_post as is_holder_in_post,
        has_certificate and coalesce(status <> '9', true) as is_holder,
        coalesce(registered_days @> {{ as_of() }}, false) as is_registered,
        coalesce(employer_type in ('05', '06'), false) as is_in_social_org
    from known
),

-- One row of each social organisation that employs a certified person.
employing as (
    select distinct on (scoped.employer_id) scoped.person_key
    from scoped
    inner join numbers on scoped.person_key = numbers.person_key
    where scoped.is_in_social_org and scoped.is_holder_in_post
    order by scoped.employer_id, scoped._area_code, numbers.person_number
),

-- The county of work, else the unit that reported; a person whom two counties claim has one row already.
talent as (
    select
        {{ publication_id() }} as publication_id,
        numbers.person_number,
        {{ place_and_source('scoped') }},
        scoped.sex,
        {{ age_band('scoped.birth_year') }} as age_band,
        scoped.education,
        scoped.employer_type,
        scoped.employer_id,
        scoped.employer_name,
        scoped.community_code,
        scoped.is_community_worker,
        scoped.is_direct_service,
        scoped.service_domain,
        scoped.head_role,
        scoped.start_month,
        scoped.sw_major,
        scoped.highest_level as reported_level,
        scoped.status,
        coalesce(scoped.certified_level, '0') as certified_level,
        scoped.certified_since,
        scoped.is_holder,
        scoped.is_holder_in_post,
        case when parameters.is_in_post_only then scoped.is_holder_in_post else scoped.is_holder end as is_counted,
        scoped.is_registered,
        scoped.is_holder and scoped.is_registered as is_registered_holder,
        scoped.is_holder and scoped.is_registered and coalesce(
            upper(scoped.registered_days) - 1 <= {{ as_of() }} + make_interval(months => parameters.renewal_months), false
        ) as is_registration_expiring,
        scoped.is_holder and coalesce(upper(scoped.registered_days) <= {{ as_of() }}, false) as is_registration_lapsed,
        -- First registration is due within a year of approval.
        scoped.is_holder and scoped.registered_days is null
        and coalesce(scoped.certified_since + interval '1 year' < {{ as_of() }}, false) as is_first_registration_overdue,
        scoped.is_in_hours_scope,
        scoped.is_hours_scope_unknown,
        scoped.training_hours,
        case when scoped.is_in_hours_scope then scoped.training_hours end as asked_training_hours,
        scoped.is_in_hours_scope and scoped.training_hours >= parameters.training_hours_need as is_hours_reached,
        case
            when scoped.is_in_hours_scope then greatest(parameters.training_hours_need - scoped.training_hours, 0)::numeric(18, 2)
        end as hours_short,
        scoped.is_in_post and coalesce(scoped.employer_type = '04' and scoped.head_role in ('1', '2', '3'), false)
            as is_community_head,
        scoped.is_holder_in_post and coalesce(scoped.employer_type = '04' and scoped.head_role in ('1', '2', '3'), false)
            as is_certified_head,
        scoped.is_holder_in_post and coalesce(scoped.is_community_worker, false) as is_certified_community_worker,
        scoped.is_holder_in_post and coalesce(scoped.employer_type = '03', false) as is_institution_holder,
        scoped.is_holder_in_post and coalesce(scoped.employer_type = '03', false) and scoped.is_appointed
            as is_appointed_institution_holder,
        scoped.is_in_social_org and scoped.is_holder_in_post as is_social_org_holder,
        scoped.is_in_social_org and (scoped.is_holder_in_post or (scoped.is_in_post and coalesce(scoped.sw_major, false)))
            as is_social_org_professional,
        employing.person_key is not null as is_employing_social_org,
        scoped.effective_from
    from scoped
    inner join numbers on scoped.person_key = numbers.person_key
    left join employing on scoped.person_key = employing.person_key
    cross join parameters
)

select * from talent

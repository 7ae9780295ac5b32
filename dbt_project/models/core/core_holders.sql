{# Read by many marts of a build: worked out once for each. #}
{{ config(materialized='table', post_hook="{{ gather_statistics() }}") }}
with

certificates as (
    select * from {{ ref('core_certificates') }}
),

people as (
    select person_key from {{ ref('at_talent') }}
),

registrations as (
    select * from {{ ref('at_certificate') }}
    where reg_kind in ('1', '2', '3') and reg_date <= reg_valid_to
),

-- A certificate whose person isn't in the roster waits outside the measures until the person arrives.
valid as (
    select certificates.*
    from certificates
    inner join people on certificates.person_key = people.person_key
    where certificates.is_valid
),

registered as (
    select
        registrations.person_key,
        range_agg(daterange(registrations.reg_date, registrations.reg_valid_to, '[]')) as registered_days
    from registrations
    inner join valid
        on
            registrations.cert_mgmt_no = valid.cert_mgmt_no
            and registrations.person_key = valid.person_key
    group by registrations.person_key
),

holders as (
    select
        valid.person_key,
        max(valid.cert_level) as certified_level,
        min(valid.approve_date) as certified_since,
        (array_agg(registered.registered_days))[1] as registered_days
    from valid
    left join registered on valid.person_key = registered.person_key
    group by valid.person_key
)

select * from holders

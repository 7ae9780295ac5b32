with

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

people as (
    select
        members.area_code,
        talent.certified_level,
        (count(*) filter (where talent.is_holder))::integer as holder_count,
        (count(*) filter (where talent.is_registered_holder))::integer as registered_count,
        (count(*) filter (where talent.is_registration_expiring))::integer as expiring_count,
        (count(*) filter (where talent.is_registration_lapsed))::integer as lapsed_count,
        (count(*) filter (where talent.is_first_registration_overdue))::integer as never_registered_count
    from {{ ref('fct_talent') }} as talent
    inner join members on talent.area_code = members.member_code
    where talent.is_holder
    group by members.area_code, talent.certified_level
),

renewals as (
    select
        members.area_code,
        certificates.cert_level as certified_level,
        (count(*) filter (where certificates.is_renewal_hours_asked))::integer as renewal_count,
        (count(*) filter (where certificates.is_renewal_hours_kept))::integer as renewal_hours_kept_count
    from {{ ref('fct_certificates') }} as certificates
    inner join members on certificates.area_code = members.member_code
    where certificates.is_renewal_hours_asked
    group by members.area_code, certificates.cert_level
),

registration as (
    select
        {{ publication_id() }} as publication_id,
        people.area_code,
        areas.area_name,
        areas.area_level,
        people.certified_level,
        people.holder_count,
        people.registered_count,
        people.registered_count::numeric / people.holder_count as registered_share,
        people.expiring_count,
        people.lapsed_count,
        people.never_registered_count,
        coalesce(renewals.renewal_count, 0) as renewal_count,
        coalesce(renewals.renewal_hours_kept_count, 0) as renewal_hours_kept_count
    from people
    inner join {{ ref('core_areas') }} as areas on people.area_code = areas.area_code
    left join renewals on people.area_code = renewals.area_code and people.certified_level = renewals.certified_level
)

select * from registration

with

fields as (
    select code as domain
    from {{ source('reference', 'code') }}
    where list_name = 'service_domain' and code <> '99'
),

agencies as (
    select
        area_code,
        domain,
        count(distinct agency_id)::integer as agency_count
    from {{ ref('field_agencies') }}
    group by area_code, domain
),

projects as (
    select
        area_code,
        domain,
        count(*)::integer as project_count,
        sum(contract_yuan) as contract_yuan,
        sum(persons_served) as persons_served,
        sum(service_times) as service_times
    from {{ ref('fct_projects') }}
    where is_running
    group by area_code, domain
),

people as (
    select
        area_code,
        service_domain as domain,
        count(*)::integer as practitioner_count,
        (count(*) filter (where is_holder_in_post))::integer as certified_count
    from {{ ref('fct_talent') }}
    where status = '1'
    group by area_code, service_domain
),

requests as (
    select
        area_code,
        domain,
        (count(*) filter (where is_counted))::integer as request_count,
        (count(*) filter (where is_matched))::integer as matched_count,
        (count(*) filter (where is_unmet))::integer as unmet_count
    from {{ ref('fct_service_requests') }}
    group by area_code, domain
),

field_supply as (
    select
        {{ publication_id() }} as publication_id,
        areas.area_code,
        areas.area_code as reported_code,
        areas.area_name,
        areas.area_level,
        areas.city_code,
        fields.domain,
        coalesce(agencies.agency_count, 0) as agency_count,
        coalesce(projects.project_count, 0) as project_count,
        coalesce(projects.contract_yuan, 0) as contract_yuan,
        coalesce(projects.persons_served, 0) as persons_served,
        coalesce(projects.service_times, 0) as service_times,
        coalesce(people.practitioner_count, 0) as practitioner_count,
        coalesce(people.certified_count, 0) as certified_count,
        coalesce(requests.request_count, 0) as request_count,
        coalesce(requests.matched_count, 0) as matched_count,
        coalesce(requests.unmet_count, 0) as unmet_count,
        projects.domain is not null or people.domain is not null as is_covered,
        agencies.domain is not null as is_served
    from {{ ref('core_areas') }} as areas
    cross join fields
    left join agencies on areas.area_code = agencies.area_code and fields.domain = agencies.domain
    left join projects on areas.area_code = projects.area_code and fields.domain = projects.domain
    left join people on areas.area_code = people.area_code and fields.domain = people.domain
    left join requests on areas.area_code = requests.area_code and fields.domain = requests.domain
    where
        areas.area_level = 'county'
        or coalesce(agencies.domain, projects.domain, people.domain, requests.domain) is not null
)

select * from field_supply

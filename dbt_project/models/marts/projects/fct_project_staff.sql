with

staff as (
    select * from {{ ref('at_project_staff') }}
),

projects as (
    select * from {{ ref('at_project') }}
),

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

holders as (
    select * from {{ ref('core_holders') }}
),

certificates as (
    select * from {{ ref('core_certificates') }}
),

-- Who still serves is asked up to today, or to the project's end.
spells as (
    select
        staff.*,
        projects.project_no is null as is_orphan,
        projects.theme,
        numbers.person_number,
        -- The certificate that is named counts, or where none is named, any valid one.
        case
            when holders.person_key is null then null
            when staff.cert_mgmt_no is null then holders.certified_since
            when certificates.is_valid then certificates.approve_date
        end as certified_since,
        holders.registered_days,
        daterange(
            staff.start_date,
            greatest(staff.start_date, coalesce(staff.end_date, least({{ as_of() }}, projects.end_date))), '[]'
        ) as served_days,
        staff.cert_mgmt_no is not null and certificates.cert_mgmt_no is null as is_certificate_foreign
    from staff
    inner join numbers on staff.person_key = numbers.person_key
    left join projects on staff._unit_code = projects._unit_code and staff.project_no = projects.project_no
    left join holders on staff.person_key = holders.person_key
    left join certificates
        on
            staff.cert_mgmt_no = certificates.cert_mgmt_no
            and staff.person_key = certificates.person_key
),

judged as (
    select
        *,
        as_social_worker and not is_orphan as is_asked,
        case
            when is_certificate_foreign then '证书与人不符'
            when certified_since is null or certified_since > start_date then '无证'
            when registered_days is null then '未登记'
            when not registered_days @> served_days then '登记过期'
        end as reason
    from spells
),

all_staff as (
    select
        {{ publication_id() }} as publication_id,
        project_no,
        person_number,
        start_date,
        end_date,
        {{ place_and_source() }},
        role,
        as_social_worker,
        is_orphan,
        is_asked,
        case when is_asked then reason is null end as is_kept,
        case when is_asked then reason end as breach_reason,
        case
            when is_asked and reason = '登记过期' then lower(datemultirange(served_days) - registered_days)
            when is_asked and reason is not null then start_date
        end as breach_since,
        coalesce(
            as_social_worker and theme = '1'
            and row_number() over (
                partition by person_number, as_social_worker, theme order by start_date, _unit_code, project_no
            ) = 1, false
        ) as is_poverty_worker,
        effective_from
    from judged
)

select * from all_staff

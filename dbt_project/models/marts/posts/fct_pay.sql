with

pay as (
    select * from {{ ref('at_pay') }}
),

employers as (
    select * from {{ ref('core_employers') }}
),

reference_pay as (
    select * from {{ source('reference', 'reference_pay') }}
),

-- Whom each clause is about: formal staff of public institutions, all staff of social organisations, certified people.
asked as (
    select
        pay.*,
        employers.employer_type,
        reference_pay.yuan as reference_yuan,
        coalesce(employers.employer_type = '03', false) as is_institution,
        coalesce(employers.employer_type in ('05', '06'), false) as is_social_org,
        coalesce(pay.cert_level in ('1', '2', '3'), false) as is_certified
    from pay
    left join employers on pay.employer_id = employers.employer_id
    left join reference_pay on pay.cert_level = reference_pay.cert_level and pay.year = reference_pay.year
),

all_pay as (
    select
        {{ publication_id() }} as publication_id,
        employer_id,
        cert_level,
        year,
        {{ place_and_source() }},
        employer_type,
        headcount,
        formal_count,
        on_standard_count,
        median_gross_yuan,
        with_social_insurance,
        with_housing_fund,
        with_community_allowance,
        allowance_yuan_month,
        reference_yuan,
        case when headcount > 0 then median_gross_yuan end as asked_gross_yuan,
        case when headcount > 0 then median_gross_yuan / reference_yuan end as reference_ratio,
        case when reference_yuan is not null then median_gross_yuan * headcount end as compared_gross_yuan,
        case when median_gross_yuan is not null then reference_yuan * headcount end as compared_reference_yuan,
        case when is_institution then formal_count end as institution_formal_count,
        case when is_institution then least(on_standard_count, formal_count) end as institution_on_standard_count,
        case when is_social_org then headcount end as social_org_headcount,
        case when is_social_org then with_social_insurance end as social_org_insured_count,
        case when is_social_org then with_housing_fund end as social_org_housing_fund_count,
        case when is_certified then with_community_allowance end as allowance_count,
        case when is_certified then with_community_allowance * allowance_yuan_month end as allowance_yuan,
        effective_from
    from asked
)

select * from all_pay

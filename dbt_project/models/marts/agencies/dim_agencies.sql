with

agencies as (
    select * from {{ ref('at_agency') }}
),

all_agencies as (
    select
        {{ publication_id() }} as publication_id,
        agencies.uscc,
        agencies.agency_name,
        agencies.org_form,
        {{ place_and_source('agencies') }},
        agencies.reg_unit,
        agencies.reg_level,
        agencies.found_date,
        agencies.close_date,
        agencies.authority,
        agencies.main_domains,
        agencies.staff_total,
        agencies.staff_certified,
        agencies.staff_qualified,
        agencies.reg_capital_wan_yuan,
        agencies.eval_grade,
        agencies.check_result,
        agencies.check_year,
        agencies.founder_type,
        agencies.office_m2,
        agencies.site_m2,
        agencies.start_fund_yuan,
        agencies.is_industry_body,
        agencies.member_count,
        agencies.influence_field,
        agencies.recognition_no,
        agencies.recognition_date,
        agencies.status,
        coalesce(agencies.org_form = '1' and agencies.status = '1', false) as is_counted,
        coalesce(agencies.recognition_no is not null and agencies.status = '1', false) as is_recognised,
        coalesce(agencies.status = '1', false) as is_active,
        coalesce(agencies.status = '1' and agencies.org_form <> '1', false) as is_other_form,
        coalesce(agencies.status = '4', false) as is_stopped,
        coalesce(agencies.status = '1' and agencies.is_industry_body, false) as is_active_industry_body,
        case when agencies.status = '1' and agencies.is_industry_body then agencies.member_count end as active_member_count,
        coalesce(agencies.status = '1' and agencies.office_m2 > 0, false) as is_given_office,
        coalesce(agencies.status = '1' and agencies.site_m2 > 0, false) as is_given_site,
        coalesce(agencies.status = '1' and agencies.start_fund_yuan > 0, false) as is_given_fund,
        coalesce(
            agencies.status = '1'
            and (agencies.office_m2 > 0 or agencies.site_m2 > 0 or agencies.start_fund_yuan > 0), false
        ) as is_supported,
        case when agencies.status = '1' then agencies.office_m2 end as active_office_m2,
        case when agencies.status = '1' then agencies.site_m2 end as active_site_m2,
        case when agencies.status = '1' then agencies.start_fund_yuan end as active_start_fund_yuan,
        agencies.effective_from
    from agencies
)

select * from all_agencies

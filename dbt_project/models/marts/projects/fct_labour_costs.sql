with

costs as (
    select
        *,
        period = '结项' as is_final,
        bool_or(period = '结项') over (partition by _unit_code, project_no) as has_final
    from {{ ref('at_labour_cost') }}
),

projects as (
    select
        _unit_code,
        project_no
    from {{ ref('at_project') }}
),

-- The row of the project's end is the whole and stands in the place of its quarters.
labour_costs as (
    select
        {{ publication_id() }} as publication_id,
        costs.project_no,
        costs.period,
        {{ place_and_source('costs') }},
        costs.sw_wage_yuan,
        costs.sw_social_insurance_yuan,
        costs.sw_housing_fund_yuan,
        costs.sw_other_yuan,
        costs.labour_total_yuan,
        costs.other_staff_cost_yuan,
        costs.nonstaff_cost_yuan,
        costs.paid_headcount,
        projects.project_no is null as is_orphan,
        costs.is_final or not costs.has_final as is_counted,
        costs.effective_from
    from costs
    left join projects on costs._unit_code = projects._unit_code and costs.project_no = projects.project_no
)

select * from labour_costs

with

budgets as (
    select
        area_code,
        coalesce(reported_code, area_code) as reported_code,
        year,
        sum(budget_yuan) as purchase_budget_yuan
    from {{ ref('fct_funding') }}
    where usage = '1'
    group by area_code, coalesce(reported_code, area_code), year
),

contracts as (
    select
        area_code,
        coalesce(reported_code, area_code) as reported_code,
        year,
        count(*)::integer as project_count,
        sum(contract_yuan) as contract_yuan
    from {{ ref('fct_purchases') }}
    group by area_code, coalesce(reported_code, area_code), year
),

-- Only where both are known can one be held against the other.
compared as (
    select
        {{ publication_id() }} as publication_id,
        coalesce(budgets.area_code, contracts.area_code) as area_code,
        coalesce(budgets.reported_code, contracts.reported_code) as reported_code,
        coalesce(budgets.year, contracts.year) as year,
        budgets.purchase_budget_yuan,
        contracts.project_count,
        contracts.contract_yuan,
        budgets.year is not null and contracts.year is not null as is_within_asked,
        coalesce(contracts.contract_yuan <= budgets.purchase_budget_yuan, false) as is_within
    from budgets
    full outer join contracts
        on
            budgets.area_code = contracts.area_code and budgets.reported_code = contracts.reported_code
            and budgets.year = contracts.year
)

select * from compared

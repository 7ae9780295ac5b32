with

funding as (
    select * from {{ ref('at_funding') }}
),

-- What a unit says of all its lottery money; where it says nothing, its share can't be told (M14-4).
totals as (
    select
        _unit_code,
        period::integer as year,
        value
    from {{ ref('at_summary') }}
    where metric = 'lottery_total_yuan' and breakdown = '全部' and period ~ '^[0-9]{4}$'
),

all_funding as (
    select
        {{ publication_id() }} as publication_id,
        funding.year,
        funding.source_type,
        funding.level,
        funding.usage,
        funding.batch_no,
        {{ place_and_source('funding') }},
        funding.is_special_fund,
        funding.project_no,
        funding.budget_yuan,
        funding.received_yuan,
        funding.spent_yuan,
        funding.carried_over_yuan,
        funding.book_date,
        funding.received_yuan + funding.carried_over_yuan as available_yuan,
        case when funding.source_type = '1' then funding.budget_yuan end as fiscal_budget_yuan,
        case when funding.source_type = '1' then funding.spent_yuan end as fiscal_spent_yuan,
        case
            when funding.source_type = '1' then funding.received_yuan + funding.carried_over_yuan
        end as fiscal_available_yuan,
        case when funding.source_type = '2' then funding.budget_yuan end as lottery_budget_yuan,
        case when funding.source_type = '2' and totals.value is not null then funding.budget_yuan end as lottery_compared_yuan,
        case when funding.source_type = '3' then funding.received_yuan end as social_received_yuan,
        coalesce(funding.source_type = '3' and funding.is_special_fund, false) as is_social_fund,
        case when funding.source_type = '3' and funding.is_special_fund then funding.received_yuan end as social_fund_yuan,
        funding.effective_from
    from funding
    left join totals on funding._unit_code = totals._unit_code and funding.year = totals.year
)

select * from all_funding

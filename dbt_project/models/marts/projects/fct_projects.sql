with

projects as (
    select * from {{ ref('at_project') }}
),

parameters as (
    select * from {{ ref('core_parameters') }}
),

labour as (
    select
        unit_code,
        project_no,
        sum(labour_total_yuan) as labour_yuan
    from {{ ref('fct_labour_costs') }}
    where is_counted
    group by unit_code, project_no
),

asked as (
    select
        *,
        coalesce(is_purchased and budget_yuan > 0 and budget_labour_yuan is not null, false) as is_limit_asked,
        -- A charity that funds several projects is one charity: its first one carries it.
        row_number() over (partition by theme, funder_uscc order by sign_date, _unit_code, project_no) = 1 as is_first_of_funder
    from projects
),

all_projects as (
    select
        {{ publication_id() }} as publication_id,
        asked.project_no,
        {{ place_and_source('asked') }},
        asked.contract_no,
        asked.title,
        asked.is_purchased,
        asked.purchaser_uscc,
        asked.purchaser_name,
        asked.purchaser_township_code,
        asked.provider_id,
        asked.domain,
        asked.function,
        asked.theme,
        asked.fund_source,
        asked.funder_uscc,
        asked.method,
        asked.sign_date,
        asked.start_date,
        asked.end_date,
        asked.budget_yuan,
        asked.budget_labour_yuan,
        asked.contract_yuan,
        asked.settled_yuan,
        asked.persons_served,
        asked.service_times,
        asked.households,
        asked.eval_score,
        asked.status,
        labour.labour_yuan,
        asked.budget_labour_yuan / nullif(asked.budget_yuan, 0) as budget_labour_share,
        labour.labour_yuan / nullif(asked.contract_yuan, 0) as contract_labour_share,
        labour.labour_yuan / nullif(asked.settled_yuan, 0) as settled_labour_share,
        asked.is_limit_asked,
        case when asked.is_limit_asked then asked.budget_labour_yuan / asked.budget_yuan end as asked_labour_share,
        -- Multiplied, not divided: exactly 70 % must keep the limit.
        case
            when asked.is_limit_asked then asked.budget_labour_yuan <= asked.budget_yuan * parameters.labour_share_limit
        end as is_limit_kept,
        coalesce(asked.is_purchased and labour.labour_yuan is not null and asked.contract_yuan > 0, false)
            as is_contract_share_asked,
        coalesce(
            asked.is_purchased and asked.contract_yuan > 0
            and labour.labour_yuan <= asked.contract_yuan * parameters.labour_share_limit, false
        ) as is_contract_share_kept,
        coalesce(asked.is_purchased and labour.labour_yuan is not null and asked.settled_yuan > 0, false)
            as is_settled_share_asked,
        coalesce(
            asked.is_purchased and asked.settled_yuan > 0
            and labour.labour_yuan <= asked.settled_yuan * parameters.labour_share_limit, false
        ) as is_settled_share_kept,
        coalesce(asked.status = '1' and asked.start_date <= {{ as_of() }}, false) as is_running,
        case when asked.theme = '1' then asked.households end as poverty_households,
        coalesce(asked.theme = '2', false) as is_developmental,
        coalesce(asked.theme = '3', false) as is_rural_revival,
        coalesce(asked.theme in ('2', '3'), false) as is_developmental_or_rural,
        coalesce(asked.theme = '4', false) as is_with_charity,
        case when asked.theme = '4' then asked.contract_yuan end as charity_contract_yuan,
        coalesce(asked.theme = '4' and asked.funder_uscc is not null and asked.is_first_of_funder, false)
            as is_first_of_charity,
        asked.effective_from
    from asked
    cross join parameters
    left join labour on asked._unit_code = labour.unit_code and asked.project_no = labour.project_no
)

select * from all_projects

with

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

sums as (
    select
        members.area_code,
        purchases.year,
        coalesce(purchases.method, '') as method,
        purchases.domain,
        count(*)::integer as project_count,
        sum(purchases.contract_yuan) as contract_yuan,
        sum(purchases.budget_yuan) as budget_yuan
    from {{ ref('fct_purchases') }} as purchases
    inner join members on purchases.area_code = members.member_code
    group by members.area_code, purchases.year, coalesce(purchases.method, ''), purchases.domain
),

-- What was bought last year and not this year is 0 this year.
kinds as (
    select
        area_code,
        year,
        method,
        domain
    from sums
    union
    select
        area_code,
        year + 1 as year,
        method,
        domain
    from sums
    where year < extract(year from {{ as_of() }})
),

compared as (
    select
        {{ publication_id() }} as publication_id,
        kinds.area_code,
        areas.area_name,
        areas.area_level,
        kinds.year,
        kinds.method,
        kinds.domain,
        coalesce(sums.project_count, 0) as project_count,
        coalesce(sums.contract_yuan, 0) as contract_yuan,
        coalesce(sums.budget_yuan, 0) as budget_yuan,
        coalesce(last_year.project_count, 0) as last_year_project_count,
        coalesce(last_year.contract_yuan, 0) as last_year_contract_yuan,
        coalesce(sums.contract_yuan, 0) / nullif(last_year.contract_yuan, 0) - 1 as contract_growth
    from kinds
    inner join {{ ref('core_areas') }} as areas on kinds.area_code = areas.area_code
    left join sums
        on
            kinds.area_code = sums.area_code and kinds.year = sums.year
            and kinds.method = sums.method and kinds.domain = sums.domain
    left join sums as last_year
        on
            kinds.area_code = last_year.area_code and kinds.year - 1 = last_year.year
            and kinds.method = last_year.method and kinds.domain = last_year.domain
)

select * from compared

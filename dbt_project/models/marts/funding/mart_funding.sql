{% set amounts = ['budget_yuan', 'received_yuan', 'spent_yuan', 'carried_over_yuan'] %}
with

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

sums as (
    select
        members.area_code,
        funding.year,
        funding.source_type,
        funding.level,
        funding.usage,
        {% for amount in amounts %}
        sum(funding.{{ amount }}) as {{ amount }},
        {% endfor %}
        count(distinct funding.unit_code)::integer as unit_count
    from {{ ref('fct_funding') }} as funding
    inner join members on funding.area_code = members.member_code
    group by members.area_code, funding.year, funding.source_type, funding.level, funding.usage
),

told_years as (
    select distinct
        area_code,
        year
    from sums
),

-- A channel of last year that this year doesn't have is 0 this year, once anything was said of this year.
channels as (
    select
        area_code,
        year,
        source_type,
        level,
        usage
    from sums
    union
    select
        sums.area_code,
        told_years.year,
        sums.source_type,
        sums.level,
        sums.usage
    from sums
    inner join told_years on sums.area_code = told_years.area_code and sums.year + 1 = told_years.year
),

compared as (
    select
        {{ publication_id() }} as publication_id,
        channels.area_code,
        areas.area_name,
        areas.area_level,
        channels.year,
        channels.source_type,
        channels.level,
        channels.usage,
        coalesce(sums.unit_count, 0) as unit_count,
        {% for amount in amounts %}
        coalesce(sums.{{ amount }}, 0) as {{ amount }},
        {% endfor %}
        sums.spent_yuan / nullif(sums.received_yuan + sums.carried_over_yuan, 0) as spent_share,
        coalesce(last_year.unit_count, 0) as last_year_unit_count,
        last_year.budget_yuan as last_year_budget_yuan,
        last_year.spent_yuan as last_year_spent_yuan,
        coalesce(sums.budget_yuan, 0) / nullif(last_year.budget_yuan, 0) - 1 as budget_growth
    from channels
    inner join {{ ref('core_areas') }} as areas on channels.area_code = areas.area_code
    left join sums
        on
            channels.area_code = sums.area_code and channels.year = sums.year
            and channels.source_type = sums.source_type and channels.level = sums.level and channels.usage = sums.usage
    left join sums as last_year
        on
            channels.area_code = last_year.area_code and channels.year - 1 = last_year.year
            and channels.source_type = last_year.source_type and channels.level = last_year.level
            and channels.usage = last_year.usage
)

select * from compared

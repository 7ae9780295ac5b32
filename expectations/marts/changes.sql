-- One row per headline figure, beside the published one, over the units that stand behind both: a unit that reports for
-- the first time is no jump. Null where the past is too small to tell.
with now_by_unit as (
    select 'talent' as domain, 'certified holders' as figure, unit_code, (count(*) filter (where is_holder))::numeric as value
    from marts_next.fct_talent group by unit_code
    union all
    select 'talent', 'people', unit_code, (count(*))::numeric
    from marts_next.fct_talent group by unit_code
    union all
    select 'talent', 'certificates', unit_code, (count(*))::numeric
    from marts_next.fct_certificates group by unit_code
    union all
    select 'posts', 'posts in being', unit_code, (count(*) filter (where is_in_being))::numeric
    from marts_next.fct_posts group by unit_code
    union all
    select 'posts', 'employers', unit_code, (count(*))::numeric
    from marts_next.dim_employers group by unit_code
    union all
    select 'agencies', 'agencies counted', unit_code, (count(*) filter (where is_counted))::numeric
    from marts_next.dim_agencies group by unit_code
    union all
    select 'areas', 'communities', unit_code, (count(*))::numeric
    from marts_next.dim_communities group by unit_code
    union all
    select 'projects', 'projects', unit_code, (count(*))::numeric
    from marts_next.fct_projects group by unit_code
    union all
    select 'projects', 'contract yuan', unit_code, (sum(contract_yuan))::numeric
    from marts_next.fct_projects group by unit_code
    union all
    select 'funding', 'budget yuan of past years', unit_code, (sum(budget_yuan) filter (where year < {year}))::numeric
    from marts_next.fct_funding group by unit_code
),

before_by_unit as (
    select 'talent' as domain, 'certified holders' as figure, unit_code, (count(*) filter (where is_holder))::numeric as value
    from {published_fct_talent} as fct_talent group by unit_code
    union all
    select 'talent', 'people', unit_code, (count(*))::numeric
    from {published_fct_talent} as fct_talent group by unit_code
    union all
    select 'talent', 'certificates', unit_code, (count(*))::numeric
    from {published_fct_certificates} as fct_certificates group by unit_code
    union all
    select 'posts', 'posts in being', unit_code, (count(*) filter (where is_in_being))::numeric
    from {published_fct_posts} as fct_posts group by unit_code
    union all
    select 'posts', 'employers', unit_code, (count(*))::numeric
    from {published_dim_employers} as dim_employers group by unit_code
    union all
    select 'agencies', 'agencies counted', unit_code, (count(*) filter (where is_counted))::numeric
    from {published_dim_agencies} as dim_agencies group by unit_code
    union all
    select 'areas', 'communities', unit_code, (count(*))::numeric
    from {published_dim_communities} as dim_communities group by unit_code
    union all
    select 'projects', 'projects', unit_code, (count(*))::numeric
    from {published_fct_projects} as fct_projects group by unit_code
    union all
    select 'projects', 'contract yuan', unit_code, (sum(contract_yuan))::numeric
    from {published_fct_projects} as fct_projects group by unit_code
    union all
    select 'funding', 'budget yuan of past years', unit_code, (sum(budget_yuan) filter (where year < {year}))::numeric
    from {published_fct_funding} as fct_funding group by unit_code
),

figures as (
    select
        now_by_unit.domain,
        now_by_unit.figure,
        sum(now_by_unit.value) as value_now,
        sum(before_by_unit.value) as value_before
    from now_by_unit
    inner join before_by_unit
        on now_by_unit.domain = before_by_unit.domain
        and now_by_unit.figure = before_by_unit.figure
        and now_by_unit.unit_code = before_by_unit.unit_code
    group by now_by_unit.domain, now_by_unit.figure
)

select
    figures.domain || ': ' || figures.figure as row_id,
    figures.domain,
    coalesce(figures.value_now, 0) as value_now,
    coalesce(figures.value_before, 0) as value_before,
    case
        when figures.value_before >= {few_units_not_compared}
            then round(coalesce(figures.value_now, 0) / figures.value_before - 1, 6)
    end as change_share
from figures

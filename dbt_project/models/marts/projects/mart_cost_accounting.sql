{% set bases = ['budget', 'contract', 'settled'] %}
with

areas as (
    select * from {{ ref('core_areas') }}
),

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

systems as (
    select
        area_code,
        min(event_date) as system_since
    from {{ ref('mart_events_in_force') }}
    where event_type = '0602'
    group by area_code
),

counties as (
    select
        members.area_code,
        count(*)::integer as county_count,
        count(systems.area_code)::integer as counties_with_system,
        min(systems.system_since) as system_since
    from members
    inner join areas as county on members.member_code = county.area_code and county.area_level = 'county'
    left join systems on county.area_code = systems.area_code
    group by members.area_code
),

shares as (
    select
        members.area_code,
        projects.is_limit_asked,
        projects.is_limit_kept,
        projects.asked_labour_share as budget_share,
        case when projects.is_contract_share_asked then projects.contract_labour_share end as contract_share,
        case when projects.is_settled_share_asked then projects.settled_labour_share end as settled_share,
        parameters.labour_share_limit,
        parameters.labour_share_notice
    from {{ ref('fct_projects') }} as projects
    inner join members on projects.area_code = members.member_code
    cross join {{ ref('core_parameters') }} as parameters
    where projects.is_purchased
),

summed as (
    select
        area_code,
        (count(*) filter (where is_limit_asked))::integer as asked_projects,
        (count(*) filter (where is_limit_kept))::integer as kept_projects,
        {% for basis in bases %}
        count({{ basis }}_share)::integer as {{ basis }}_projects,
        (percentile_cont(0.5) within group (order by {{ basis }}_share::float8))::numeric as median_{{ basis }}_share,
        {% endfor %}
        (count(*) filter (where budget_share < 0.5))::integer as below_50_projects,
        (count(*) filter (where budget_share >= 0.5 and budget_share < labour_share_notice))::integer as from_50_projects,
        (count(*) filter (where budget_share >= labour_share_notice and is_limit_kept))::integer as near_limit_projects,
        (count(*) filter (where is_limit_asked and not is_limit_kept))::integer as over_limit_projects
    from shares
    group by area_code
),

cost_accounting as (
    select
        {{ publication_id() }} as publication_id,
        areas.area_code,
        areas.area_name,
        areas.area_level,
        coalesce(counties.county_count, 0) as county_count,
        coalesce(counties.counties_with_system, 0) as counties_with_system,
        counties.system_since,
        coalesce(summed.asked_projects, 0) as asked_projects,
        coalesce(summed.kept_projects, 0) as kept_projects,
        summed.kept_projects::numeric / nullif(summed.asked_projects, 0) as kept_share,
        {% for basis in bases %}
        coalesce(summed.{{ basis }}_projects, 0) as {{ basis }}_projects,
        summed.median_{{ basis }}_share,
        {% endfor %}
        coalesce(summed.below_50_projects, 0) as below_50_projects,
        coalesce(summed.from_50_projects, 0) as from_50_projects,
        coalesce(summed.near_limit_projects, 0) as near_limit_projects,
        coalesce(summed.over_limit_projects, 0) as over_limit_projects
    from areas
    left join counties on areas.area_code = counties.area_code
    left join summed on areas.area_code = summed.area_code
)

select * from cost_accounting

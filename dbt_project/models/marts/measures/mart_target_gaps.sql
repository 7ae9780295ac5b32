with

areas as (
    select * from {{ ref('dim_areas') }}
),

progress as (
    select * from {{ ref('mart_target_progress') }}
),

-- A county stands below its city and its province, a unit of no county below one of them or both.
below as (
    select
        parents.area_code,
        parents.area_level,
        areas.area_code as contributor_code,
        areas.area_name as contributor_name,
        areas.area_level as contributor_level
    from areas
    inner join areas as cities on areas.parent_code = cities.area_code
    inner join areas as parents on parents.area_code in (cities.area_code, cities.parent_code)
    where areas.area_level in ('county', 'unit')
),

-- Where a target is the province's alone, a county's part of it follows its residents; where these are not known (the
-- districts of 2021), its communities, each with the province's residents a community.
sized as (
    select
        *,
        coalesce(urban_communities_2023, 0) + coalesce(rural_communities_2023, 0) as communities
    from areas
    where area_level = 'county'
),

densities as (
    select sum(population_2020)::numeric / nullif(sum(communities), 0) as residents_a_community
    from sized
    where population_2020 is not null
),

weights as (
    select
        sized.area_code,
        sized.population_2020 is not null as is_by_population,
        coalesce(sized.population_2020, sized.communities * densities.residents_a_community)
        / nullif(sum(coalesce(sized.population_2020, sized.communities * densities.residents_a_community)) over (), 0) as weight
    from sized
    cross join densities
),

missing_by_area as (
    select
        progress.goal_id,
        progress.measure_id,
        progress.domain,
        progress.area_code as contributor_code,
        case
            when progress.shortage is not null then '缺口人数'
            when progress.unit = 'growth' then '低于目标的金额'
            when progress.unit in ('share', 'ratio') then '未达要求的个数'
            when weights.is_by_population then '按常住人口应分担而缺的个数'
            else '按社区数应分担而缺的个数'
        end as reading,
        greatest(case
            when progress.shortage is not null then progress.shortage
            when progress.unit = 'growth' then progress.denominator * (1 + progress.target) - progress.numerator
            when progress.unit in ('share', 'ratio') then progress.target * progress.denominator - progress.numerator
            else whole.target * weights.weight - progress.value
        end, 0) as missing
    from progress
    inner join progress as whole
        on progress.goal_id = whole.goal_id and progress.measure_id = whole.measure_id and whole.area_level = 'province'
    left join weights on progress.area_code = weights.area_code
    where progress.value is not null
),

contributions as (
    select
        missing_by_area.goal_id,
        missing_by_area.measure_id,
        missing_by_area.domain,
        below.area_code,
        below.area_level,
        below.contributor_level,
        below.contributor_code,
        below.contributor_name,
        missing_by_area.reading,
        missing_by_area.missing
    from missing_by_area
    inner join below on missing_by_area.contributor_code = below.contributor_code
    inner join progress
        on
            missing_by_area.goal_id = progress.goal_id and missing_by_area.measure_id = progress.measure_id
            and below.area_code = progress.area_code
    -- Parts of a target are asked where there is one: a city has none where the target is the province's alone.
    where missing_by_area.missing > 0 and progress.target is not null
    union all
    select
        targets.goal_id,
        targets.measure_id,
        targets.domain,
        staffing.area_code,
        areas.area_level,
        'community' as contributor_level,
        staffing.community_code as contributor_code,
        staffing.community_name as contributor_name,
        '缺口人数' as reading,
        staffing.missing_count as missing
    from {{ ref('mart_community_staffing') }} as staffing
    inner join areas on staffing.area_code = areas.area_code
    inner join {{ source('reference', 'target') }} as targets
        on targets.measure_id = case staffing.unit_kind when '1' then 'M07-6' else 'M07-7' end
    where staffing.missing_count > 0
),

gaps as (
    select
        {{ publication_id() }} as publication_id,
        goal_id,
        measure_id,
        domain,
        area_level,
        area_code,
        contributor_level,
        contributor_code,
        contributor_name,
        reading,
        round(missing, 6) as missing,
        round(missing / sum(missing) over (partition by goal_id, measure_id, area_code), 6) as gap_share,
        (rank() over (partition by goal_id, measure_id, area_code order by missing desc))::integer as gap_rank,
        {{ as_of() }} as as_of_date
    from contributions
)

select * from gaps

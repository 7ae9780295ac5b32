with

areas as (
    select * from {{ ref('core_areas') }}
),

-- What a city has beyond those of its counties whose number is known, so that its total is its own.
of_counties as (
    select
        parent_code,
        sum(population_2020) as population
    from areas
    where area_level = 'county'
    group by parent_code
),

known as (
    select
        area_code,
        population_2020 as population
    from areas
    where area_level = 'county' and population_2020 is not null
    union all
    select
        areas.area_code,
        areas.population_2020 - coalesce(of_counties.population, 0) as population
    from areas
    left join of_counties on areas.area_code = of_counties.parent_code
    where areas.area_level = 'city' and areas.population_2020 > coalesce(of_counties.population, 0)
),

population as (
    select
        {{ publication_id() }} as publication_id,
        area_code,
        area_code as reported_code,
        2020 as census_year,
        population
    from known
)

select * from population

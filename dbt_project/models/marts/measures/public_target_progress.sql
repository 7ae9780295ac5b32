with

progress as (
    select * from {{ ref('mart_target_progress') }}
),

areas as (
    select
        area_code,
        parent_code
    from {{ ref('core_areas') }}
),

parameters as (
    select * from {{ ref('core_parameters') }}
),

-- A cell is small when it counts a few people, or all but a few. None at all names nobody. Without the limit all are small.
cells as (
    select
        progress.*,
        areas.parent_code,
        progress.value is not null and progress.unit in ('person', 'post', 'share') as is_of_people,
        coalesce(progress.numerator, progress.value, 0) as counted,
        coalesce(
            progress.numerator between 1 and parameters.small_cell - 1
            or (
                progress.unit = 'share'
                and progress.denominator - progress.numerator between 1 and parameters.small_cell - 1
            ),
            true
        ) as is_small,
        parameters.small_cell
    from progress
    inner join areas on progress.area_code = areas.area_code
    cross join parameters
),

-- Units outside of counties are never shown.
judged as (
    select
        *,
        is_of_people and is_small as is_primary,
        not is_of_people or is_small or area_level = 'unit' as is_away
    from cells
),

grouped as (
    select
        *,
        bool_or(is_primary) over siblings as has_primary,
        count(*) filter (where is_away and counted > 0) over siblings as away_count,
        coalesce(sum(counted) filter (where not is_away) over siblings, 0) as shown_sum,
        row_number() over (
            partition by goal_id, measure_id, parent_code
            order by not is_away and counted > 0 desc, counted asc, area_code asc
        ) = 1 and not is_away and counted > 0 as is_least_shown
    from judged
    window siblings as (partition by goal_id, measure_id, parent_code)
),

-- What is left of the sum above beside those that are shown could be had by subtraction, of units and of who has not
-- reported too. Where that is one small cell or a few people, the least of the others goes with them.
among_siblings as (
    select
        grouped.*,
        grouped.is_primary
        or (
            grouped.is_least_shown
            and (
                (grouped.has_primary and grouped.away_count = 1)
                or coalesce(above.counted - grouped.shown_sum between 1 and grouped.small_cell - 1, false)
            )
        ) as is_hidden
    from grouped
    left join cells as above
        on
            grouped.goal_id = above.goal_id and grouped.measure_id = above.measure_id
            and grouped.parent_code = above.area_code
),

-- A city hidden for the sake of another must not be had from its counties.
hidden as (
    select
        counties.*,
        counties.is_hidden
        or (counties.is_least_shown and counties.away_count = 0 and coalesce(cities.is_hidden, false)) as is_suppressed
    from among_siblings as counties
    left join among_siblings as cities
        on
            counties.goal_id = cities.goal_id and counties.measure_id = cities.measure_id
            and counties.parent_code = cities.area_code and cities.area_level = 'city'
),

shown as (
    select
        {{ publication_id() }} as publication_id,
        goal_id,
        measure_id,
        clause,
        goal_name,
        domain,
        area_level,
        area_code,
        area_name,
        state,
        is_suppressed,
        case when not is_suppressed then value end as value,
        case when not is_suppressed then numerator end as numerator,
        case when not is_suppressed then denominator end as denominator,
        unit,
        target,
        direction,
        case when not is_suppressed then gap end as gap,
        deadline,
        is_expired,
        coverage,
        as_of_date
    from hidden
    where area_level in ('province', 'city', 'county')
)

select * from shown

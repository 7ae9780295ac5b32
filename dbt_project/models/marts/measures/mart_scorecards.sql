with

figures as (
    select
        *,
        case period_kind when 'year' then period::integer else 0 end as year
    from {{ ref('mart_measures') }}
    where basis = 'today' and (period_kind = 'day' or period::integer >= extract(year from as_of_date) - 1)
),

headlines as (
    select distinct on (measure_id)
        measure_id,
        figure_id
    from figures
    order by measure_id asc, (figure_id = 'value') desc, figure_id asc
),

-- Of a year's figures this year's, once half of the province's units have told theirs; before, the year before's.
shown_years as (
    select distinct on (figures.measure_id)
        figures.measure_id,
        figures.figure_id,
        figures.year
    from figures
    inner join headlines on figures.measure_id = headlines.measure_id and figures.figure_id = headlines.figure_id
    where figures.area_level = 'province'
    order by figures.measure_id asc, (figures.state = '已采集' and figures.coverage >= 0.5) desc, figures.year desc
),

chosen as (
    select
        figures.*,
        case when figures.area_level in ('county', 'city') then figures.area_level end as peers
    from figures
    inner join shown_years
        on
            figures.measure_id = shown_years.measure_id and figures.figure_id = shown_years.figure_id
            and figures.year = shown_years.year
),

-- By windows: joined to itself, a list that is thought to be one row long is walked once a row.
shown as (
    select
        *,
        case
            when peers is not null and value is not null then (
                rank() over (
                    partition by measure_id, peers, value is null
                    order by case direction when 'down' then value else -value end
                )
            )::integer
        end as peer_rank,
        case when peers is not null and value is not null then (count(value) over (partition by measure_id, peers))::integer end
            as peer_count
    from chosen
),

-- Written down once: the planner thinks of one row, and would sort anew for each.
medians as materialized (
    select
        measure_id,
        peers,
        percentile_cont(0.5) within group (order by value::float8)::numeric as peer_median
    from chosen
    where peers is not null
    group by measure_id, peers
),

history as (
    select * from {{ ref('mart_measure_history') }}
    where month = date_trunc('month', {{ as_of() }})
),

scorecards as (
    select
        {{ publication_id() }} as publication_id,
        shown.domain,
        shown.measure_id,
        shown.figure_id,
        shown.clause,
        shown.measure_name,
        shown.figure_name,
        shown.unit,
        shown.direction,
        shown.area_level,
        shown.area_code,
        shown.area_name,
        shown.parent_code,
        shown.period,
        shown.state,
        shown.value,
        case when shown.direction in ('up', 'down') then shown.peer_rank end as peer_rank,
        coalesce(shown.peer_count, 0) as peer_count,
        medians.peer_median,
        -- The best quarter is 1; equal values share it.
        case when shown.direction in ('up', 'down') then (shown.peer_rank - 1) * 4 / shown.peer_count + 1 end as quartile,
        shown.value - history.month_before_value as change_on_month,
        shown.value - history.year_before_value as change_on_year,
        case sign(shown.value - history.month_before_value)
            when 1 then '上升'
            when -1 then '下降'
            when 0 then '持平'
        end as trend,
        shown.quality_stamp,
        shown.coverage,
        shown.as_of_date
    from shown
    left join medians on shown.measure_id = medians.measure_id and shown.peers = medians.peers
    left join history
        on
            shown.measure_id = history.measure_id and shown.figure_id = history.figure_id
            and shown.area_code = history.area_code and shown.year = history.year
)

select * from scorecards

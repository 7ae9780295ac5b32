with

targets as (
    select
        *,
        -- The paper's ratio is a limit of one project or institution; all of them should keep it.
        case when unit = 'ratio' then target else unit_threshold end as threshold,
        case when unit = 'ratio' then 1 else target end as goal_target,
        unit in ('share', 'ratio', 'growth') as is_for_every_area,
        case when unit = 'growth' then 'growth' else 'value' end as headline
    from {{ source('reference', 'target') }}
),

figures as (
    select * from {{ ref('mart_measures') }}
    where
        basis = 'today'
        and period in (to_char({{ as_of() }}, 'YYYY-MM-DD'), to_char({{ as_of() }}, 'YYYY'))
),

besides as (
    select
        measure_id,
        area_code,
        max(value) filter (where figure_id = 'median') as median,
        max(value) filter (where figure_id = 'beside') as beside_value,
        max(value) filter (where figure_id = 'shortage') as shortage
    from figures
    group by measure_id, area_code
),

valued as (
    select
        targets.*,
        figures.area_level,
        figures.area_code,
        figures.area_name,
        figures.state,
        figures.value,
        figures.numerator,
        figures.denominator,
        besides.median,
        besides.beside_value,
        besides.shortage,
        figures.reported_units,
        figures.expected_units,
        figures.coverage,
        figures.is_carried_forward,
        figures.oldest_report_date,
        case when figures.area_level = 'province' or targets.is_for_every_area then targets.goal_target end as shown_target
    from targets
    inner join figures on targets.measure_id = figures.measure_id and targets.headline = figures.figure_id
    inner join besides on figures.measure_id = besides.measure_id and figures.area_code = besides.area_code
    -- The province's own unit has no communities.
    where targets.goal_id not in ('G08', 'G09') or figures.area_level <> 'unit'
),

progress as (
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
        value,
        numerator,
        denominator,
        median,
        beside_value,
        shortage,
        unit,
        threshold as unit_threshold,
        shown_target as target,
        case when unit = 'ratio' then '>=' else direction end as direction,
        -- greatest() passes over nulls: no value would be no gap.
        case when shown_target - value is not null then greatest(shown_target - value, 0) end as gap,
        deadline,
        case when deadline ~ '^\d{4}-\d{2}-\d{2}$' then deadline::date < {{ as_of() }} else false end as is_expired,
        reported_units,
        expected_units,
        coverage,
        is_carried_forward,
        oldest_report_date,
        {{ as_of() }} as as_of_date
    from valued
)

select * from progress

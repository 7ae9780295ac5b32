with

figures as (
    select
        figures.*,
        measures.clause,
        measures.domain,
        facts.is_yearly,
        unnest(figures.breakdowns) as by_column
    from {{ source('reference', 'figure') }} as figures
    inner join {{ source('reference', 'measure') }} as measures on figures.measure_id = measures.measure_id
    inner join {{ ref('measured_facts') }} as facts on split_part(split_part(figures.numerator, '.', 1), ':', 1) = facts.fact
    where figures.shape <> 'variety'
),

sums as (
    select * from {{ ref('mart_area_quantities') }}
),

areas as (
    select * from {{ ref('core_areas') }}
),

totals as (
    select
        quantity,
        year,
        area_code,
        amount as total
    from sums
    where basis = 'today' and breakdown = ''
),

breakdowns as (
    select
        {{ publication_id() }} as publication_id,
        figures.domain,
        figures.measure_id,
        figures.figure_id,
        figures.clause,
        areas.area_level,
        sums.area_code,
        areas.area_name,
        case when figures.is_yearly then 'year' else 'day' end as period_kind,
        case when figures.is_yearly then sums.year::text else to_char({{ as_of() }}, 'YYYY-MM-DD') end as period,
        sums.breakdown,
        sums.breakdown_code,
        sums.amount as numerator,
        case when figures.denominator is null then totals.total else coalesce(bottom.amount, 0) end as denominator,
        case
            when figures.denominator is null then sums.amount / nullif(totals.total, 0)
            else sums.amount * figures.factor / nullif(bottom.amount, 0)
        end as share,
        {{ as_of() }} as as_of_date
    from figures
    inner join sums on figures.numerator = sums.quantity and figures.by_column = sums.breakdown and sums.basis = 'today'
    inner join areas on sums.area_code = areas.area_code
    left join totals
        on
            sums.quantity = totals.quantity and sums.year = totals.year and sums.area_code = totals.area_code
    left join sums as bottom
        on
            figures.denominator = bottom.quantity and bottom.basis = 'today' and sums.area_code = bottom.area_code
            and sums.year = bottom.year and sums.breakdown = bottom.breakdown and sums.breakdown_code = bottom.breakdown_code
    where sums.year <= extract(year from {{ as_of() }})
)

select * from breakdowns

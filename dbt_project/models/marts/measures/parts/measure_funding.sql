with

funding as (
    select
        *,
        extract(year from {{ as_of() }}) as this_year
    from {{ ref('fct_funding') }}
    where source_type in ('1', '2')
),

-- No row of a year is not a budget of 0: the sum stays null.
measures as (
    select
        'G13' as goal_id,
        case source_type when '1' then 'M14-1' else 'M14-4' end as measure_id,
        area_code as member_code,
        sum(budget_yuan) filter (where year = this_year) as numerator,
        sum(budget_yuan) filter (where year = this_year - 1) as denominator,
        null::numeric as unit_value,
        null::numeric as beside,
        null::numeric as shortage
    from funding
    group by source_type, area_code
)

select * from measures

{{ config(materialized='view') }}
{# The record is named where it is read: a CTE that is read three times would be read whole, however little is asked. #}

with

-- The running month is what this publication itself shows: a later one of the month writes the record over.
months as (
    select
        recorded.publication_id,
        recorded.domain,
        recorded.measure_id,
        recorded.figure_id,
        recorded.area_code,
        recorded.month,
        recorded.year::integer as year,
        recorded.period,
        recorded.as_of_date,
        recorded.state,
        recorded.value,
        recorded.numerator,
        recorded.denominator
    from {{ source('record', 'measure_value') }} as recorded
    where recorded.month < date_trunc('month', {{ as_of() }}) and {{ published_by_then('recorded') }}
    union all
    select
        publication_id,
        domain,
        measure_id,
        figure_id,
        area_code,
        date_trunc('month', {{ as_of() }})::date as month,
        case period_kind when 'year' then period::integer else 0 end as year,
        period,
        as_of_date,
        state,
        value,
        numerator,
        denominator
    from {{ ref('mart_measures') }}
    where basis = 'today' and (period_kind = 'day' or period::integer >= extract(year from as_of_date) - 1)
),

-- A year's figure grows within its year: last month it was of the same year, a year ago of the year before.
history as (
    select
        months.*,
        month_before.value as month_before_value,
        year_before.value as year_before_value
    from months
    left join {{ source('record', 'measure_value') }} as month_before
        on
            months.measure_id = month_before.measure_id and months.figure_id = month_before.figure_id
            and months.area_code = month_before.area_code and months.year = month_before.year
            and month_before.month = (months.month - interval '1 month')::date
            and {{ published_by_then('month_before') }}
    left join {{ source('record', 'measure_value') }} as year_before
        on
            months.measure_id = year_before.measure_id and months.figure_id = year_before.figure_id
            and months.area_code = year_before.area_code
            and year_before.year = case when months.year > 0 then months.year - 1 else 0 end
            and year_before.month = (months.month - interval '1 year')::date
            and {{ published_by_then('year_before') }}
)

select * from history

{# A month is a twelfth of 365.25 days. #}
{% set days_a_month = 30.4375 %}

with

progress as (
    select
        *,
        case when unit = 'growth' then 'growth' else 'value' end as headline,
        case when deadline ~ '^\d{4}-\d{2}-\d{2}$' then deadline::date end as deadline_date
    from {{ ref('mart_target_progress') }}
),

-- The day that a value speaks of, not the month of its publication: the running month's is younger.
points as (
    select
        measure_id,
        figure_id,
        area_code,
        (as_of_date - {{ as_of() }})::float8 / {{ days_a_month }} as at_month,
        value::float8 as value
    from {{ ref('mart_measure_history') }}
    where
        month > date_trunc('month', {{ as_of() }}) - interval '12 months'
        and year in (0, extract(year from {{ as_of() }}))
        and value is not null
),

fitted as (
    select
        measure_id,
        figure_id,
        area_code,
        count(*)::integer as history_months,
        regr_slope(value, at_month) as slope,
        regr_sxx(value, at_month) as spread,
        regr_syy(value, at_month) as variation
    from points
    group by measure_id, figure_id, area_code
),

-- Three points at least: a line through two has no error. Rounded: the sum of floats depends on their order.
slopes as (
    select
        measure_id,
        figure_id,
        area_code,
        history_months,
        case when history_months >= 3 then round(slope::numeric, 9) end as actual_per_month,
        case
            when history_months >= 3 and spread > 0
                then round(sqrt(greatest(variation - slope * slope * spread, 0) / (history_months - 2) / spread)::numeric, 9)
        end as standard_error
    from fitted
),

paces as (
    select
        progress.*,
        coalesce(slopes.history_months, 0) as history_months,
        slopes.actual_per_month,
        slopes.standard_error,
        case
            when not progress.is_expired then round((progress.deadline_date - {{ as_of() }}) / {{ days_a_month }}, 2)
        end as months_left
    from progress
    left join slopes
        on
            progress.measure_id = slopes.measure_id and progress.headline = slopes.figure_id
            and progress.area_code = slopes.area_code
),

-- A hundred years and more are no forecast.
forecasts as (
    select
        *,
        case
            when gap > 0 and gap < actual_per_month * 1200
                then {{ as_of() }} + ceil(round(gap / actual_per_month * {{ days_a_month }}, 2))::integer
        end as forecast_date,
        case
            when gap > 0 and gap < (actual_per_month + standard_error) * 1200
                then {{ as_of() }} + ceil(round(gap / (actual_per_month + standard_error) * {{ days_a_month }}, 2))::integer
        end as forecast_earliest,
        case
            when gap > 0 and gap < (actual_per_month - standard_error) * 1200
                then {{ as_of() }} + ceil(round(gap / (actual_per_month - standard_error) * {{ days_a_month }}, 2))::integer
        end as forecast_latest
    from paces
),

pace as (
    select
        {{ publication_id() }} as publication_id,
        goal_id,
        measure_id,
        goal_name,
        domain,
        area_level,
        area_code,
        area_name,
        unit,
        value,
        target,
        gap,
        deadline,
        months_left,
        gap / nullif(months_left, 0) as needed_per_month,
        history_months,
        actual_per_month,
        standard_error,
        forecast_date,
        forecast_earliest,
        forecast_latest,
        case
            when target is null then '没有目标'
            when value is null then '没有数'
            when gap = 0 then '已达到'
            when is_expired then '已到期'
            when deadline_date is null then '没有期限'
            when actual_per_month is null then '历史不足'
            when forecast_date <= deadline_date then '按期'
            else '落后'
        end as pace_state,
        {{ as_of() }} as as_of_date
    from forecasts
)

select * from pace

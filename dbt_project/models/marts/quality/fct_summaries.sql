with

reported as (
    select
        'reported|' || _key as summary_key,
        'reported' as origin,
        _area_code as area_code,
        _reported_code as reported_code,
        _unit_code as unit_code,
        _submission_id as submission_id,
        _row_number as row_number,
        null as area_name,
        period,
        metric,
        breakdown,
        value,
        unit,
        precision,
        null as precision_said,
        source,
        null as confidence,
        effective_from
    from {{ ref('at_summary') }}
),

-- News say a figure of a day, and of places that no county of ours is in.
published as (
    select
        'published|' || area_name || '|' || as_of || '|' || metric as summary_key,
        'published' as origin,
        area_code,
        area_code as reported_code,
        null as unit_code,
        null::bigint as submission_id,
        null::integer as row_number,
        area_name,
        as_of::text as period,
        metric,
        '全部' as breakdown,
        value,
        case unit when 'person' then '1' when 'per 10k' then '8' else '2' end as unit,
        precision,
        said as precision_said,
        source,
        confidence,
        as_of as effective_from
    from {{ source('reference', 'published_figure') }}
    where as_of <= {{ as_of() }}
),

together as (
    select * from reported
    union all
    select * from published
),

dated as (
    select
        *,
        case
            when period ~ '^[0-9]{4}$' then 'year'
            when period ~ '^[0-9]{4}Q[1-4]$' then 'quarter'
            when period ~ '^[0-9]{4}-[0-9]{2}$' then 'month'
            else 'day'
        end as period_kind
    from together
),

begun as (
    select
        *,
        case period_kind
            when 'year' then make_date(period::integer, 1, 1)
            when 'quarter' then make_date(left(period, 4)::integer, right(period, 1)::integer * 3 - 2, 1)
            when 'month' then to_date(period, 'YYYY-MM')
            else to_date(period, 'YYYY-MM-DD')
        end as period_start
    from dated
),

summaries as (
    select
        {{ publication_id() }} as publication_id,
        summary_key,
        origin,
        area_code,
        area_name,
        reported_code,
        unit_code,
        submission_id,
        row_number,
        period,
        period_kind,
        period_start,
        case period_kind
            when 'year' then (period_start + interval '1 year' - interval '1 day')::date
            when 'quarter' then (period_start + interval '3 months' - interval '1 day')::date
            when 'month' then (period_start + interval '1 month' - interval '1 day')::date
            else period_start
        end as period_end,
        extract(year from period_start)::integer as year,
        metric,
        breakdown,
        value,
        unit,
        precision,
        precision_said,
        source,
        confidence,
        case
            when origin = 'reported' and period_kind = 'year' and breakdown = '全部'
                then case when unit = '7' then value / 100 else value end
        end as yearly_value,
        case
            when origin = 'reported' and period_kind = 'year' and breakdown = '全部' and unit = '5' then value
        end as yearly_yuan,
        effective_from
    from begun
)

select * from summaries

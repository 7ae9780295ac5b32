with

targets as (
    select
        *,
        -- The paper's ratio is a limit of one project or institution; all of them should keep it.
        case when unit = 'ratio' then target else unit_threshold end as threshold,
        case when unit = 'ratio' then 1 else target end as goal_target,
        unit in ('share', 'ratio', 'growth') as is_for_every_area
    from {{ source('reference', 'target') }}
),

areas as (
    select * from {{ ref('core_areas') }}
),

reporting as (
    select * from {{ ref('measure_reporting') }}
),

parts as (
    {% for domain in ['talent', 'posts', 'agencies', 'projects', 'funding'] %}
    select * from {{ ref('measure_' ~ domain) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

sums as (
    select
        parts.goal_id,
        parts.measure_id,
        members.area_code,
        sum(parts.numerator) as numerator,
        sum(parts.denominator) as denominator,
        percentile_cont(0.5) within group (order by parts.unit_value::float8)::numeric as median,
        sum(parts.beside) as beside,
        sum(parts.shortage) as shortage
    from parts
    inner join {{ ref('core_area_members') }} as members
        on parts.member_code = members.member_code and members.basis = 'today'
    group by parts.goal_id, parts.measure_id, members.area_code
),

-- Influence is recognised by the province alone; the province's own unit has no communities.
asked as (
    select
        targets.*,
        areas.area_code,
        areas.area_name,
        areas.area_level,
        reporting.kind,
        reporting.expected_units,
        reporting.reported_units,
        coalesce(reporting.is_carried_forward, false) as is_carried_forward,
        reporting.oldest_report_date
    from targets
    cross join areas
    left join reporting on targets.goal_id = reporting.goal_id and areas.area_code = reporting.area_code
    where
        (targets.goal_id <> 'G10' or areas.area_level = 'province')
        and (targets.goal_id not in ('G08', 'G09') or areas.area_level <> 'unit')
),

known as (
    select
        asked.*,
        case when asked.kind = 'growth' then sums.numerator else coalesce(sums.numerator, 0) end as numerator,
        case when asked.kind = 'share' then coalesce(sums.denominator, 0) else sums.denominator end as denominator,
        sums.median,
        sums.beside,
        sums.shortage,
        case
            when asked.kind is null then '未采集'
            when asked.reported_units = 0 then '未报'
            when asked.kind = 'growth' and sums.denominator is null then '未采集'
            when asked.kind = 'growth' and sums.numerator is null then '未报'
            else '已采集'
        end as state
    from asked
    left join sums
        on
            asked.goal_id = sums.goal_id
            and asked.measure_id = sums.measure_id
            and asked.area_code = sums.area_code
),

valued as (
    select
        *,
        case
            when state <> '已采集' then null
            when kind = 'count' then numerator
            when kind = 'share' then numerator / nullif(denominator, 0)
            when kind = 'growth' then numerator / nullif(denominator, 0) - 1
        end as value,
        case when area_level = 'province' or is_for_every_area then goal_target end as shown_target
    from known
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
        case when state = '已采集' then numerator end as numerator,
        case when state = '已采集' then denominator end as denominator,
        case when state = '已采集' then median end as median,
        case
            when state <> '已采集' then null
            when kind = 'share' then beside / nullif(denominator, 0)
            else beside
        end as beside_value,
        case when state = '已采集' then shortage end as shortage,
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
        reported_units::numeric / nullif(expected_units, 0) as coverage,
        is_carried_forward,
        oldest_report_date,
        {{ as_of() }} as as_of_date
    from valued
)

select * from progress

with

people as (
    select
        talent.*,
        case when parameters.is_in_post_only then talent.is_holder_in_post else talent.is_holder end as is_counted
    from {{ ref('fct_talent') }} as talent
    cross join {{ ref('core_parameters') }} as parameters
),

communities as (
    select * from {{ ref('mart_community_staffing') }}
),

holders as (
    select
        'G01' as goal_id,
        'M02-1' as measure_id,
        area_code as member_code,
        count(*) filter (where is_counted)::numeric as numerator,
        null::numeric as denominator,
        null::numeric as unit_value,
        count(*) filter (where is_holder_in_post)::numeric as beside,
        null::numeric as shortage
    from people
    group by area_code
),

staffed as (
    select
        case unit_kind when '1' then 'G08' else 'G09' end as goal_id,
        case unit_kind when '1' then 'M07-6' else 'M07-7' end as measure_id,
        area_code as member_code,
        count(*) filter (where is_staffed)::numeric as numerator,
        count(*)::numeric as denominator,
        null::numeric as unit_value,
        count(*) filter (where is_staffed_loosely)::numeric as beside,
        sum(missing_count)::numeric as shortage
    from communities
    group by unit_kind, area_code
),

measures as (
    select * from holders
    union all
    select * from staffed
)

select * from measures

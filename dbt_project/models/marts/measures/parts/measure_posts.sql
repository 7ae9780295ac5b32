with

posts as (
    select * from {{ ref('fct_posts') }}
),

employers as (
    select * from {{ ref('dim_employers') }}
    where is_in_band is not null
),

seats as (
    select
        'G02' as goal_id,
        'M02-2' as measure_id,
        area_code as member_code,
        count(*)::numeric as numerator,
        null::numeric as denominator,
        null::numeric as unit_value,
        count(*) filter (where is_filled)::numeric as beside,
        null::numeric as shortage
    from posts
    where is_in_being
    group by area_code
),

institutions as (
    select
        'G07' as goal_id,
        'M07-2' as measure_id,
        area_code as member_code,
        is_in_band::integer::numeric as numerator,
        1::numeric as denominator,
        post_share as unit_value,
        null::numeric as beside,
        null::numeric as shortage
    from employers
),

levels as (
    select
        'G12' as goal_id,
        'M08-1' as measure_id,
        area_code as member_code,
        count(*) filter (where is_level_kept)::numeric as numerator,
        count(*)::numeric as denominator,
        null::numeric as unit_value,
        count(*) filter (where is_level_above)::numeric as beside,
        null::numeric as shortage
    from posts
    where is_level_asked
    group by area_code
),

measures as (
    select * from seats
    union all
    select * from institutions
    union all
    select * from levels
)

select * from measures

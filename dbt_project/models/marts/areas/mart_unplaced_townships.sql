with

townships as (
    select * from {{ ref('dim_townships') }}
),

communities as (
    select * from {{ ref('at_community') }}
    where status = '1' and township_code is not null
),

-- Every code that something was said under: the townships' own rows, and those that communities name.
named as (
    select
        coalesce(townships.township_code, communities.township_code) as township_code,
        min(coalesce(townships.area_code, communities._area_code)) as area_code,
        min(townships.township_name) as township_name,
        coalesce(bool_or(townships.is_former), false) as is_former,
        coalesce(bool_or(townships.is_reported), false) as is_reported,
        count(communities.community_code)::integer as community_count
    from townships
    full outer join communities on townships.township_code = communities.township_code
    where coalesce(townships.placed_by, 'unknown') = 'unknown'
    group by coalesce(townships.township_code, communities.township_code)
),

unplaced as (
    select
        {{ publication_id() }} as publication_id,
        township_code,
        township_name,
        area_code,
        is_former,
        is_reported,
        community_count
    from named
)

select * from unplaced

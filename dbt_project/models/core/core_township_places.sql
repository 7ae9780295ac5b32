with

townships as (
    select * from {{ source('reference', 'township') }}
),

places as (
    select * from {{ ref('core_member_codes') }}
    where said_from <= {{ as_of() }} and said_until > {{ as_of() }}
),

-- Without the word for its kind: a town that became a sub-district keeps the rest of its name.
named as (
    select
        townships.township_code,
        townships.township_name,
        townships.county_code,
        townships.is_former,
        coalesce(places.area_code, townships.county_code) as area_code,
        regexp_replace(townships.township_name, '(街道|镇|民族乡|乡)$', '') as bare_name
    from townships
    left join places on townships.county_code = places.code
),

of_today as (
    select
        *,
        count(*) over (partition by area_code, township_name) as same_names,
        count(*) over (partition by area_code, bare_name) as same_bare_names
    from named
    where not is_former
),

-- Where all communities of a former township that we know of went into those of one township.
merged as (
    select
        communities.township_code,
        min(left(communities.merged_into, 9)) as merged_into_code
    from {{ ref('at_community') }} as communities
    group by communities.township_code
    having
        count(*) = count(communities.merged_into)
        and count(distinct left(communities.merged_into, 9)) = 1
),

led as (
    select
        former.*,
        same_name.township_code as same_name_code,
        renamed.township_code as renamed_code,
        into_one.township_code as merged_code
    from named as former
    left join of_today as same_name
        on
            former.area_code = same_name.area_code and former.township_name = same_name.township_name
            and same_name.same_names = 1
    left join of_today as renamed
        on
            former.area_code = renamed.area_code and former.bare_name = renamed.bare_name
            and renamed.same_bare_names = 1
    left join merged on former.township_code = merged.township_code
    left join of_today as into_one on merged.merged_into_code = into_one.township_code
    where former.is_former
),

township_places as (
    select
        township_code,
        township_name,
        area_code,
        is_former,
        township_code as today_code,
        'current' as placed_by
    from of_today
    union all
    select
        township_code,
        township_name,
        area_code,
        is_former,
        coalesce(merged_code, same_name_code, renamed_code) as today_code,
        case
            when merged_code is not null then 'merged'
            when same_name_code is not null then 'same_name'
            when renamed_code is not null then 'renamed'
            else 'unknown'
        end as placed_by
    from led
)

select * from township_places

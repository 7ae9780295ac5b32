with

communities as (
    select * from {{ ref('at_community') }}
),

seats as (
    select distinct community_code from {{ ref('at_post') }}
    where status = '1'
),

townships as (
    select * from {{ ref('core_township_places') }}
),

all_communities as (
    select
        {{ publication_id() }} as publication_id,
        communities.community_code,
        communities.community_name,
        communities.unit_kind,
        communities.township_code,
        townships.today_code as today_township_code,
        {{ place_and_source('communities') }},
        communities.population,
        communities.households,
        communities.has_sw_room,
        communities.sw_room_date,
        communities.has_three_linkage,
        communities.has_fund,
        communities.fund_yuan,
        communities.has_grade_system,
        communities.heads_total,
        communities.staff_total,
        communities.open_date,
        communities.close_date,
        communities.merged_into,
        communities.status,
        coalesce(communities.status = '1', false) as is_in_being,
        coalesce(communities.status = '1' and communities.has_grade_system, false) as is_with_grade_system,
        coalesce(communities.status = '1', false) and seats.community_code is not null as is_with_post,
        case when communities.status = '1' then communities.heads_total end as heads_in_being,
        coalesce(communities.status = '1' and communities.has_sw_room, false) as is_with_sw_room,
        coalesce(communities.status = '1' and communities.has_three_linkage, false) as is_with_three_linkage,
        coalesce(communities.status = '1' and communities.has_fund, false) as is_with_fund,
        case when communities.status = '1' and communities.has_fund then communities.fund_yuan end as active_fund_yuan,
        communities.effective_from
    from communities
    left join seats on communities.community_code = seats.community_code
    left join townships on communities.township_code = townships.township_code
)

select * from all_communities

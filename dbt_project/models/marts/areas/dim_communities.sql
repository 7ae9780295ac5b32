with

communities as (
    select * from {{ ref('at_community') }}
),

all_communities as (
    select
        {{ publication_id() }} as publication_id,
        communities.community_code,
        communities.community_name,
        communities.unit_kind,
        communities.township_code,
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
        communities.effective_from
    from communities
)

select * from all_communities

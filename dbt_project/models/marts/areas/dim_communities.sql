with

communities as (
    select * from {{ ref('known_community') }}
),

member_codes as (
    select * from {{ ref('core_member_codes') }}
),

all_communities as (
    select
        {{ publication_id() }} as publication_id,
        communities.community_code,
        communities.community_name,
        communities.unit_kind,
        communities.township_code,
        member_codes.member_code as area_code,
        communities._unit_code as unit_code,
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
    inner join member_codes on communities._unit_code = member_codes.code
)

select * from all_communities

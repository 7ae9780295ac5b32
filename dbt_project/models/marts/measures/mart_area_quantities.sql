-- Every quantity by area: totals on both bases, breakdowns on today's boundaries. A quantity is of one fact, combined in one way.
with

quantities as (
    select * from {{ ref('mart_quantities') }}
),

by_member as (
    select
        quantity,
        year,
        'today' as basis,
        area_code as member_code,
        breakdown,
        breakdown_code,
        min(domain) as domain,
        min(fact) as fact,
        min(combined_by) as combined_by,
        case min(combined_by) when 'min' then min(amount) else sum(amount) end as amount
    from quantities
    group by quantity, year, area_code, breakdown, breakdown_code
    union all
    select
        quantity,
        year,
        'reported' as basis,
        reported_code as member_code,
        breakdown,
        breakdown_code,
        min(domain) as domain,
        min(fact) as fact,
        min(combined_by) as combined_by,
        case min(combined_by) when 'min' then min(amount) else sum(amount) end as amount
    from quantities
    where breakdown = ''
    group by quantity, year, reported_code, breakdown, breakdown_code
),

members as (
    select
        members.*,
        coalesce(areas.area_level = 'county', false) as is_county
    from {{ ref('core_area_members') }} as members
    left join {{ ref('core_areas') }} as areas on members.member_code = areas.area_code
),

area_quantities as (
    select
        {{ publication_id() }} as publication_id,
        min(by_member.domain) as domain,
        by_member.quantity,
        min(by_member.fact) as fact,
        by_member.year,
        members.basis,
        members.area_code,
        by_member.breakdown,
        by_member.breakdown_code,
        case min(by_member.combined_by) when 'min' then min(by_member.amount) else sum(by_member.amount) end as amount,
        (count(*) filter (where by_member.amount > 0 and members.is_county))::numeric as counties_having
    from by_member
    inner join members on by_member.member_code = members.member_code and by_member.basis = members.basis
    group by
        members.area_code, by_member.quantity, by_member.breakdown_code, by_member.year, by_member.breakdown, members.basis
)

select * from area_quantities

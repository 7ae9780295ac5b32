-- Every quantity by area: totals on both bases, breakdowns on today's boundaries.
with

quantities as (
    select * from {{ ref('mart_quantities') }}
),

by_member as (
    select
        domain,
        quantity,
        fact,
        year,
        'today' as basis,
        area_code as member_code,
        breakdown,
        breakdown_code,
        combined_by,
        case combined_by when 'min' then min(amount) else sum(amount) end as amount
    from quantities
    group by domain, quantity, fact, year, area_code, breakdown, breakdown_code, combined_by
    union all
    select
        domain,
        quantity,
        fact,
        year,
        'reported' as basis,
        reported_code as member_code,
        breakdown,
        breakdown_code,
        combined_by,
        case combined_by when 'min' then min(amount) else sum(amount) end as amount
    from quantities
    where breakdown = ''
    group by domain, quantity, fact, year, reported_code, breakdown, breakdown_code, combined_by
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
        by_member.domain,
        by_member.quantity,
        by_member.fact,
        by_member.year,
        members.basis,
        members.area_code,
        by_member.breakdown,
        by_member.breakdown_code,
        case by_member.combined_by when 'min' then min(by_member.amount) else sum(by_member.amount) end as amount,
        (count(*) filter (where by_member.amount > 0 and members.is_county))::numeric as counties_having
    from by_member
    inner join members on by_member.member_code = members.member_code and by_member.basis = members.basis
    group by
        by_member.domain, by_member.quantity, by_member.fact, by_member.year, members.basis, members.area_code,
        by_member.breakdown, by_member.breakdown_code, by_member.combined_by
)

select * from area_quantities

-- Every quantity by area, on both bases, its breakdowns too.
with

quantities as (
    select * from {{ ref('mart_quantities') }}
),

members as (
    select * from {{ ref('core_area_members') }}
),

counties as (
    select area_code from {{ ref('core_areas') }}
    where area_level = 'county'
),

area_sums as (
    select
        {{ publication_id() }} as publication_id,
        quantities.domain,
        quantities.quantity,
        quantities.fact,
        quantities.year,
        members.basis,
        members.area_code,
        quantities.breakdown,
        quantities.breakdown_code,
        case when quantities.combined_by = 'min' then min(quantities.amount) else sum(quantities.amount) end as amount,
        (count(distinct quantities.area_code) filter (where quantities.amount > 0 and counties.area_code is not null))::numeric
            as counties_having
    from quantities
    inner join members
        on
            case members.basis when 'today' then quantities.area_code else quantities.reported_code end = members.member_code
    left join counties on quantities.area_code = counties.area_code
    group by
        quantities.domain, quantities.quantity, quantities.fact, quantities.year, members.basis, members.area_code,
        quantities.breakdown, quantities.breakdown_code, quantities.combined_by
)

select * from area_sums

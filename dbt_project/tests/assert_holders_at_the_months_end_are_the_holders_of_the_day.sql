-- What came and went over all months leaves those who hold a certificate on the day, area by area.
with

holders as (
    select
        members.area_code,
        count(*) as holder_count
    from {{ ref('fct_talent') }} as talent
    inner join {{ ref('core_area_members') }} as members on talent.area_code = members.member_code
    where talent.is_holder and members.basis = 'today'
    group by members.area_code
),

bridges as (
    select * from {{ ref('mart_holder_bridge') }}
    where month = date_trunc('month', {{ as_of() }})
)

select
    coalesce(holders.area_code, bridges.area_code) as area_code,
    holders.holder_count,
    bridges.closing_count
from holders
full join bridges on holders.area_code = bridges.area_code
where coalesce(holders.holder_count, 0) <> coalesce(bridges.closing_count, 0)

with

changes as (
    select
        date_trunc('month', valid_from)::date as month,
        area_code,
        previous_area_code,
        change,
        is_leaving_post,
        count(*) as people
    from {{ ref('core_person_spans') }}
    where (change is not null or is_leaving_post) and valid_from <= {{ as_of() }}
    group by date_trunc('month', valid_from), area_code, previous_area_code, change, is_leaving_post
),

members as (
    select
        area_code,
        member_code
    from {{ ref('core_area_members') }}
    where basis = 'today'
),

firsts as (
    select min(month) as first_month from changes
),

months as (
    select series.begun::date as month
    from firsts
    cross join generate_series(firsts.first_month, {{ as_of() }}, interval '1 month') as series (begun)
),

-- Who came counts where the person is, who is lost where the person was.
at_places as (
    select
        month,
        change,
        case when change in ('certified', 'reported') then area_code else previous_area_code end as place_code,
        people
    from changes
    where change <> 'moved'
    union all
    select
        month,
        'leaving_post' as change,
        area_code as place_code,
        people
    from changes
    where is_leaving_post
),

-- Who moves within an area neither comes to it nor leaves it.
flows as (
    select
        at_places.month,
        members.area_code,
        at_places.change,
        at_places.people
    from at_places
    inner join members on at_places.place_code = members.member_code
    union all
    select
        changes.month,
        members.area_code,
        'moved_in' as change,
        changes.people
    from changes
    inner join members on changes.area_code = members.member_code
    left join members as also
        on members.area_code = also.area_code and changes.previous_area_code = also.member_code
    where changes.change = 'moved' and also.area_code is null
    union all
    select
        changes.month,
        members.area_code,
        'moved_out' as change,
        changes.people
    from changes
    inner join members on changes.previous_area_code = members.member_code
    left join members as also
        on members.area_code = also.area_code and changes.area_code = also.member_code
    where changes.change = 'moved' and also.area_code is null
),

summed as (
    select
        areas.area_code,
        months.month,
        coalesce(sum(flows.people) filter (where flows.change = 'certified'), 0)::integer as certified_count,
        coalesce(sum(flows.people) filter (where flows.change = 'reported'), 0)::integer as reported_count,
        coalesce(sum(flows.people) filter (where flows.change = 'moved_in'), 0)::integer as moved_in_count,
        coalesce(sum(flows.people) filter (where flows.change = 'moved_out'), 0)::integer as moved_out_count,
        coalesce(sum(flows.people) filter (where flows.change = 'leaving_post'), 0)::integer as leaving_post_count,
        coalesce(sum(flows.people) filter (where flows.change = 'void'), 0)::integer as void_count,
        coalesce(sum(flows.people) filter (where flows.change = 'cancelled'), 0)::integer as cancelled_count,
        coalesce(sum(flows.people) filter (where flows.change = 'withdrawn'), 0)::integer as withdrawn_count
    from {{ ref('core_areas') }} as areas
    cross join months
    left join flows on areas.area_code = flows.area_code and months.month = flows.month
    group by areas.area_code, months.month
),

netted as (
    select
        *,
        certified_count + reported_count as gained_count,
        void_count + cancelled_count + withdrawn_count as lost_count,
        certified_count + reported_count + moved_in_count
        - moved_out_count - void_count - cancelled_count - withdrawn_count as net_count
    from summed
),

closed as (
    select
        *,
        (sum(net_count) over (partition by area_code order by month))::integer as closing_count
    from netted
),

bridge as (
    select
        {{ publication_id() }} as publication_id,
        area_code,
        month,
        closing_count - net_count as opening_count,
        gained_count,
        certified_count as gained_certified_count,
        reported_count as gained_reported_count,
        moved_in_count,
        moved_out_count,
        lost_count,
        void_count as lost_void_count,
        cancelled_count as lost_cancelled_count,
        withdrawn_count as lost_withdrawn_count,
        closing_count,
        leaving_post_count as retired_count
    from closed
    where month > {{ as_of() }} - interval '72 months'
)

select * from bridge

with

summaries as (
    select * from {{ ref('fct_summaries') }}
    where breakdown = '全部' and area_code is not null
),

areas as (
    select * from {{ ref('core_areas') }}
),

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

-- The metrics that rosters can tell, too.
twins as (
    select * from (
        values
        ('certified_total', 'stock'), ('certified_level_1', 'stock'), ('certified_level_2', 'stock'),
        ('certified_level_3', 'stock'), ('registered_total', 'stock'), ('social_work_talent_total', 'stock'),
        ('posts', 'stock'), ('agencies', 'stock'), ('industry_associations', 'stock'), ('townships_with_station', 'stock'),
        ('certified_new_in_year', 'flow'), ('purchased_projects', 'flow'), ('purchased_yuan', 'flow'),
        ('fiscal_yuan', 'flow'), ('lottery_social_work_yuan', 'flow'), ('exam_applicants', 'flow'), ('exam_takers', 'flow')
    ) as listed (metric, kind)
),

-- What a unit says is of its own rosters. Yearly figures are of the whole year, new ones of the year so far.
own as (
    select
        summaries.*,
        twins.kind,
        case
            when summaries.metric in ('certified_new_in_year', 'exam_applicants', 'exam_takers')
                then make_date(summaries.year, 1, 1)
            else summaries.period_start
        end as counted_from,
        case
            when summaries.metric in ('exam_applicants', 'exam_takers') then make_date(summaries.year, 12, 31)
            else summaries.period_end
        end as counted_to
    from summaries
    inner join areas on summaries.area_code = areas.area_code
    left join twins
        on
            summaries.metric = twins.metric
            -- Money of funding is known by the year only.
            and (summaries.metric not in ('fiscal_yuan', 'lottery_social_work_yuan') or summaries.period_kind = 'year')
),

asked as (
    select
        origin,
        area_code,
        area_code as member_code,
        period,
        metric,
        kind,
        counted_from,
        counted_to
    from own
    where origin = 'reported'
    union all
    select
        own.origin,
        own.area_code,
        members.member_code,
        own.period,
        own.metric,
        own.kind,
        own.counted_from,
        own.counted_to
    from own
    inner join members on own.area_code = members.area_code
    where own.origin = 'published'
),

-- A stock is what had come by the period's end; a flow is that less what had come before the period.
marks as (
    select
        *,
        1 as sign,
        counted_to as day
    from asked
    where kind is not null
    union all
    select
        *,
        -1 as sign,
        counted_from - 1 as day
    from asked
    where kind = 'flow'
),

mark_days as (
    select array_agg(distinct day order by day) as days from marks
),

-- Every day's counts at the first mark that is not before it: no mark tells the days between two apart.
tallies as (
    select
        rosters.area_code,
        rosters.metric,
        coalesce(mark_days.days[width_bucket(rosters.day - 1, mark_days.days) + 1], date 'infinity') as day,
        sum(rosters.amount) as amount
    from {{ ref('roster_tallies') }} as rosters
    cross join mark_days
    group by
        rosters.area_code, rosters.metric,
        coalesce(mark_days.days[width_bucket(rosters.day - 1, mark_days.days) + 1], date 'infinity')
),

moments as (
    select
        area_code as member_code,
        metric,
        day,
        amount,
        null as origin,
        null as area_code,
        null as period,
        null::integer as sign
    from tallies
    union all
    select
        member_code,
        metric,
        day,
        0 as amount,
        origin,
        area_code,
        period,
        sign
    from marks
),

running as (
    select
        *,
        sum(amount) over (
            partition by member_code, metric order by day, sign nulls first rows between unbounded preceding and current row
        ) as so_far,
        count(*) filter (where sign is null) over (partition by member_code, metric) as tally_days
    from moments
),

-- A roster without a row tells nothing; one whose rows are all of other days tells 0.
counted as (
    select
        origin,
        area_code,
        period,
        metric,
        sum(sign * so_far) as counted
    from running
    where sign is not null and tally_days > 0
    group by origin, area_code, period, metric
),

beside as (
    select
        own.origin,
        own.area_code,
        own.period,
        own.metric,
        own.period_kind,
        own.period_start,
        own.period_end,
        own.value as reported,
        own.unit,
        own.precision,
        own.kind is not null as is_comparable,
        counted.counted,
        row_number() over (
            partition by own.origin, own.area_code, own.metric order by own.period_end desc, own.period_start desc
        ) = 1 as is_latest
    from own
    left join counted
        on
            own.origin = counted.origin and own.area_code = counted.area_code
            and own.period = counted.period and own.metric = counted.metric
),

-- Cities and the province: the sum of the units that said so and have a roster, beside what those rosters give.
totals as (
    select
        'summed' as origin,
        members.area_code,
        beside.period,
        beside.metric,
        min(beside.period_kind) as period_kind,
        min(beside.period_start) as period_start,
        min(beside.period_end) as period_end,
        coalesce(sum(beside.reported) filter (where beside.counted is not null), sum(beside.reported)) as reported,
        min(beside.unit) as unit,
        max(beside.precision) as precision,
        bool_and(beside.is_comparable) as is_comparable,
        sum(beside.counted) as counted,
        false as is_latest,
        count(*)::integer as unit_count,
        (count(*) filter (where beside.counted is null))::integer as uncompared_units
    from beside
    inner join members on beside.area_code = members.member_code
    inner join areas on members.area_code = areas.area_code and areas.area_level in ('city', 'province')
    where
        beside.origin = 'reported' and members.area_code <> members.member_code
        and beside.unit not in ('7', '8') and beside.metric <> 'other'
    group by members.area_code, beside.period, beside.metric
    having count(distinct beside.unit) = 1
),

all_rows as (
    select
        *,
        1 as unit_count,
        (counted is null)::integer as uncompared_units
    from beside
    union all
    select * from totals
),

reported_and_counted as (
    select
        {{ publication_id() }} as publication_id,
        all_rows.origin,
        all_rows.area_code,
        areas.area_name,
        areas.area_level,
        all_rows.period,
        all_rows.period_kind,
        all_rows.period_start,
        all_rows.period_end,
        all_rows.metric,
        all_rows.unit,
        all_rows.precision,
        all_rows.unit_count,
        all_rows.uncompared_units,
        all_rows.reported,
        all_rows.counted,
        all_rows.counted - all_rows.reported as difference,
        all_rows.counted / nullif(all_rows.reported, 0) as counted_share,
        case
            when not all_rows.is_comparable then '没有对应的统计数'
            when all_rows.counted is null then '没有明细'
            else '已对照'
        end as state,
        case
            when all_rows.origin = 'reported' and all_rows.is_latest and all_rows.counted is not null then all_rows.reported
        end as latest_reported,
        case when all_rows.origin = 'reported' and all_rows.is_latest then all_rows.counted end as latest_counted,
        all_rows.area_code as reported_code
    from all_rows
    inner join areas on all_rows.area_code = areas.area_code
)

select * from reported_and_counted

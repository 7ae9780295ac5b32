with

figures as (
    select
        figures.*,
        figures.breakdowns[1] as breakdown,
        measures.clause,
        measures.domain,
        measures.direction,
        measures.name_zh as measure_name,
        cardinality(measures.tables) = 0 as is_of_the_ledger,
        split_part(split_part(figures.numerator, '.', 1), ':', 1) as fact,
        facts.fact is not null as is_collected,
        coalesce(facts.is_yearly, false) as is_yearly,
        coalesce(facts.is_register, false) as is_register
    from {{ source('reference', 'figure') }} as figures
    inner join {{ source('reference', 'measure') }} as measures on figures.measure_id = measures.measure_id
    left join {{ ref('measured_facts') }} as facts
        on split_part(split_part(figures.numerator, '.', 1), ':', 1) = facts.fact
    where figures.shape <> 'mix'
),

areas as (
    select * from {{ ref('core_areas') }}
),

members as (
    select * from {{ ref('core_area_members') }}
),

sums as (
    select * from {{ ref('mart_area_quantities') }}
    where breakdown = ''
),

varieties as (
    select
        quantity,
        year,
        basis,
        area_code,
        breakdown,
        (count(distinct breakdown_code) filter (where amount > 0 and breakdown_code not in ('', '99'))) as code_count
    from {{ ref('mart_area_quantities') }}
    where breakdown <> ''
    group by quantity, year, basis, area_code, breakdown
),

-- Hours and days repeat: how often each, so that a few thousand numbers are put in order and not half a million.
single_values as (
    select
        quantity,
        year,
        area_code,
        reported_code,
        single_value,
        count(*) as times
    from {{ ref('single_values') }}
    group by quantity, year, area_code, reported_code, single_value
),

-- Each value stands on both bases.
placed_values as (
    select
        quantity,
        year,
        'today' as basis,
        area_code as member_code,
        single_value,
        times
    from single_values
    union all
    select
        quantity,
        year,
        'reported' as basis,
        reported_code as member_code,
        single_value,
        times
    from single_values
),

counted_values as (
    select
        placed_values.quantity,
        placed_values.year,
        members.basis,
        members.area_code,
        placed_values.single_value,
        sum(placed_values.times)::bigint as times
    from placed_values
    inner join members on placed_values.basis = members.basis and placed_values.member_code = members.member_code
    group by placed_values.quantity, placed_values.year, members.basis, members.area_code, placed_values.single_value
),

values_in_order as (
    select
        quantity,
        year,
        basis,
        area_code,
        single_value,
        sum(times) over (of_area order by single_value) as up_to_here,
        sum(times) over of_area as value_count
    from counted_values
    window of_area as (partition by quantity, year, basis, area_code)
),

-- The value in the middle, of an even number of them halfway between the two.
medians as (
    select
        quantity,
        year,
        basis,
        area_code,
        ((
            (min(single_value) filter (where up_to_here >= div(value_count + 1, 2)))
            + (min(single_value) filter (where up_to_here >= div(value_count + 2, 2)))
        ) / 2)::numeric as median
    from values_in_order
    group by quantity, year, basis, area_code
),

reporting as (
    select * from {{ ref('measure_reporting') }}
),

county_counts as (
    select
        members.area_code,
        count(*)::numeric as county_count
    from members
    inner join areas on members.member_code = areas.area_code and areas.area_level = 'county'
    where members.basis = 'today'
    group by members.area_code
),

-- A year is shown where anybody said anything of it; the year of the day always.
years as (
    select distinct
        fact,
        year
    from sums
    where year between extract(year from {{ as_of() }}) - 9 and extract(year from {{ as_of() }})
    union
    select
        figures.fact,
        case when figures.is_yearly then extract(year from {{ as_of() }}) else 0 end::integer as year
    from figures
),

reported_codes as (
    select distinct area_code from sums
    where basis = 'reported'
),

last_periods as (
    select distinct on (area_code) * from {{ source('reference', 'area') }}
    order by area_code asc, valid_from desc
),

provinces_sums as (
    select
        sums.quantity,
        max(sums.amount) as amount
    from sums
    inner join areas on sums.area_code = areas.area_code and areas.area_level = 'province'
    where sums.basis = 'today'
    group by sums.quantity
),

-- Areas of today on today's boundaries; as reported, every code that something was reported under, and their totals.
places as (
    select
        'today' as basis,
        area_code,
        area_name,
        area_level,
        parent_code
    from areas
    union all
    select
        'reported' as basis,
        codes.area_code,
        coalesce(areas.area_name, former.area_name, codes.area_code) as area_name,
        coalesce(areas.area_level, former.area_level, 'unit') as area_level,
        coalesce(areas.parent_code, former.city_code) as parent_code
    from reported_codes as codes
    left join areas on codes.area_code = areas.area_code
    left join last_periods as former on codes.area_code = former.area_code
),

-- How many of an area's units said anything of a year.
heard as (
    select
        quantities.fact,
        quantities.year,
        members.area_code,
        count(distinct quantities.reported_code)::integer as heard_units
    from {{ ref('mart_quantities') }} as quantities
    inner join members on quantities.area_code = members.member_code and members.basis = 'today'
    where quantities.year > 0
    group by quantities.fact, quantities.year, members.area_code
),

asked as (
    select
        figures.*,
        places.basis,
        places.area_code,
        places.area_name,
        places.area_level,
        places.parent_code,
        case when figures.is_yearly then years.year else 0 end as year,
        reporting.expected_units,
        case
            when figures.is_yearly and not figures.is_register
                then least(coalesce(heard.heard_units, 0), reporting.expected_units)
            else reporting.reported_units
        end as reported_units,
        coalesce(reporting.is_carried_forward, false) as is_carried_forward,
        reporting.oldest_report_date
    from figures
    cross join places
    inner join years on figures.fact = years.fact and (figures.is_yearly = (years.year > 0))
    left join reporting on figures.measure_id = reporting.measure_id and places.area_code = reporting.area_code
    left join heard
        on figures.fact = heard.fact and years.year = heard.year and places.area_code = heard.area_code
    where not figures.is_province_only or places.area_level = 'province'
),

known as (
    select
        asked.*,
        case asked.shape
            when 'coverage' then coalesce(top.counties_having, 0)
            when 'variety' then coalesce(varieties.code_count, 0)
            when 'median' then medians.median
            when 'growth' then top.amount
            when 'milestone' then top.amount
            else coalesce(top.amount, 0)
        end as numerator_found,
        case asked.shape
            when 'coverage' then county_counts.county_count
            when 'growth' then before.amount
            when 'ratio' then coalesce(bottom.amount, 0)
        end as denominator_found,
        province_bottom.amount is not null as has_denominator
    from asked
    left join sums as top
        on
            asked.numerator = top.quantity and asked.basis = top.basis and asked.area_code = top.area_code
            and asked.year = top.year
    left join sums as bottom
        on
            asked.denominator = bottom.quantity and asked.basis = bottom.basis and asked.area_code = bottom.area_code
            and bottom.year in (0, asked.year)
    left join sums as before
        on
            asked.shape = 'growth' and asked.numerator = before.quantity and asked.basis = before.basis
            and asked.area_code = before.area_code and asked.year - 1 = before.year
    left join provinces_sums as province_bottom on asked.denominator = province_bottom.quantity
    left join varieties
        on
            asked.shape = 'variety' and asked.numerator = varieties.quantity and asked.basis = varieties.basis
            and asked.area_code = varieties.area_code and asked.year = varieties.year
            and asked.breakdown = varieties.breakdown
    left join medians
        on
            asked.shape = 'median' and asked.numerator = medians.quantity and asked.basis = medians.basis
            and asked.area_code = medians.area_code and asked.year = medians.year
    left join county_counts on asked.area_code = county_counts.area_code
),

-- Nobody collects it; it was due and nobody reported it; or it is a number, 0 too.
told as (
    select
        *,
        case
            when not is_collected or (expected_units is null and basis = 'today' and not is_of_the_ledger) then '未采集'
            when needs_list and not has_denominator then '未采集'
            when reported_units = 0 then '未报'
            when shape = 'growth' and denominator_found is null then '未采集'
            when shape = 'growth' and numerator_found is null then '未报'
            when shape = 'median' and numerator_found is null then '未采集'
            else '已采集'
        end as state
    from known
),

measures as (
    select
        {{ publication_id() }} as publication_id,
        domain,
        measure_id,
        figure_id,
        clause,
        measure_name,
        name_zh as figure_name,
        shape,
        unit,
        direction,
        basis,
        area_level,
        area_code,
        area_name,
        parent_code,
        case when is_yearly then 'year' else 'day' end as period_kind,
        case when is_yearly then year::text else to_char({{ as_of() }}, 'YYYY-MM-DD') end as period,
        state,
        case
            when state <> '已采集' then null
            when shape in ('count', 'variety', 'median') then numerator_found * factor
            when shape in ('ratio', 'coverage') then numerator_found * factor / nullif(denominator_found, 0)
            when shape = 'growth' then numerator_found / nullif(denominator_found, 0) - 1
            when shape = 'milestone' then (numerator_found is not null)::integer
        end as value,
        case when state = '已采集' and shape = 'milestone' then date '1970-01-01' + numerator_found::integer end as value_date,
        case when state = '已采集' then numerator_found end as numerator,
        case when state = '已采集' then denominator_found end as denominator,
        reported_units,
        expected_units,
        reported_units::numeric / nullif(expected_units, 0) as coverage,
        is_carried_forward,
        oldest_report_date,
        case
            when state <> '已采集' then state
            when reported_units < expected_units then '部分单位未报'
            when is_carried_forward then '含结转'
            else '完整'
        end as quality_stamp,
        {{ as_of() }} as as_of_date
    from told
)

select * from measures

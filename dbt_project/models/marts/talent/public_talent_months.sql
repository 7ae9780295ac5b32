{#
What anybody may read: certified people of an area at a month's end, and how they divide by one attribute at a time. Figures add up, to
an area's total and to the total of the area above; a sum in which a single figure is hidden would tell it. So each sum that hides a
small figure hides one that is not small beside it, round by round until nothing is left to do. Below cities only totals are shown:
there most figures by attribute are small.
#}
{% set attributes = holder_attributes().split(', ') %}
{% set rounds = 8 %}

with

areas as (
    select * from {{ ref('core_areas') }}
),

parameters as (
    select small_cell from {{ ref('core_parameters') }}
),

-- A year, and the same month of the year before.
counted as (
    {% if var('asked_schema', none) %}
    select * from ({{ summed_holders(ref('fct_talent_months')) }}) as summed
    where month > {{ as_of() }} - interval '13 months'
    {% else %}
    select * from {{ ref('core_holder_months') }}
    where month > {{ as_of() }} - interval '13 months'
    {% endif %}
),

grouped as (
    select
        counted.month,
        members.area_code,
        counted.breakdown,
        counted.code,
        sum(counted.holder_count)::integer as holder_count
    from counted
    inner join {{ ref('core_area_members') }} as members on counted.area_code = members.member_code
    where members.basis = 'today'
    group by counted.month, members.area_code, counted.breakdown, counted.code
),

-- Who counts at a city's or the province's own level is shown nowhere, yet is what the areas below leave of its total.
parts as (
    select
        grouped.*,
        areas.parent_code,
        true as is_shown
    from grouped
    inner join areas on grouped.area_code = areas.area_code
    left join areas as above on areas.parent_code = above.area_code
    where areas.area_level in ('province', 'city') or above.area_level = 'province' or grouped.breakdown = ''
    union all
    select
        counted.month,
        counted.area_code || ' itself' as area_code,
        counted.breakdown,
        counted.code,
        counted.holder_count::integer as holder_count,
        counted.area_code as parent_code,
        false as is_shown
    from counted
    inner join areas on counted.area_code = areas.area_code
    where areas.area_level = 'province' or (areas.area_level = 'city' and counted.breakdown = '')
),

cells as materialized (
    select
        row_number() over (order by parts.month, parts.area_code, parts.breakdown, parts.code) as cell,
        parts.*,
        parts.holder_count < parameters.small_cell as is_small
    from parts
    cross join parameters
),

-- A cell stands in the sum of its area's total and in that of its like in the area above; a total in those of all its attributes.
sums as materialized (
    select
        cell,
        holder_count,
        is_small,
        hashtextextended(month || 'of' || area_code || breakdown, 0) as sum_id
    from cells
    where breakdown <> ''
    union all
    select
        cells.cell,
        cells.holder_count,
        cells.is_small,
        hashtextextended(cells.month || 'of' || cells.area_code || named.breakdown, 0) as sum_id
    from cells
    cross join unnest(string_to_array('{{ attributes | join(" ") }}', ' ')) as named (breakdown)
    where cells.breakdown = ''
    union all
    select
        cells.cell,
        cells.holder_count,
        cells.is_small,
        hashtextextended(cells.month || 'in' || above.area_code || cells.breakdown || '=' || cells.code, 0) as sum_id
    from cells
    inner join areas as above on cells.area_code = above.area_code or cells.parent_code = above.area_code
),

hidden_0 as materialized (
    select cell from cells
    where is_small
),

{% for number in range(rounds) %}
-- Sums that tell what they hide: a single figure, or small ones only.
telling_{{ number }} as (
    select sums.sum_id
    from sums
    inner join hidden_{{ number }} as hidden on sums.cell = hidden.cell
    group by sums.sum_id
    having count(*) = 1 or bool_and(sums.is_small)
),

hidden_{{ number + 1 }} as materialized (
    select cell from hidden_{{ number }}
    union
    select beside.cell
    from (
        select distinct on (sums.sum_id) sums.cell
        from sums
        inner join telling_{{ number }} as telling on sums.sum_id = telling.sum_id
        left join hidden_{{ number }} as hidden on sums.cell = hidden.cell
        where hidden.cell is null
        order by sums.sum_id asc, sums.holder_count asc, sums.cell asc
    ) as beside
),

{% endfor %}
-- Should a sum still tell what it hides, its month is not told at all.
untold as (
    select cells.month
    from sums
    inner join cells on sums.cell = cells.cell
    left join hidden_{{ rounds }} as hidden on sums.cell = hidden.cell
    group by cells.month, sums.sum_id
    having
        bool_or(hidden.cell is null)
        and (count(hidden.cell) = 1 or bool_and(sums.is_small) filter (where hidden.cell is not null))
),

all_months as (
    select
        {{ publication_id() }} as publication_id,
        cells.month,
        cells.area_code,
        cells.breakdown,
        cells.code,
        cells.holder_count,
        hidden.cell is not null or cells.month in (select untold.month from untold) as is_suppressed
    from cells
    left join hidden_{{ rounds }} as hidden on cells.cell = hidden.cell
    where cells.is_shown
),

public_months as (
    select
        publication_id,
        month,
        area_code,
        breakdown,
        code,
        is_suppressed,
        case when not is_suppressed then holder_count end as holder_count
    from all_months
)

select * from public_months

{# What people are counted by, month by month; what is not said is an empty text. #}
{% macro talent_cell() %}
{{ return(['area_code', 'reported_code', 'certified_level', 'employer_type', 'service_domain', 'education', 'age_band', 'sex']) }}
{% endmacro %}

{% macro cell_of(relation) -%}
{% for name in talent_cell() -%}
{{ relation }}.{{ name }}{{ ', ' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{% macro same_cell(one, other) -%}
{% for name in talent_cell() -%}
{{ one }}.{{ name }} = {{ other }}.{{ name }}{{ ' and ' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# `months` and the CTE before it: each month's last day, the last of them the day that is asked for; at most 72 months. #}
{% macro counted_months(states) %}
first_months as (
    select
        greatest(date_trunc('month', min(valid_from)), date_trunc('month', {{ as_of() }}) - interval '71 months')::date as first_month
    from {{ states }}
),

months as (
    select
        begun::date as month,
        least((begun + interval '1 month')::date - 1, {{ as_of() }}) as day
    from first_months
    cross join generate_series(first_months.first_month, {{ as_of() }}, interval '1 month') as begun
)
{% endmacro %}

{# One row a person and month, of those who are in the roster on the month's last day. #}
{% macro person_months(states, months) %}
    select
        states.person_key,
        counted.month,
        {{ state_cell('states', 'counted.day') }},
        states.is_holder,
        states.is_holder_in_post
    from {{ states }} as states
    cross join first_months
    cross join generate_series(
        date_trunc('month', greatest(states.valid_from, first_months.first_month)),
        least(states.valid_to - 1, {{ as_of() }}), interval '1 month'
    ) as begun
    inner join {{ months }} as counted
        on begun::date = counted.month and states.valid_from <= counted.day and states.valid_to > counted.day
    where states.is_in_roster
{% endmacro %}

{% macro state_cell(states, day) -%}
        {{ states }}.area_code,
        coalesce({{ states }}.reported_code, {{ states }}.area_code) as reported_code,
        {{ states }}.certified_level,
        coalesce({{ states }}.employer_type, '') as employer_type,
        coalesce({{ states }}.service_domain, '') as service_domain,
        coalesce({{ states }}.education, '') as education,
        coalesce({{ age_band(states ~ '.birth_year', day) }}, '') as age_band,
        coalesce({{ states }}.sex, '') as sex
{%- endmacro %}

{% macro month_counts() -%}
        count(*)::integer as people_count,
        (count(*) filter (where is_holder))::integer as holder_count,
        (count(*) filter (where is_holder_in_post))::integer as holder_in_post_count
{%- endmacro %}

{# After the months have counted them: what was gone is dropped, what was new is like the rest. #}
{% macro settle_person_states() %}
delete from {{ ref('core_person_states') }} where pending = 'left';
update {{ ref('core_person_states') }} set pending = '' where pending = 'entered'
{% endmacro %}

{# Rows that no publication which anybody can still read shows, and months beyond the last 72. #}
{% macro forget_old_months() %}
{% set first_readable = known_number('select min(publication_id) from ' ~ ref('stg_publications') ~ ' where is_readable') %}
delete from {{ this }} where until_publication <= {{ first_readable }};
delete from {{ this }} where month < (date_trunc('month', {{ as_of() }}) - interval '71 months')::date
{% endmacro %}

{#
Before the months are counted: `touched_cells`, the months and cells in which somebody came, left or changed, as a table with
statistics.
#}
{% macro gather_touched_cells() %}
{% if is_incremental() and not var('refill') %}
{% set cell = talent_cell() | join(', ') %}
create temporary table touched_cells on commit drop as
with

states as not materialized (
    select * from {{ ref('core_person_states') }}
    where pending <> 'left'
),

{{ counted_months('states') }},

gone as (
    select * from {{ ref('core_person_states') }}
    where pending = 'left'
),

arrived as (
    select * from states
    where pending = 'entered'
),

known_months as (
    select * from months
    where
        exists (
            select from {{ this }} as known
            where known.month = months.month
        )
),

gone_cells as (
    select
        person_key,
        month,
        {{ cell }}
    from ({{ person_months('gone', 'known_months') }}) as of_gone
),

arrived_cells as (
    select
        person_key,
        month,
        {{ cell }}
    from ({{ person_months('arrived', 'known_months') }}) as of_arrived
),

-- The months since the last build that was audited end on a later day now: who came, left or changed in between.
last_builds as (
    select coalesce(max(as_of_date), date '0001-01-01') as last_day from {{ ref('stg_publications') }}
    where state in ('audited', 'published', 'reverted') and publication_id < {{ publication_id() }}
),

passed as (
    select
        states.*,
        last_builds.last_day
    from states
    cross join last_builds
    where
        (states.valid_from > last_builds.last_day and states.valid_from <= {{ as_of() }})
        or (states.valid_to > last_builds.last_day and states.valid_to <= {{ as_of() }})
),

touched as (
    (
        select * from gone_cells
        except
        select * from arrived_cells
    )
    union all
    (
        select * from arrived_cells
        except
        select * from gone_cells
    )
    union all
    select
        passed.person_key,
        known_months.month,
        {{ state_cell('passed', 'known_months.day') }}
    from passed
    inner join known_months on passed.last_day <= known_months.day
    where passed.is_in_roster
)

select distinct
    months.month,
    months.day,
    {{ cell }}
from touched
inner join months on touched.month = months.month;
create index on touched_cells (area_code, month);
analyze touched_cells
{% endif %}
{% endmacro %}

{# What the public's figures of certified people are divided by, one at a time. #}
{% macro holder_attributes() %}certified_level, employer_type, service_domain, education, age_band, sex{% endmacro %}

{# Certified people by month and area, in all and by one attribute at a time: `code` of `breakdown`, both empty for all. #}
{% macro summed_holders(cells) %}
    select
        month,
        area_code,
        case
            {% for name in holder_attributes().split(', ') %}
            when grouping({{ name }}) = 0 then '{{ name }}'
            {% endfor %}
            else ''
        end as breakdown,
        coalesce({{ holder_attributes() }}, '') as code,
        sum(holder_count)::integer as holder_count
    from {{ cells }}
    where holder_count > 0
    group by grouping sets (
        (month, area_code){% for name in holder_attributes().split(', ') %},
        (month, area_code, {{ name }}){% endfor %}
    )
{% endmacro %}

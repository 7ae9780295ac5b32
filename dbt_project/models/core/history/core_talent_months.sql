{{ config(
    materialized='incremental', incremental_strategy='delete+insert', on_schema_change='fail',
    unique_key=['month'] + talent_cell() + ['from_publication'],
    pre_hook=["{{ gather_touched_cells() }}", "{{ join_by_hash() }}"],
    post_hook=[
        "{{ keep_index('core_talent_months_from_publication', 'from_publication') }}",
        "{{ forget_old_months() }}", "{{ settle_person_states() }}", "{{ gather_statistics() }}"
    ],
    indexes=[{'columns': ['until_publication']}]
) }}
-- depends_on: {{ ref('stg_publications') }}
{% set is_partial = is_incremental() and not var('refill') %}
{% set cell = talent_cell() | join(', ') %}

with

states as not materialized (
    select * from {{ ref('core_person_states') }}
    where pending <> 'left'
),

{{ counted_months('states') }},

{% if is_partial %}
new_months as (
    select * from months
    where
        not exists (
            select from {{ this }} as known
            where known.month = months.month
        )
),

counted as (
    select
        touched_cells.month,
        {{ cell_of('touched_cells') }},
        {{ month_counts() }}
    from touched_cells
    inner join states
        on
            touched_cells.area_code = states.area_code
            and touched_cells.reported_code = coalesce(states.reported_code, states.area_code)
            and touched_cells.certified_level = states.certified_level
            and touched_cells.employer_type = coalesce(states.employer_type, '')
            and touched_cells.service_domain = coalesce(states.service_domain, '')
            and touched_cells.education = coalesce(states.education, '')
            and touched_cells.sex = coalesce(states.sex, '')
            and touched_cells.age_band = coalesce({{ age_band('states.birth_year', 'touched_cells.day') }}, '')
            and touched_cells.day >= states.valid_from
            and touched_cells.day < states.valid_to
    where states.is_in_roster
    group by touched_cells.month, {{ cell_of('touched_cells') }}
    union all
    select
        month,
        {{ cell }},
        {{ month_counts() }}
    from ({{ person_months('states', 'new_months') }}) as of_new_months
    group by month, {{ cell }}
),
{% else %}
counted as (
    select
        month,
        {{ cell }},
        {{ month_counts() }}
    from ({{ person_months('states', 'months') }}) as of_months
    group by month, {{ cell }}
),
{% endif %}

{% if is_incremental() %}
standing as (
    select known.* from {{ this }} as known
    {% if is_partial %}
    inner join touched_cells on known.month = touched_cells.month and {{ same_cell('known', 'touched_cells') }}
    {% endif %}
    where known.until_publication is null
),

-- A publication goes on showing what it showed: a count that changes ends, and another begins.
compared as (
    select
        coalesce(counted.month, standing.month) as month,
        {% for name in talent_cell() %}
        coalesce(counted.{{ name }}, standing.{{ name }}) as {{ name }},
        {% endfor %}
        counted.people_count,
        counted.holder_count,
        counted.holder_in_post_count,
        standing.people_count as people_before,
        standing.holder_count as holders_before,
        standing.holder_in_post_count as in_post_before,
        standing.from_publication as shown_since
    from counted
    full join standing on counted.month = standing.month and {{ same_cell('counted', 'standing') }}
    where
        counted.people_count is distinct from standing.people_count
        or counted.holder_count is distinct from standing.holder_count
        or counted.holder_in_post_count is distinct from standing.holder_in_post_count
),

talent_months as (
    select
        month,
        {{ cell }},
        people_count,
        holder_count,
        holder_in_post_count,
        {{ publication_id() }} as from_publication,
        null::bigint as until_publication
    from compared
    where people_count is not null
    union all
    select
        month,
        {{ cell }},
        people_before,
        holders_before,
        in_post_before,
        shown_since,
        {{ publication_id() }} as until_publication
    from compared
    where shown_since < {{ publication_id() }} or (shown_since is not null and people_count is null)
)
{% else %}
talent_months as (
    select
        counted.*,
        {{ publication_id() }} as from_publication,
        null::bigint as until_publication
    from counted
)
{% endif %}

-- By month and area, so that those of a month, which each build reads, stand together.
select * from talent_months
order by month, area_code

{#
Months grow; the table of each day would be written anew. So it is a view of what core keeps, in the counts that this publication
shows. Of another day the months are counted anew, by what held and was known then.
#}
{{ config(materialized='table' if var('asked_schema', none) else 'view') }}
{% set cell = talent_cell() | join(', ') %}

with

{% if var('asked_schema', none) %}
states as (
    select * from {{ ref('core_person_spans') }}
),

{{ counted_months('states') }},

counted as (
    select
        month,
        {{ cell }},
        {{ month_counts() }}
    from ({{ person_months('states', 'months') }}) as of_months
    group by month, {{ cell }}
),
{% else %}
counted as (
    select * from {{ ref('core_talent_months') }}
    where
        from_publication <= {{ publication_id() }}
        and coalesce(until_publication > {{ publication_id() }}, true)
        and month > {{ as_of() }} - interval '72 months'
),
{% endif %}

talent_months as (
    select
        {{ publication_id() }} as publication_id,
        month,
        {{ cell }},
        people_count,
        holder_count,
        holder_in_post_count
    from counted
)

select * from talent_months

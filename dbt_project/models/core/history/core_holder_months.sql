{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='month', on_schema_change='fail',
    pre_hook="{{ empty_for_refill() }}", post_hook="{{ gather_statistics() }}"
) }}
{% set is_partial = is_incremental() and not var('refill') %}

with

-- All; else those of which a count changed after, or by, the build that last summed up any: that may be tried again.
changed_months as (
    select distinct month from {{ ref('core_talent_months') }}
    {% if is_partial %}
    {% set summed_for = known_number('select max(summed_for) from ' ~ this) %}
    where from_publication >= {{ summed_for }} or until_publication >= {{ summed_for }}
    {% endif %}
),

standing as (
    select * from {{ ref('core_talent_months') }}
    where
        until_publication is null
        and month > {{ as_of() }} - interval '13 months'
        and month in (select changed_months.month from changed_months)
),

holder_months as (
    select
        *,
        {{ publication_id() }} as summed_for
    from ({{ summed_holders('standing') }}) as summed
)

select * from holder_months

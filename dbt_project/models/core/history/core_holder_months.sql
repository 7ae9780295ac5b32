{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='month', on_schema_change='fail',
    pre_hook="{{ empty_for_refill() }}", post_hook="{{ gather_statistics() }}"
) }}
{% set is_partial = is_incremental() and not var('refill') %}

with

-- noqa: disable=LT02
standing as (
    select * from {{ ref('core_talent_months') }}
    where
        month > {{ as_of() }} - interval '13 months'
        and until_publication is null
        {% if is_partial %}
        -- A count changed after, or by, the build that last summed up any: a build may be tried again under its number.
        and month in (
            select changed.month from {{ ref('core_talent_months') }} as changed
            where
                changed.from_publication >= (select coalesce(max(known.summed_for), 0) from {{ this }} as known)
                or changed.until_publication >= (select coalesce(max(known.summed_for), 0) from {{ this }} as known)
        )
        {% endif %}
),

holder_months as (
    select
        *,
        {{ publication_id() }} as summed_for
    from ({{ summed_holders('standing') }}) as summed
)

select * from holder_months

{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    post_hook="grant select on {{ this }} to admin"
) }}

with

people as (
    {% for table in ['talent', 'certificate', 'post', 'project_staff', 'supervisor'] %}
    select person_key from {{ ref('core_' ~ table ~ '_versions') }}
    where person_key is not null
    union
    {% endfor %}
    -- Attendance grows with the years; here each of its people has one first step.
    select person_key from {{ ref('core_training_hours') }}
    where valid_from = date '0001-01-01'
),

unnumbered as (
    select people.person_key
    from people
    {% if is_incremental() %}
    where people.person_key not in (select numbered.person_key from {{ this }} as numbered)
    {% endif %}
),

taken as (
    {% if is_incremental() %}
    select coalesce(max(person_number), 0) as last_number from {{ this }}
    {% else %}
    select 0 as last_number
    {% endif %}
),

-- The key is a keyed hash, so its order says nothing of a person; the first come keep their numbers for good.
numbered as (
    select
        unnumbered.person_key,
        taken.last_number + row_number() over (order by unnumbered.person_key) as person_number
    from unnumbered
    cross join taken
)

select * from numbered

{{ config(
    materialized='incremental', incremental_strategy='differences', unique_key='person_key', on_schema_change='fail',
    pre_hook=["{{ empty_for_refill() }}", "{{ gather_touched_people() }}"], post_hook="{{ gather_statistics() }}",
    indexes=[{'columns': ['valid_to']}, {'columns': ['valid_from']}]
) }}
-- depends_on: {{ ref('stg_submissions') }}
-- depends_on: {{ ref('stg_training_attendance') }}
-- depends_on: {{ ref('stg_training_session') }}
{% set is_partial = is_incremental() and not var('refill') %}

with

parameters as (
    select * from {{ ref('core_parameters') }}
),

-- Of a key that was corrected the last row names nobody.
said_of_people as (
    select * from {{ ref('core_training_attendance_versions') }}
    where person_key is not null {{ 'and person_key in (select touched.person_key from touched)' if is_partial }}
),

people as (
    select distinct person_key from said_of_people
),

attendances as (
    select * from said_of_people
    where superseded_at is null and not is_withdrawn
),

sessions as (
    select * from {{ ref('core_training_session_versions') }}
    where superseded_at is null and not is_withdrawn
),

in_force as (
    {{ attended_hours(counted_from(), counted_until()) }}
),

attended as (
    select * from in_force
    where counted_from < counted_until
),

{{ training_steps() }}

select
    steps.*,
    parameters.training_counts_from as counts_from,
    parameters.training_hours_per_day::numeric(4, 1) as daily_limit
from steps
cross join parameters

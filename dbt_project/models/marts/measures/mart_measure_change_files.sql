{{ config(materialized='view') }}

with

files as (
    select * from {{ source('record', 'measure_change_file') }}
    where publication_id = {{ publication_id() }}
),

told as (
    select
        publication_id,
        domain,
        measure_id,
        figure_id,
        area_code,
        year::integer as year,
        submission_id,
        unit_code,
        table_name,
        file_title,
        report_date,
        received_at,
        rows_accepted
    from files
)

select * from told

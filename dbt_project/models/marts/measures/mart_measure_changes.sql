{{ config(materialized='view') }}

with

changes as (
    select * from {{ source('record', 'measure_change') }}
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
        state_before,
        state_after,
        value_before,
        value_after,
        value_after - value_before as difference,
        submissions,
        cardinality(submissions) as file_count,
        case
            when cardinality(submissions) > 0 then '本区划的报送'
            when is_program_changed then '程序或口径'
            when is_told_elsewhere then '其他区划的报送'
            else '日期或参照数据'
        end as cause,
        is_program_changed
    from changes
)

select * from told

with

reports as (
    select
        *,
        due_at at time zone 'Asia/Shanghai' < {{ as_of() }} as is_past_due
    from {{ ref('stg_report_due') }}
),

units as (
    select * from {{ source('reference', 'unit') }}
),

member_codes as (
    select * from {{ ref('core_member_codes') }}
),

counted as (
    select
        unit_code,
        table_name,
        period,
        max(table_title) as table_title,
        count(*)::integer as expected_count,
        count(came_at)::integer as came_count,
        (count(*) filter (where came_at <= due_at))::integer as on_time_count,
        (count(*) filter (where came_at > due_at))::integer as late_count,
        (count(*) filter (where came_at is null and is_past_due))::integer as missing_count,
        (count(*) filter (where came_at is null and not is_past_due))::integer as pending_count
    from reports
    group by unit_code, table_name, period
),

punctuality as (
    select
        {{ publication_id() }} as publication_id,
        counted.unit_code,
        units.unit_name,
        member_codes.area_code,
        member_codes.area_code as reported_code,
        counted.table_name,
        counted.table_title,
        counted.period,
        counted.expected_count,
        counted.came_count,
        counted.on_time_count,
        counted.late_count,
        counted.missing_count,
        counted.pending_count,
        counted.came_count + counted.missing_count as due_count,
        round(counted.came_count::numeric / nullif(counted.came_count + counted.missing_count, 0), 6) as complete_share,
        round(counted.on_time_count::numeric / nullif(counted.came_count + counted.missing_count, 0), 6) as on_time_share,
        {{ as_of() }} as as_of_date
    from counted
    inner join units on counted.unit_code = units.unit_code
    inner join member_codes
        on
            counted.unit_code = member_codes.code
            and {{ as_of() }} >= member_codes.said_from and {{ as_of() }} < member_codes.said_until
)

select * from punctuality

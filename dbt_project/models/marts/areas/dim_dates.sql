with

workdays as (
    select * from {{ source('reference', 'workday') }}
),

all_dates as (
    select
        {{ publication_id() }} as publication_id,
        day,
        extract(year from day)::integer as year,
        extract(quarter from day)::integer as quarter,
        extract(month from day)::integer as month,
        extract(isodow from day)::integer as weekday,
        is_workday,
        is_workday
        and day = min(day) filter (where is_workday) over (partition by date_trunc('month', day)) as is_first_workday,
        holiday_name
    from workdays
)

select * from all_dates

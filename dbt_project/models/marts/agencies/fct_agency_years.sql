with

years as (
    select * from {{ ref('at_agency_year') }}
),

agencies as (
    select uscc from {{ ref('at_agency') }}
),

-- A year that was said of no agency of the roster waits until the agency is reported.
agency_years as (
    select
        {{ publication_id() }} as publication_id,
        years.uscc,
        years.year,
        {{ place_and_source('years') }},
        years.volunteers_used,
        years.volunteer_hours,
        years.fee_income_yuan,
        years.staff_total,
        years.staff_certified,
        agencies.uscc is null as is_orphan,
        case when agencies.uscc is not null then years.volunteers_used end as counted_volunteers,
        case when agencies.uscc is not null then years.volunteer_hours end as counted_volunteer_hours,
        case when agencies.uscc is not null then years.fee_income_yuan end as counted_fee_yuan,
        coalesce(agencies.uscc is not null and years.volunteers_used > 0, false) as is_using_volunteers,
        coalesce(agencies.uscc is not null and years.fee_income_yuan > 0, false) as is_earning_fees,
        years.effective_from
    from years
    left join agencies on years.uscc = agencies.uscc
)

select * from agency_years

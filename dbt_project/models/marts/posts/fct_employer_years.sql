with

years as (
    select * from {{ ref('at_employer_year') }}
),

employers as (
    select * from {{ ref('core_employers') }}
),

known_employers as (
    select employer_id from {{ ref('at_employer') }}
),

all_years as (
    select
        {{ publication_id() }} as publication_id,
        years.employer_id,
        years.year,
        {{ place_and_source('years') }},
        employers.employer_type,
        known_employers.employer_id is null as is_orphan,
        years.recruited,
        years.recruited_sw,
        years.recruited_priority,
        case when known_employers.employer_id is not null then years.recruited end as counted_recruited,
        case when known_employers.employer_id is not null then years.recruited_sw end as counted_recruited_sw,
        case when known_employers.employer_id is not null then years.recruited_priority end as counted_recruited_priority,
        years.effective_from
    from years
    left join employers on years.employer_id = employers.employer_id
    left join known_employers on years.employer_id = known_employers.employer_id
)

select * from all_years

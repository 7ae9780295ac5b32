-- What the rosters tell of a summary's metric, day by day, so that any past period can be set beside what was reported of it.
with

people as (
    select * from {{ ref('fct_talent') }}
),

-- Of each person and level the first certificate; the day that a higher one came ends it.
levels as (
    select
        people.area_code,
        certificates.person_number,
        certificates.cert_level,
        min(certificates.approve_date) as since
    from {{ ref('fct_certificates') }} as certificates
    inner join people on certificates.person_number = people.person_number
    where certificates.is_valid and people.is_counted
    group by people.area_code, certificates.person_number, certificates.cert_level
),

highest as (
    select
        *,
        min(since) over (
            partition by person_number order by cert_level desc rows between unbounded preceding and 1 preceding
        ) as raised_since
    from levels
),

registrations as (
    select
        people.area_code,
        unnest(holders.registered_days) as registered_days
    from {{ ref('core_holders') }} as holders
    inner join {{ ref('core_person_numbers') }} as numbers on holders.person_key = numbers.person_key
    inner join people on numbers.person_number = people.person_number
    where people.is_counted
),

agencies as (
    select * from {{ ref('dim_agencies') }}
    where found_date is not null and (status = '1' or close_date is not null)
),

-- A stock: what came, and what went.
stocks as (
    select
        area_code,
        'certified_total' as metric,
        certified_since as day,
        1 as amount
    from people
    where is_counted
    union all
    select
        area_code,
        'social_work_talent_total' as metric,
        coalesce(start_month, date '1949-10-01') as day,
        1 as amount
    from people
    where status <> '9'
    union all
    select
        area_code,
        'certified_level_' || cert_level as metric,
        since as day,
        1 as amount
    from highest
    where raised_since is null or since < raised_since
    union all
    select
        area_code,
        'certified_level_' || cert_level as metric,
        raised_since as day,
        -1 as amount
    from highest
    where since < raised_since
    union all
    select
        area_code,
        'registered_total' as metric,
        lower(registered_days) as day,
        1 as amount
    from registrations
    union all
    select
        area_code,
        'registered_total' as metric,
        upper(registered_days) as day,
        -1 as amount
    from registrations
    union all
    select
        area_code,
        'posts' as metric,
        coalesce(set_date, effective_from) as day,
        1 as amount
    from {{ ref('fct_posts') }}
    where is_in_being
    union all
    select
        area_code,
        'agencies' as metric,
        found_date as day,
        1 as amount
    from agencies
    where org_form = '1'
    union all
    select
        area_code,
        'agencies' as metric,
        close_date as day,
        -1 as amount
    from agencies
    where org_form = '1' and status <> '1'
    union all
    select
        area_code,
        'industry_associations' as metric,
        found_date as day,
        1 as amount
    from agencies
    where is_industry_body
    union all
    select
        area_code,
        'industry_associations' as metric,
        close_date as day,
        -1 as amount
    from agencies
    where is_industry_body and status <> '1'
    union all
    select
        area_code,
        'townships_with_station' as metric,
        effective_from as day,
        1 as amount
    from {{ ref('dim_townships') }}
    where has_sw_station
),

-- A flow: what happened in the period that is asked for.
flows as (
    select
        area_code,
        'certified_new_in_year' as metric,
        certified_since as day,
        1::numeric as amount
    from people
    where is_counted
    union all
    select
        area_code,
        'purchased_projects' as metric,
        sign_date as day,
        1 as amount
    from {{ ref('fct_purchases') }}
    union all
    select
        area_code,
        'purchased_yuan' as metric,
        sign_date as day,
        contract_yuan as amount
    from {{ ref('fct_purchases') }}
    union all
    select
        area_code,
        case source_type when '1' then 'fiscal_yuan' else 'lottery_social_work_yuan' end as metric,
        make_date(year, 1, 1) as day,
        budget_yuan as amount
    from {{ ref('fct_funding') }}
    where source_type in ('1', '2')
    union all
    select
        area_code,
        'exam_applicants' as metric,
        make_date(exam_year, 1, 1) as day,
        applicants as amount
    from {{ ref('fct_exams') }}
    where source_group = '0'
    union all
    select
        area_code,
        'exam_takers' as metric,
        make_date(exam_year, 1, 1) as day,
        sat as amount
    from {{ ref('fct_exams') }}
    where source_group = '0'
),

tallies as (
    select
        area_code,
        metric,
        'stock' as kind,
        day,
        sum(amount) as amount
    from stocks
    where day is not null
    group by area_code, metric, day
    union all
    select
        area_code,
        metric,
        'flow' as kind,
        day,
        sum(amount) as amount
    from flows
    where day is not null
    group by area_code, metric, day
)

select * from tallies

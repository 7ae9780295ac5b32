with

units as (
    select * from {{ source('reference', 'unit') }}
    where valid_from <= {{ as_of() }} and coalesce(valid_to, {{ as_of() }}) >= {{ as_of() }}
),

member_codes as (
    select * from {{ ref('core_member_codes') }}
),

submissions as (
    select * from {{ ref('stg_submission_states') }}
    where report_date <= {{ as_of() }}{{ heard_by_then() }}
),

workdays as (
    select max(day) as last_workday from {{ source('reference', 'workday') }}
    where is_workday and day <= {{ as_of() }}
),

-- A month's or quarter's figures are due 15 days after its end; until then the one before it is the last that is due.
periods as (
    select
        'daily' as cadence,
        last_workday as due_since
    from workdays
    union all
    select
        'monthly' as cadence,
        (date_trunc('month', {{ as_of() }} - 15) - interval '1 day')::date as due_since
    union all
    select
        'quarterly' as cadence,
        (date_trunc('quarter', {{ as_of() }} - 15) - interval '1 day')::date as due_since
    union all
    -- The year before is due by the end of February.
    select
        'yearly' as cadence,
        (date_trunc('year', {{ as_of() }} - interval '2 months') - interval '1 day')::date as due_since
    union all
    -- Whatever happens, when it happens: nothing is ever overdue.
    select
        'event' as cadence,
        null::date as due_since
),

tables as (
    {% for table in reported_tables() %}
    select
        '{{ table }}' as table_name,
        '{{ contract_columns(table)["title"] }}' as table_title,
        '{{ contract_columns(table)["cadence"] }}' as cadence
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Communities and townships belong to counties: nobody expects them of the province's own unit.
expected as (
    select
        units.unit_code,
        units.unit_name,
        member_codes.area_code as member_code,
        tables.table_name,
        tables.table_title,
        periods.due_since
    from units
    inner join member_codes
        on
            units.unit_code = member_codes.code
            and {{ as_of() }} >= member_codes.said_from and {{ as_of() }} < member_codes.said_until
    cross join tables
    inner join periods on tables.cadence = periods.cadence
    where tables.table_name not in ('community', 'township') or units.county_code is not null
),

heard as (
    select
        unit_code,
        table_name,
        max(report_date) filter (where accepted_at is not null) as last_accepted_report_date,
        max(accepted_at) as last_accepted_at,
        max(report_date) filter (where accepted_at is not null or state = 'nil') as last_heard_report_date,
        max(received_at) filter (where accepted_at is not null) as last_accepted_received_at,
        max(received_at) filter (where state in ('held', 'refused')) as last_waiting_received_at
    from submissions
    group by unit_code, table_name
),

reporting as (
    select
        expected.unit_code,
        expected.unit_name,
        expected.member_code,
        expected.table_name,
        expected.table_title,
        heard.last_accepted_report_date,
        heard.last_accepted_at,
        heard.last_accepted_at is not null or {{ told_later_of('expected') }} as is_reported,
        heard.last_accepted_at is not null
        and (
            coalesce(heard.last_waiting_received_at > heard.last_accepted_received_at, false)
            or coalesce(heard.last_heard_report_date < expected.due_since, false)
        ) as is_carried_forward
    from expected
    left join heard on expected.unit_code = heard.unit_code and expected.table_name = heard.table_name
)

select * from reporting

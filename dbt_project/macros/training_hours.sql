{# Training that counts to the 120 hours (clause 三): 专业知识与实务, 继续教育; code_lists.yaml marks them 计入120学时. #}
{% macro counted_training_kinds() %}'1', '3'{% endmacro %}

{#
CTEs after `attended` (person_key, mode, start_date, end_date, hours, counted_from, counted_until) and `parameters`; the last is
`steps`: how many hours of a person count, from which day until which. A session's hours count from its end on, when it is known
who passed. In 面授 a day has at most its limit over all sessions of the person; hours are spread evenly over a session's days.
#}
{% macro training_steps() %}
in_person as (
    select
        *,
        hours / (end_date - start_date + 1) as hours_a_day,
        coalesce(max(end_date) over (in_order rows between unbounded preceding and 1 preceding) >= start_date, false)
        or coalesce(lead(start_date) over in_order <= end_date, false) as shares_days
    from attended
    where mode = '1'
    window in_order as (partition by person_key order by start_date, end_date)
),

-- Only where sessions of a person share days are these told apart. What counts on one changes where a session begins or ceases
-- to be in force.
of_days as (
    select
        in_person.person_key,
        days.day,
        changes.changed_on,
        sum(changes.hours) as hours
    from in_person
    cross join lateral (
        select generate_series(in_person.start_date, in_person.end_date, interval '1 day')::date as day
    ) as days
    cross join lateral (
        values (in_person.counted_from, in_person.hours_a_day), (in_person.counted_until, -in_person.hours_a_day)
    ) as changes (changed_on, hours)
    where in_person.shares_days and changes.changed_on < date '9999-12-31'
    group by in_person.person_key, days.day, changes.changed_on
),

sums_of_days as (
    select
        person_key,
        day,
        changed_on,
        -- A third of 10 hours three times is 10 hours.
        least(round(sum(hours) over (partition by person_key, day order by changed_on), 6), parameters.training_hours_per_day) as hours
    from of_days
    cross join parameters
),

changes as (
    select
        person_key,
        changed_on,
        hours - lag(hours, 1, 0) over (partition by person_key, day order by changed_on) as hours
    from sums_of_days
    union all
    select
        alone.person_key,
        said.changed_on,
        said.sign * alone.hours as hours
    from (
        select
            in_person.person_key,
            in_person.counted_from,
            in_person.counted_until,
            least(round(in_person.hours_a_day, 6), parameters.training_hours_per_day)
            * (in_person.end_date - in_person.start_date + 1) as hours
        from in_person
        cross join parameters
        where not in_person.shares_days
    ) as alone
    cross join lateral (values (alone.counted_from, 1), (alone.counted_until, -1)) as said (changed_on, sign)
    where said.changed_on < date '9999-12-31'
    union all
    select
        attended.person_key,
        said.changed_on,
        said.hours
    from attended
    cross join lateral (
        values (attended.counted_from, attended.hours), (attended.counted_until, -attended.hours)
    ) as said (changed_on, hours)
    where attended.mode is distinct from '1' and said.changed_on < date '9999-12-31'
),

-- Whoever was ever in a session has a first step, of 0 hours.
changes_of_people as (
    select
        person_key,
        changed_on,
        sum(hours) as hours
    from changes
    group by person_key, changed_on
    having sum(hours) <> 0
    union all
    select
        person_key,
        date '0001-01-01' as changed_on,
        0 as hours
    from people
),

steps as (
    select
        person_key,
        changed_on as valid_from,
        lead(changed_on, 1, date '9999-12-31') over in_time as valid_to,
        round(sum(hours) over in_time, 2)::numeric(18, 2) as training_hours
    from changes_of_people
    window in_time as (partition by person_key order by changed_on)
)
{% endmacro %}

{# Who attended a session that counts, as the row of `attendances` and of `sessions` say it. #}
{% macro attended_hours(counted_from, counted_until) %}
    select
        attendances.person_key,
        sessions.mode,
        sessions.start_date,
        sessions.end_date,
        least(attendances.hours, sessions.hours) as hours,
        {{ counted_from }} as counted_from,
        {{ counted_until }} as counted_until
    from attendances
    inner join sessions
        on attendances._unit_code = sessions._unit_code and attendances.session_no = sessions.session_no
    cross join parameters
    where
        attendances.passed
        and sessions.kind in ({{ counted_training_kinds() }})
        and sessions.start_date >= parameters.training_counts_from
        and sessions.start_date <= sessions.end_date
{% endmacro %}

{# Both rows have to be in force, and the session over. #}
{% macro counted_from() %}greatest(attendances.effective_from, sessions.effective_from, sessions.end_date){% endmacro %}
{% macro counted_until() %}least(attendances.effective_to, sessions.effective_to, date '9999-12-31'){% endmacro %}

{# Before the hours are built: `touched`, the people of whom new or replaced submissions say something, of their sessions too. #}
{% macro gather_touched_people() %}
{% if is_incremental() and not var('refill') %}
create temporary table changed on commit drop as
select submission_id from {{ ref('stg_submissions') }}
where (built_by is null or is_replaced_anew) and table_name in ('training_attendance', 'training_session');
analyze changed;
create temporary table touched on commit drop as
with parameters as (
    select * from {{ ref('core_parameters') }}
),
said_attendances as materialized (
    select * from {{ ref('stg_training_attendance') }}
    where {{ said_in_changed() }}
),
said_sessions as materialized (
    select * from {{ ref('stg_training_session') }}
    where {{ said_in_changed() }}
),
touched_sessions as (
    select
        _unit_code,
        session_no
    from said_sessions
    union
    select
        _unit_code,
        substr(_corrected_key, strpos(_corrected_key, '|') + 1) as session_no
    from said_sessions
    where _corrected_key is not null
)
select person_key from said_attendances
union
select split_part(_corrected_key, '|', -1) as person_key from said_attendances
where _corrected_key is not null
union
select versions.person_key from {{ ref('core_training_attendance_versions') }} as versions
inner join touched_sessions
    on versions._unit_code = touched_sessions._unit_code and versions.session_no = touched_sessions.session_no
union
-- A change of the parameters touches everybody: all rows have the same, so one of them tells.
select person_key from {{ this }}
where (
    select (known.counts_from, known.daily_limit) <> (parameters.training_counts_from, parameters.training_hours_per_day::numeric(4, 1))
    from {{ this }} as known
    cross join parameters
    limit 1
);
analyze touched
{% endif %}
{% endmacro %}

{# Of the submissions in `changed`; said as two bounds too, by which the rows' blocks are found. #}
{% macro said_in_changed() -%}
_submission_id in (select changed.submission_id from changed)
    and _submission_id >= (select min(changed.submission_id) from changed)
    and _submission_id <= (select max(changed.submission_id) from changed)
{%- endmacro %}

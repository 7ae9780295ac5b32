{#
A person's history as spans of days in which nothing that is counted changes: one row a person and span, from the first day that
the talent roster tells of. Days are told as fct_talent tells them: what is in force then, as it is known now (or at the moment
that is asked for). `touched`: the name of a CTE of person keys; none for everybody.
#}
{% macro person_states(touched=none) %}
talent as (
    select
        versions._key as person_key,
        versions.is_withdrawn,
        coalesce(at_work.area_code, at_unit.area_code) as area_code,
        coalesce(at_work.reported_code, at_unit.reported_code) as reported_code,
        versions.employer_type,
        versions.service_domain,
        versions.education,
        versions.sex,
        versions.birth_year,
        versions.status,
        versions.valid_from,
        versions.valid_to
    from ({{ told_spans('talent', '_key', touched) }}) as versions
    left join {{ ref('core_member_codes') }} as at_unit
        on
            versions._unit_code = at_unit.code
            and versions._report_date >= at_unit.said_from and versions._report_date < at_unit.said_until
    left join {{ ref('core_member_codes') }} as at_work
        on
            versions.work_area_code = at_work.code
            and versions._report_date >= at_work.said_from and versions._report_date < at_work.said_until
    where versions.valid_from < versions.valid_to
),

{% if touched %}
certificates_touched as (
    select distinct cert_mgmt_no from {{ ref('core_certificate_versions') }}
    where person_key in (select {{ touched }}.person_key from {{ touched }})
),
{% endif %}

registrations as (
    select * from ({{ told_spans('certificate', 'cert_mgmt_no', 'certificates_touched' if touched) }}) as versions
    where not is_withdrawn and valid_from < valid_to
),

certificate_days as (
    select
        cert_mgmt_no,
        valid_from as day
    from registrations
    union
    select
        cert_mgmt_no,
        valid_to as day
    from registrations
),

certificate_spans as (
    select
        cert_mgmt_no,
        day as valid_from,
        lead(day) over (partition by cert_mgmt_no order by day) as valid_to
    from certificate_days
),

-- What the last registration of the day says of the certificate holds; that it lapsed takes nothing from the certificate.
held as (
    select distinct on (spans.cert_mgmt_no, spans.valid_from)
        registrations.person_key,
        registrations.cert_level,
        coalesce(registrations.cert_status = '1', false) as is_valid,
        spans.valid_from,
        spans.valid_to
    from certificate_spans as spans
    inner join registrations
        on
            spans.cert_mgmt_no = registrations.cert_mgmt_no
            and spans.valid_from >= registrations.valid_from and spans.valid_from < registrations.valid_to
    order by spans.cert_mgmt_no asc, spans.valid_from asc, registrations.reg_seq desc
),

valid as (
    select * from held
    where is_valid{% if touched %} and person_key in (select {{ touched }}.person_key from {{ touched }}){% endif %}
),

days as (
    {% for relation in ('talent', 'valid') %}
    {% for day in ('valid_from', 'valid_to') %}
    select
        person_key,
        {{ day }} as day
    from {{ relation }}
    {{ 'union' if not loop.last }}
    {% endfor %}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

spans as (
    select
        person_key,
        day as valid_from,
        lead(day) over (partition by person_key order by day) as valid_to
    from days
),

told as (
    select
        spans.person_key,
        spans.valid_from,
        spans.valid_to,
        not talent.is_withdrawn as is_in_roster,
        case when not talent.is_withdrawn then talent.area_code end as area_code,
        case when not talent.is_withdrawn then talent.reported_code end as reported_code,
        case when not talent.is_withdrawn then talent.employer_type end as employer_type,
        case when not talent.is_withdrawn then talent.service_domain end as service_domain,
        case when not talent.is_withdrawn then talent.education end as education,
        case when not talent.is_withdrawn then talent.sex end as sex,
        case when not talent.is_withdrawn then talent.birth_year end as birth_year,
        case when not talent.is_withdrawn then talent.status end as status,
        coalesce(max(valid.cert_level), '0') as certified_level
    from spans
    inner join talent
        on
            spans.person_key = talent.person_key
            and spans.valid_from >= talent.valid_from and spans.valid_from < talent.valid_to
    left join valid
        on
            spans.person_key = valid.person_key
            and spans.valid_from >= valid.valid_from and spans.valid_from < valid.valid_to
    group by
        spans.person_key, spans.valid_from, spans.valid_to, talent.is_withdrawn, talent.area_code, talent.reported_code,
        talent.employer_type, talent.service_domain, talent.education, talent.sex, talent.birth_year, talent.status
),

-- A person whom nobody reports any more is no holder; the certificate waits for the person.
judged as (
    select
        *,
        is_in_roster and certified_level <> '0' and coalesce(status <> '9', true) as is_holder,
        is_in_roster and certified_level <> '0' and coalesce(status = '1', false) as is_holder_in_post,
        row(
            is_in_roster, area_code, reported_code, employer_type, service_domain, education, sex, birth_year, status, certified_level
        )::text as content
    from told
),

followed as (
    select
        *,
        lag(content) over (partition by person_key order by valid_from) as content_before
    from judged
),

merged as (
    select
        person_key,
        valid_from,
        lead(valid_from, 1, date '9999-12-31') over in_time as valid_to,
        is_in_roster,
        area_code,
        reported_code,
        employer_type,
        service_domain,
        education,
        sex,
        birth_year,
        status,
        certified_level,
        is_holder,
        is_holder_in_post,
        lag(is_in_roster, 1, false) over in_time as was_in_roster,
        lag(is_holder, 1, false) over in_time as was_holder,
        lag(is_holder_in_post, 1, false) over in_time as was_holder_in_post,
        lag(area_code) over in_time as previous_area_code,
        lag(certified_level, 1, '0') over in_time as previous_level
    from followed
    where content_before is distinct from content
    window in_time as (partition by person_key order by valid_from)
),

states as (
    select
        person_key,
        valid_from,
        valid_to,
        is_in_roster,
        area_code,
        reported_code,
        employer_type,
        service_domain,
        education,
        sex,
        birth_year,
        status,
        certified_level,
        is_holder,
        is_holder_in_post,
        case when was_holder then previous_area_code end as previous_area_code,
        case
            when is_holder and was_holder and area_code <> previous_area_code then 'moved'
            when is_holder and not was_holder and was_in_roster and previous_level = '0' then 'certified'
            when is_holder and not was_holder then 'reported'
            when was_holder and not is_in_roster then 'withdrawn'
            when was_holder and not is_holder and certified_level = '0' then 'void'
            when was_holder and not is_holder then 'cancelled'
        end as change,
        is_holder and was_holder_in_post and not is_holder_in_post as is_leaving_post
    from merged
)
{% endmacro %}

{# The versions of a table that are believed, as spans of days; those that have no day among them. #}
{% macro told_spans(table, key, touched=none) %}
    select
        *,
        effective_from as valid_from,
        coalesce(
            {% if var('known_at', none) %}lead(effective_from) over (partition by _key order by _version_number)
            {%- else %}effective_to{% endif %}, date '9999-12-31'
        ) as valid_to
    from {{ ref('core_' ~ table ~ '_versions') }}
    where
        {% if var('known_at', none) %}
        recorded_at <= {{ known_at() }} and coalesce(superseded_at > {{ known_at() }}, true)
        {% else %}
        superseded_at is null
        {% endif %}
        {% if touched %}
        and {{ key }} in (select {{ touched }}.{{ 'person_key' if table == 'talent' else key }} from {{ touched }})
        {% endif %}
{% endmacro %}

{# The columns of a state, those of its content hash included. #}
{% macro state_columns(relation) -%}
{% for name in [
    'person_key', 'valid_from', 'valid_to', 'is_in_roster', 'area_code', 'reported_code', 'employer_type', 'service_domain',
    'education', 'sex', 'birth_year', 'status', 'certified_level', 'is_holder', 'is_holder_in_post', 'previous_area_code',
    'change', 'is_leaving_post', 'content_hash'
] -%}
{{ relation }}.{{ name }}{{ ', ' if not loop.last }}
{%- endfor %}
{%- endmacro %}

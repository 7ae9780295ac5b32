{#
The history of a contract's keys. Rows stand in order of effective date, report date, sequence and version, also when
one arrives late; a withdrawal and a corrected key end a key. Only keys that a run touched are built: those of
submissions not yet built, and of versions whose submission was replaced since.
#}
{% macro core_versions(table) %}
{% set contract = contract_columns(table) %}
{% set order = 'effective_date, _report_date, _sequence, _version, _submission_id, _sheet_name, _row_number, _step' %}
with

staged as (
    select * from {{ ref('stg_' ~ table) }}
),

submissions as (
    select * from {{ ref('stg_submissions') }}
),

{% if is_incremental() and not var('refill') %}
touched as (
    select _key from staged where not _is_built
    union
    select _corrected_key from staged where not _is_built and _corrected_key is not null
    union
    select versions._key
    from {{ this }} as versions
    inner join submissions on versions._submission_id = submissions.submission_id
    where versions.superseded_at is distinct from submissions.superseded_at
),
{% endif %}

events as (
    select
        staged.*,
        1 as _step,
        coalesce(row_action = '3', false) as is_withdrawn,
        case
            when row_action = '3' then 'withdrawn'
            else md5(row(_unit_code{% for column in contract['content'] %}, {{ adapter.quote(column) }}{% endfor %})::text)
        end as _content_hash
    from staged
    union all
    -- The old key ends where the row that corrects it begins; nothing else is known of it.
    select
        {% for column in contract['columns'] if column != 'effective_date' %}
        null::{{ contract['types'][column] }} as {{ adapter.quote(column) }},
        {% endfor %}
        effective_date,
        _submission_id,
        _unit_code,
        _sheet_name,
        _row_number,
        _corrected_key as _key,
        null as _corrected_key,
        _mode,
        _report_date,
        _sequence,
        _version,
        _recorded_at,
        _superseded_at,
        _is_built,
        0 as _step,
        true as is_withdrawn,
        'withdrawn' as _content_hash
    from staged
    where _corrected_key is not null and _corrected_key <> _key and row_action is distinct from '3'
),

placed as (
    select
        events.*,
        lag(_content_hash) over in_order as _previous_hash,
        lag(_recorded_at) over in_order as _previous_recorded_at,
        lag(_superseded_at) over in_order as _previous_superseded_at
    from events
    {% if is_incremental() and not var('refill') %}
    where _key in (select touched._key from touched)
    {% endif %}
    window in_order as (partition by _key order by {{ order }})
),

-- The same row again is nothing, unless it was known before the row that it repeats, or one of both was replaced.
news as (
    select * from placed
    where
        _previous_hash is distinct from _content_hash
        or _previous_superseded_at is not null
        or _superseded_at is not null
        or _previous_recorded_at > _recorded_at
),

versions as (
    select
        {% for column in contract['columns'] %}
        {{ adapter.quote(column) }},
        {% endfor %}
        _submission_id,
        _unit_code,
        _sheet_name,
        _row_number,
        _key,
        (row_number() over (partition by _key order by {{ order }}))::integer as _version_number,
        _report_date,
        _content_hash,
        effective_date as effective_from,
        case when _superseded_at is null then lead(effective_date) over following end as effective_to,
        _recorded_at as recorded_at,
        _superseded_at as superseded_at,
        _superseded_at is null and lead(_key) over following is null as is_current,
        is_withdrawn
    from news
    window following as (partition by _key, _superseded_at is null order by {{ order }})
)

select * from versions
{% endmacro %}

{# What is in force now: one row per key, for the register and the marts. #}
{% macro known(table) %}
select * from {{ ref('core_' ~ table ~ '_versions') }}
where is_current and not is_withdrawn
{% endmacro %}

{# Before a refill: empties the table and keeps it, so that nothing that reads it is dropped. #}
{% macro empty_for_refill() %}
{% if is_incremental() and var('refill') %}delete from {{ this }}{% endif %}
{% endmacro %}

{#
The history of a contract's keys. Rows stand in order of effective date, report date, sequence and version, also when
one arrives late; a withdrawal and a corrected key end a key. A unit withdraws only its own word: where another unit
reported the same key and did not take it back, that unit's row stands from then on. Only the keys of gather_touched_keys() are built.
#}
{% macro core_versions(table) %}
{% set contract = contract_columns(table) %}
{% set found_by = contract['found_by'] %}
{% set is_partial = is_incremental() and not var('refill') %}
{% set order = 'effective_date, _report_date, _sequence, _version, _submission_id, _sheet_name, _row_number, _step' %}
with

{% if is_partial %}
-- The rows of the touched keys, and those that correct one of them.
staged as materialized (
    select * from {{ ref('stg_' ~ table) }}
    where
        _key in (select touched._key from touched)
        {% if found_by %}
        -- Of an array the index is asked; of a set of rows, as the planner sees it, only after the whole table was joined.
        and {{ found_by }} = any((select array_agg(distinct touched.found_by) from touched)::text[])
        {% endif %}
    union all
    select * from {{ ref('stg_' ~ table) }}
    where
        corrects_key is not null
        and _corrected_key in (select touched._key from touched)
        and _key not in (select touched._key from touched)
),
{% else %}
staged as (
    select * from {{ ref('stg_' ~ table) }}
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

concerned as (
    select * from events
    {% if is_partial %}
    where _key in (select touched._key from touched)
    {% endif %}
),

{% if '_unit_code' not in contract['key'] %}
-- What stands when a unit withdraws a key: the last word of another that did not withdraw it.
others as (
    select distinct on (withdrawal._submission_id, withdrawal._sheet_name, withdrawal._row_number)
        withdrawal._submission_id as _by_submission_id,
        withdrawal._sheet_name as _by_sheet_name,
        withdrawal._row_number as _by_row_number,
        other.*
    from concerned as withdrawal
    inner join concerned as other
        on
            withdrawal._key = other._key
            and withdrawal._unit_code <> other._unit_code
            and ({{ in_turn('other') }}) < ({{ in_turn('withdrawal') }})
    where
        withdrawal.is_withdrawn and withdrawal._step = 1
        and not other.is_withdrawn and other._superseded_at is null
        and not exists (
            select from concerned as later
            where
                later._key = other._key and later._unit_code = other._unit_code
                and later.is_withdrawn and later._superseded_at is null
                and ({{ in_turn('later') }}) > ({{ in_turn('other') }})
                and ({{ in_turn('later') }}) < ({{ in_turn('withdrawal') }})
        )
    order by
        withdrawal._submission_id, withdrawal._sheet_name, withdrawal._row_number,
        other.effective_date desc, other._report_date desc, other._sequence desc, other._version desc,
        other._submission_id desc, other._row_number desc
),
{% endif %}

told as (
    {% if '_unit_code' not in contract['key'] %}
    select concerned.* from concerned
    where
        not exists (
            select from others
            where
                others._by_submission_id = concerned._submission_id and others._by_sheet_name = concerned._sheet_name
                and others._by_row_number = concerned._row_number and concerned._step = 1
        )
    union all
    select
        {% for column in contract['columns'] if column != 'effective_date' %}
        others.{{ adapter.quote(column) }},
        {% endfor %}
        concerned.effective_date,
        concerned._submission_id,
        others._unit_code,
        concerned._sheet_name,
        concerned._row_number,
        concerned._key,
        null as _corrected_key,
        concerned._mode,
        concerned._report_date,
        concerned._sequence,
        concerned._version,
        concerned._recorded_at,
        concerned._superseded_at,
        concerned._is_built,
        concerned._step,
        false as is_withdrawn,
        others._content_hash
    from concerned
    inner join others
        on
            concerned._submission_id = others._by_submission_id and concerned._sheet_name = others._by_sheet_name
            and concerned._row_number = others._by_row_number and concerned._step = 1
    {% else %}
    select * from concerned
    {% endif %}
),

placed as (
    select
        told.*,
        lag(_content_hash) over in_order as _previous_hash,
        lag(_recorded_at) over in_order as _previous_recorded_at,
        lag(_superseded_at) over in_order as _previous_superseded_at,
        lag(_report_date) over in_order as _previous_report_date
    from told
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
        -- Said again of another territory: the unit's boundary changed in between.
        or exists (
            select from {{ source('reference', 'area') }} as area
            where
                area.area_code = placed._unit_code
                and area.valid_from > placed._previous_report_date and area.valid_from <= placed._report_date
        )
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

{#
Before a table of versions is built: `touched`, the keys that this run brings to it, as a table with statistics, since no estimate
of what is new was ever near. They are those of submissions not yet built, and of versions whose submission was replaced since.
#}
{% macro gather_touched_keys() %}
{% if is_incremental() and not var('refill') %}
{% set table = this.identifier | replace('core_', '', 1) | replace('_versions', '') %}
{% set contract = contract_columns(table) %}
{% set found_by = contract['found_by'] %}
create temporary table unbuilt on commit drop as
select submission_id from {{ source('ledger', 'accepted_submission') }}
where built_by is null and table_name = '{{ table }}';
analyze unbuilt;
create temporary table touched on commit drop as
with news as materialized (
    select
        _key,
        _corrected_key
    from {{ ref('stg_' ~ table) }}
    where
        _submission_id in (select unbuilt.submission_id from unbuilt)
        -- The same as two bounds, by which the rows' blocks are found.
        and _submission_id >= (select min(unbuilt.submission_id) from unbuilt)
        and _submission_id <= (select max(unbuilt.submission_id) from unbuilt)
)
select
    keys._key,
    {{ "split_part(keys._key, '|', " ~ (contract['key'].index(found_by) + 1) ~ ")" if found_by else "''::text" }} as found_by
from (
    select _key from news
    union
    select _corrected_key from news
    where _corrected_key is not null
    union
    select versions._key
    from {{ this }} as versions
    inner join {{ source('ledger', 'accepted_submission') }} as submissions on versions._submission_id = submissions.submission_id
    where submissions.superseded_at is not null and versions.superseded_at is distinct from submissions.superseded_at
) as keys;
analyze touched
{% endif %}
{% endmacro %}

{# The place of a row among those of its key. #}
{% macro in_turn(relation) -%}
{{ relation }}.effective_date, {{ relation }}._report_date, {{ relation }}._sequence, {{ relation }}._version, {{ relation }}._submission_id, {{ relation }}._row_number
{%- endmacro %}

{# What is in force now: one row per key, for the register and the marts. #}
{% macro known(table) %}
select * from {{ ref('core_' ~ table ~ '_versions') }}
where is_current and not is_withdrawn
{% endmacro %}

{#
What is in force on the day that is asked for, as it was known at the moment that is asked for: one row per key, with the
place that it counts in. `_area_code` is a county of today (a city where a divided county can't be told further, then
`_is_split`), `_reported_code` the area under which it was reported. People count where they work, else where they were reported.
#}
{% macro in_force(table) %}
{% set has_work_area = 'work_area_code' in contract_columns(table)['columns'] %}
with

versions as (
    select * from {{ ref('core_' ~ table ~ '_versions') }}
),

places as (
    select * from {{ ref('core_member_codes') }}
),

standing as (
    {% if var('known_at', none) %}
    select distinct on (_key) * from versions
    where
        effective_from <= {{ as_of() }}
        and recorded_at <= {{ known_at() }}
        and coalesce(superseded_at > {{ known_at() }}, true)
    order by _key asc, _version_number desc
    {% else %}
    select * from versions
    where
        superseded_at is null
        and effective_from <= {{ as_of() }}
        and coalesce(effective_to > {{ as_of() }}, true)
    {% endif %}
),

placed as (
    select
        standing.*,
        {% if has_work_area %}
        coalesce(at_work.area_code, at_unit.area_code) as _area_code,
        coalesce(at_work.reported_code, at_unit.reported_code) as _reported_code,
        coalesce(at_work.is_split, at_unit.is_split) as _is_split
        {% else %}
        at_unit.area_code as _area_code,
        at_unit.reported_code as _reported_code,
        at_unit.is_split as _is_split
        {% endif %}
    from standing
    left join places as at_unit
        on
            standing._unit_code = at_unit.code
            and standing._report_date >= at_unit.said_from
            and standing._report_date < at_unit.said_until
    {% if has_work_area %}
    left join places as at_work
        on
            standing.work_area_code = at_work.code
            and standing._report_date >= at_work.said_from
            and standing._report_date < at_work.said_until
    {% endif %}
    where not standing.is_withdrawn
)

select * from placed
{% endmacro %}

{# Where a row of a mart counts, who reported it, and the row of which submission it is. #}
{% macro place_and_source(relation=none) %}
{%- set of = relation ~ '.' if relation else '' -%}
        {{ of }}_area_code as area_code,
        {{ of }}_reported_code as reported_code,
        {{ of }}_unit_code as unit_code,
        {{ of }}_submission_id as submission_id,
        {{ of }}_row_number as row_number
{%- endmacro %}

{# Of another moment: what had come by then. #}
{% macro heard_by_then() %}
{% if var('known_at', none) %} and received_at <= {{ known_at() }} and coalesce(accepted_at <= {{ known_at() }}, true){% endif %}
{% endmacro %}

{# Of another day: a unit that told of it only later has reported it too. #}
{% macro told_later_of(relation) %}
{%- if var('asked_schema', none) -%}
        ({{ relation }}.unit_code, {{ relation }}.table_name) in (
            {% for table in reported_tables() %}
            select
                _unit_code,
                '{{ table }}'
            from {{ ref('at_' ~ table) }}
            {{ 'union' if not loop.last }}
            {% endfor %}
        )
{%- else -%}
        false
{%- endif -%}
{% endmacro %}

{# Before a refill: empties the table and keeps it, so that nothing that reads it is dropped. #}
{% macro empty_for_refill() %}
{% if is_incremental() and var('refill') %}delete from {{ this }}{% endif %}
{% endmacro %}

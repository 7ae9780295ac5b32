{# A contract's rows that were ever accepted, with their key, both times and the order that they stand in. #}
{% macro stage(table) %}
{% set contract = contract_columns(table) %}
with

submissions as (
    select * from {{ source('ledger', 'accepted_submission') }}
),

refused as (
    select * from {{ source('ledger', 'register_refused_row') }}
),

staged as (
    select * from {{ source('staging', table) }}
),

in_force as (
    select
        {% for column in contract['columns'] if column != 'effective_date' %}
        staged.{{ adapter.quote(column) }},
        {% endfor %}
        coalesce(staged.effective_date, submissions.report_date) as effective_date,
        staged._submission_id,
        staged._unit_code,
        staged._sheet_name,
        staged._row_number,
        {{ joined_key(contract['key'], 'staged') }} as _key,
        {{ corrected_key(contract['key'], 'staged') }} as _corrected_key,
        submissions.mode as _mode,
        submissions.report_date as _report_date,
        submissions.sequence as _sequence,
        submissions.version as _version,
        submissions.recorded_at as _recorded_at,
        submissions.superseded_at as _superseded_at,
        submissions.built_by is not null as _is_built
    from staged
    inner join submissions on staged._submission_id = submissions.submission_id
    where
        not exists (
            select from refused
            where
                refused.submission_id = staged._submission_id
                and refused.sheet_name = staged._sheet_name
                and refused.row_number = staged._row_number
        )
)

select * from in_force
{% endmacro %}

{# Key columns as one text, the form in which a county writes corrects_key. #}
{% macro joined_key(key, relation) %}
{%- for column in key -%}
coalesce({{ relation }}.{{ adapter.quote(column) }}::text, ''){{ " || '|' || " if not loop.last }}
{%- endfor -%}
{% endmacro %}

{# A county doesn't write its own unit code before the number that it gave itself. #}
{% macro corrected_key(key, relation) %}
{%- if key[0] == '_unit_code' -%}
case
            when starts_with({{ relation }}.corrects_key, {{ relation }}._unit_code || '|') then {{ relation }}.corrects_key
            else {{ relation }}._unit_code || '|' || {{ relation }}.corrects_key
        end
{%- else -%}
{{ relation }}.corrects_key
{%- endif -%}
{% endmacro %}

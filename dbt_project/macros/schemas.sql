{#
Schemas are named as they are: no prefix of the target. Where a build answers a question of another day (shegong ask),
all that follows from core's histories goes into a schema of its own; the histories stay where they are. The docs site
(shegong docs) builds nothing and describes the marts where they are published.
#}
{% macro generate_schema_name(custom_schema_name, node) %}
{% set is_history = node.fqn[1] == 'staging' or node.fqn[2] in ('versions', 'known', 'history') %}
{% if var('asked_schema', none) and not is_history %}{{ return(var('asked_schema')) }}{% endif %}
{% if var('describes_published', false) and custom_schema_name == 'marts_next' %}{{ return('marts') }}{% endif %}
{{ return(custom_schema_name or target.schema) }}
{% endmacro %}

{% macro as_of() %}date '{{ var("as_of") }}'{% endmacro %}

{# System time: as we knew it at that moment; none for as we know it now. #}
{% macro known_at() %}timestamptz '{{ var("known_at") }}'{% endmacro %}

{% macro publication_id() %}{{ var("publication_id") }}::bigint{% endmacro %}

{# A table made a moment ago has no statistics: the planner takes it for empty, and a join of minutes is the price. #}
{% macro gather_statistics() %}
{% if model.config.materialized in ('table', 'incremental') %}analyze {{ this }}{% endif %}
{% endmacro %}

{#
One number of a query, put in as it is: of a number that it sees the planner knows how many rows have it, of a subquery it takes
a third of the table, and reads all of it.
#}
{% macro known_number(query) %}
{%- if execute -%}
{{ run_query(query).columns[0].values()[0] or 0 }}
{%- else -%}
0
{%- endif -%}
{% endmacro %}

{#
For one node: where a few cells of seven text columns are looked for among a million rows, the planner would put all of
these in order (7 s of sorting for a hash of 845).
#}
{% macro join_by_hash() %}set local enable_mergejoin = off{% endmacro %}

{# An index that a table of core has had since later than the table itself. #}
{% macro keep_index(name, columns) %}create index if not exists {{ name }} on {{ this }} ({{ columns }}){% endmacro %}

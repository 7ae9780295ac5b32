{#
The record of what was published (ops.measure_value, written at each swap) as this build may see it: what was published
up to it, so that the views of an earlier publication still say what they said; for an asked day, what was published by
the moment that is asked for.
#}
{% macro published_by_then(record) %}
{%- if not var('asked_schema', none) %}{{ record }}.publication_id <= {{ publication_id() }}
{%- elif var('known_at', none) %}{{ record }}.published_at <= {{ known_at() }}
{%- else %}true
{%- endif %}
{% endmacro %}

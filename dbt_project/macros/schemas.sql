{# Schemas are named as they are: no prefix of the target. #}
{% macro generate_schema_name(custom_schema_name, node) %}
{{ return(custom_schema_name or target.schema) }}
{% endmacro %}

{% macro as_of() %}date '{{ var("as_of") }}'{% endmacro %}

{% macro publication_id() %}{{ var("publication_id") }}::bigint{% endmacro %}

{# A table made a moment ago has no statistics: the planner takes it for empty, and a join of minutes is the price. #}
{% macro gather_statistics() %}
{% if model.config.materialized != 'ephemeral' %}analyze {{ this }}{% endif %}
{% endmacro %}

{# Schemas are named as they are: no prefix of the target. #}
{% macro generate_schema_name(custom_schema_name, node) %}
{{ return(custom_schema_name or target.schema) }}
{% endmacro %}

{% macro as_of() %}date '{{ var("as_of") }}'{% endmacro %}

{% macro publication_id() %}{{ var("publication_id") }}::bigint{% endmacro %}

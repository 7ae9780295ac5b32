{# The kind of a code, as contracts/code_lists.yaml sorts them; null for one of no kind. #}
{% macro kind_of(list_name, column) -%}
case
            {%- for kind, codes in code_kinds(list_name).items() %}
            when {{ column }} in ('{{ codes | join("', '") }}') then '{{ kind }}'
            {%- endfor %}
        end
{%- endmacro %}

{# The codes of one kind, as a list for `in`. #}
{% macro codes_of_kind(list_name, kind) -%}
('{{ code_kinds(list_name)[kind] | join("', '") }}')
{%- endmacro %}

{#
An incremental strategy beside dbt's own. The rows of a key are replaced as by delete+insert, but those that stay as they are,
most of them where a history grows at its end, are neither deleted nor written again.
#}
{% macro get_incremental_differences_sql(arg_dict) %}
{% set key = adapter.quote(arg_dict['unique_key']) %}
{% set columns = arg_dict['dest_columns'] | map(attribute='quoted') | list %}
delete from {{ arg_dict['target_relation'] }} as standing
where
    standing.{{ key }} in (select said.{{ key }} from {{ arg_dict['temp_relation'] }} as said)
    and not exists (select from {{ arg_dict['temp_relation'] }} as said where {{ same_row(key, columns) }});
insert into {{ arg_dict['target_relation'] }} ({{ columns | join(', ') }})
select {{ columns | join(', ') }} from {{ arg_dict['temp_relation'] }} as said
where not exists (select from {{ arg_dict['target_relation'] }} as standing where {{ same_row(key, columns) }})
{% endmacro %}

{# The key by =, by which rows are found; all else also where both say nothing. #}
{% macro same_row(key, columns) -%}
said.{{ key }} = standing.{{ key }}
{%- for column in columns if column != key %} and said.{{ column }} is not distinct from standing.{{ column }}{% endfor %}
{%- endmacro %}

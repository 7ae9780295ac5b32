{# Every value, where there is one, lies within the bounds, both inclusive. #}
{% test lies_between(model, column_name, low, high) %}
select {{ column_name }} from {{ model }}
where {{ column_name }} not between {{ low }} and {{ high }}
{% endtest %}

{# The condition is true of every row; null counts as broken. #}
{% test holds(model, condition) %}
select * from {{ model }}
where ({{ condition }}) is not true
{% endtest %}

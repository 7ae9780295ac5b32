{#
The condition is true of every row; null counts as broken. `written_now`: of the rows that this build wrote; those that stand
from earlier ones were asked when they were written.
#}
{% test holds(model, condition, written_now=false) %}
select * from {{ model }}
where ({{ condition }}) is not true{{ ' and from_publication = ' ~ publication_id() if written_now }}
{% endtest %}

with

single_values as (
    {% for fact in facts_with_single_values() %}
    {{ single_values_of(fact) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from single_values

-- What macros/quantities.sql says of each fact: whether its rows speak of a year, and whether it is a register of
-- whatever happens, in which nothing is due: there no row is 0, not 未报.
{% for fact, declared in quantities().items() %}
select
    '{{ fact }}' as fact,
    {{ 'true' if declared.get('year') else 'false' }} as is_yearly,
    {{ 'true' if declared.get('register') else 'false' }} as is_register
{{ 'union all' if not loop.last }}
{% endfor %}

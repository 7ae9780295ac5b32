with

quantities as (
    {% for fact, declared in quantities().items() %}
    {% set last_fact = loop.last %}
    {% set kinds = [] %}
    {% for kind in ('count', 'sum', 'first', 'each') %}{% for name in declared.get(kind, []) %}{% do kinds.append((kind, name)) %}{% endfor %}{% endfor %}
    {% for kind, name in kinds %}
    select
        '{{ declared["domain"] }}' as domain,
        '{{ fact }}' as fact,
        '{{ name }}' as column_name,
        '{{ kind }}' as kind,
        {{ "'" ~ declared['year'] ~ "'" if declared.get('year') else 'null' }}::text as year_column,
        {{ "'" ~ declared['split'] ~ "'" if declared.get('split') else 'null' }}::text as split_column,
        array{{ declared.get('by', []) }}::text [] as breakdown_columns
    {{ 'union all' if not (last_fact and loop.last) }}
    {% endfor %}
    {% endfor %}
)

select
    {{ publication_id() }} as publication_id,
    quantities.*
from quantities

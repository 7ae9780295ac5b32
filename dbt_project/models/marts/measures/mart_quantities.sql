with

all_quantities as (
    {% for fact in quantities() %}
    {{ quantities_of(fact) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    {{ publication_id() }} as publication_id,
    all_quantities.*
from all_quantities

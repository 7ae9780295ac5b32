{% set elements = ['ethics', 'quality', 'skill', 'ability', 'performance', 'feedback'] %}
with

evaluations as (
    select * from {{ ref('at_evaluation') }}
),

employers as (
    select * from {{ ref('core_employers') }}
),

-- A mean of means weighs each by the people whom it is of.
all_evaluations as (
    select
        {{ publication_id() }} as publication_id,
        evaluations.employer_id,
        evaluations.cert_level,
        evaluations.year,
        {{ place_and_source('evaluations') }},
        employers.employer_type,
        evaluations.evaluated,
        {% for element in elements %}
        evaluations.{{ element }}_score,
        {% endfor %}
        evaluations.excellent_count,
        evaluations.good_count,
        evaluations.fair_count,
        evaluations.poor_count,
        coalesce(evaluations.evaluated > 0, false) as is_evaluated,
        coalesce(
            evaluations.evaluated > 0
            {% for element in elements %}
            and evaluations.{{ element }}_score is not null
            {% endfor %}, false
        ) as is_by_six_elements,
        {% for element in elements %}
        evaluations.{{ element }}_score * evaluations.evaluated as {{ element }}_points,
        case when evaluations.{{ element }}_score is not null then evaluations.evaluated end as {{ element }}_people,
        {% endfor %}
        evaluations.effective_from
    from evaluations
    left join employers on evaluations.employer_id = employers.employer_id
)

select * from all_evaluations

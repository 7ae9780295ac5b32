{% set elements = ['ethics', 'quality', 'skill', 'ability', 'performance', 'feedback'] %}
with

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

sums as (
    select
        members.area_code,
        evaluations.year,
        evaluations.cert_level,
        count(*)::integer as employer_count,
        (count(*) filter (where evaluations.is_by_six_elements))::integer as six_element_employer_count,
        sum(evaluations.evaluated)::integer as evaluated,
        {% for element in elements %}
        sum(evaluations.{{ element }}_points) / nullif(sum(evaluations.{{ element }}_people), 0) as {{ element }}_score,
        {% endfor %}
        sum(evaluations.excellent_count)::integer as excellent_count,
        sum(evaluations.good_count)::integer as good_count,
        sum(evaluations.fair_count)::integer as fair_count,
        sum(evaluations.poor_count)::integer as poor_count
    from {{ ref('fct_evaluations') }} as evaluations
    inner join members on evaluations.area_code = members.member_code
    where evaluations.is_evaluated
    group by members.area_code, evaluations.year, evaluations.cert_level
),

evaluation as (
    select
        {{ publication_id() }} as publication_id,
        sums.area_code,
        areas.area_name,
        areas.area_level,
        sums.year,
        sums.cert_level,
        sums.employer_count,
        sums.six_element_employer_count,
        sums.evaluated,
        {% for element in elements %}
        sums.{{ element }}_score,
        {% endfor %}
        sums.excellent_count,
        sums.good_count,
        sums.fair_count,
        sums.poor_count
    from sums
    inner join {{ ref('core_areas') }} as areas on sums.area_code = areas.area_code
)

select * from evaluation

{# The contracts' tables, in the order of the paper. #}
{% macro reported_tables() %}
{{ return(['talent', 'certificate', 'post', 'agency', 'employer', 'community', 'project', 'project_staff', 'labour_cost', 'funding']) }}
{% endmacro %}

{# Goals that something collects: how their value is made, and the tables that it needs. #}
{% macro collected_goals() %}
{{ return({
    'G01': ['count', ['talent', 'certificate']],
    'G02': ['count', ['post']],
    'G03': ['count', ['agency']],
    'G06': ['share', ['project']],
    'G07': ['share', ['employer']],
    'G08': ['share', ['community', 'talent', 'certificate']],
    'G09': ['share', ['community', 'talent', 'certificate']],
    'G10': ['count', ['agency']],
    'G11': ['share', ['project', 'project_staff', 'certificate']],
    'G12': ['share', ['post', 'certificate']],
    'G13': ['growth', ['funding']],
}) }}
{% endmacro %}

{# Certificate level that a post's grade asks for (clause 八). #}
{% macro level_of_grade(grade) %}
case
        when {{ grade }} between 5 and 7 then '3'
        when {{ grade }} between 8 and 10 then '2'
        when {{ grade }} in (11, 12) then '1'
    end
{% endmacro %}

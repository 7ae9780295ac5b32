{# The contracts' tables, in the order of the paper. #}
{% macro reported_tables() %}
{{ return([
    'talent', 'certificate', 'training_session', 'training_attendance', 'supervisor', 'exam', 'exam_incentive', 'evaluation',
    'pay', 'employer', 'employer_year', 'post', 'agency', 'agency_year', 'community', 'township', 'project', 'project_staff',
    'labour_cost', 'service_request', 'volunteer_org', 'pairing', 'funding', 'event', 'task', 'summary'
]) }}
{% endmacro %}

{# Certificate level that a post's grade asks for (clause 八). #}
{% macro level_of_grade(grade) %}
case
        when {{ grade }} between 5 and 7 then '3'
        when {{ grade }} between 8 and 10 then '2'
        when {{ grade }} in (11, 12) then '1'
    end
{% endmacro %}

{#
What the facts give to the measures, declared once. A quantity is one column of one fact, and is named so: fct_talent.is_holder.
`count`: rows in which a boolean is true (rows: all of them) · `sum`: a number · `first`: the earliest day · `each`: a number of
which a median is asked, one row a value. `year`: the column of the year that a row speaks of; none where it speaks of the day
that is asked for. `split`: the code that tells kinds of rows apart, part of the name: fct_events:0301.rows.
`by`: the codes that its quantities break down by.
#}
{% macro quantities() %}
{{ return({
    'fct_population': {'domain': 'areas', 'sum': ['population']},
    'fct_talent': {
        'domain': 'talent',
        'count': [
            'rows', 'is_counted', 'is_holder', 'is_holder_in_post', 'is_registered_holder', 'is_registration_expiring',
            'is_registration_lapsed', 'is_first_registration_overdue', 'is_in_hours_scope', 'is_hours_reached',
            'is_certified_head', 'is_certified_community_worker', 'is_institution_holder', 'is_appointed_institution_holder',
            'is_social_org_holder', 'is_social_org_professional', 'is_employing_social_org'
        ],
        'sum': ['hours_short'],
        'each': ['asked_training_hours'],
        'by': ['certified_level', 'education', 'age_band', 'sex', 'employer_type', 'service_domain'],
    },
    'fct_certificates': {
        'domain': 'talent',
        'count': ['is_renewal_hours_asked', 'is_renewal_hours_kept'],
        'by': ['cert_level'],
    },
    'fct_supervisor_people': {
        'domain': 'talent',
        'count': ['is_trained_here', 'is_trained_here_in_term', 'is_brought_in', 'is_brought_in_in_term', 'is_in_term'],
        'sum': ['supervisees', 'hours_ytd'],
        'by': ['grade'],
    },
    'fct_training_sessions': {
        'domain': 'talent',
        'count': ['is_held', 'is_for_leaders', 'is_rotation'],
        'sum': ['training_planned_sessions', 'leader_participants', 'rotation_participants'],
        'year': 'year',
        'by': ['level', 'kind'],
    },
    'fct_party_schools': {
        'domain': 'talent',
        'count': ['rows', 'has_course'],
        'sum': ['courses', 'seminars'],
        'year': 'year',
    },
    'fct_exams': {
        'domain': 'talent',
        'sum': [
            'total_applicants', 'total_sat', 'total_passed', 'total_heads_sat', 'total_review_applied',
            'total_review_passed', 'source_applicants'
        ],
        'year': 'exam_year',
        'by': ['cert_level', 'source_group'],
    },
    'fct_exam_incentives': {
        'domain': 'talent',
        'count': ['is_given', 'is_with_policy'],
        'sum': ['people', 'yuan'],
        'year': 'year',
        'split': 'kind',
        'by': ['cert_level'],
    },
    'fct_evaluations': {
        'domain': 'talent',
        'sum': [
            'evaluated', 'excellent_count', 'good_count', 'fair_count', 'poor_count', 'feedback_points', 'feedback_people'
        ],
        'year': 'year',
        'by': ['cert_level'],
    },
    'mart_community_staffing': {
        'domain': 'talent',
        'count': ['rows', 'is_staffed', 'is_staffed_loosely'],
        'sum': ['missing_count', 'needed_count', 'certified_count'],
        'split': 'unit_kind',
    },
    'fct_posts': {
        'domain': 'posts',
        'count': [
            'is_in_being', 'is_in_being_and_filled', 'is_level_asked', 'is_level_kept', 'is_level_above',
            'is_person_counted', 'is_certified_person_counted', 'is_graded_and_filled'
        ],
        'by': ['employer_type', 'grade_level'],
    },
    'dim_employers': {
        'domain': 'posts',
        'count': [
            'is_share_asked', 'is_in_band', 'is_public_body', 'is_public_body_with_post', 'is_public_body_with_department',
            'is_other_with_post', 'is_other_in_pt_management', 'is_main_institution', 'is_main_institution_with_core_post',
            'is_social_org', 'is_social_org_with_post', 'is_enterprise', 'is_enterprise_with_post', 'is_enterprise_with_seat',
            'is_enterprise_with_department', 'is_agency',
            'is_agency_with_grade_system'
        ],
        'sum': ['rotation_staff'],
        'each': ['post_share'],
        'by': ['employer_type', 'post_share_band'],
    },
    'fct_employer_years': {
        'domain': 'posts',
        'sum': ['counted_recruited', 'counted_recruited_sw', 'counted_recruited_priority'],
        'year': 'year',
        'by': ['employer_type'],
    },
    'fct_pay': {
        'domain': 'posts',
        'sum': [
            'compared_gross_yuan', 'compared_reference_yuan', 'institution_formal_count', 'institution_on_standard_count',
            'social_org_headcount', 'social_org_insured_count', 'social_org_housing_fund_count', 'allowance_count',
            'allowance_yuan'
        ],
        'each': ['asked_gross_yuan'],
        'year': 'year',
        'by': ['cert_level'],
    },
    'dim_agencies': {
        'domain': 'agencies',
        'count': [
            'rows', 'is_counted', 'is_recognised', 'is_active', 'is_other_form', 'is_stopped', 'is_active_industry_body',
            'is_supported', 'is_given_office', 'is_given_site', 'is_given_fund'
        ],
        'sum': ['active_member_count', 'active_office_m2', 'active_site_m2', 'active_start_fund_yuan'],
        'by': ['org_form', 'status', 'founder_type', 'influence_field', 'reg_level'],
    },
    'fct_agency_years': {
        'domain': 'agencies',
        'count': ['is_using_volunteers', 'is_earning_fees'],
        'sum': ['counted_volunteers', 'counted_volunteer_hours', 'counted_fee_yuan'],
        'year': 'year',
    },
    'fct_volunteer_orgs': {
        'domain': 'agencies',
        'count': ['rows', 'has_professional'],
        'sum': ['professionals'],
    },
    'dim_communities': {
        'domain': 'areas',
        'count': [
            'is_in_being', 'is_with_grade_system', 'is_with_post', 'is_with_sw_room', 'is_with_three_linkage', 'is_with_fund'
        ],
        'sum': ['heads_in_being', 'active_fund_yuan'],
        'by': ['unit_kind'],
    },
    'dim_townships': {
        'domain': 'areas',
        'count': ['is_listed', 'is_with_station', 'is_supporting', 'is_governance_staffed', 'is_service_staffed'],
        'sum': ['governance_sw_count', 'service_sw_count'],
    },
    'fct_projects': {
        'domain': 'projects',
        'count': [
            'rows', 'is_limit_asked', 'is_limit_kept', 'is_contract_share_asked', 'is_contract_share_kept',
            'is_settled_share_asked', 'is_settled_share_kept', 'is_developmental', 'is_rural_revival',
            'is_developmental_or_rural', 'is_with_charity', 'is_first_of_charity'
        ],
        'sum': ['poverty_households', 'charity_contract_yuan'],
        'each': ['asked_labour_share'],
        'by': ['domain', 'method', 'function'],
    },
    'fct_project_staff': {
        'domain': 'projects',
        'count': ['is_asked', 'is_kept', 'is_poverty_worker'],
        'by': ['breach_reason'],
    },
    'fct_service_requests': {
        'domain': 'projects',
        'count': ['is_counted', 'is_matched', 'is_unmet'],
        'each': ['days_to_match'],
        'by': ['domain', 'channel', 'function'],
    },
    'mart_field_supply': {
        'domain': 'projects',
        'count': ['is_covered'],
        'sum': ['project_count', 'contract_yuan', 'practitioner_count', 'persons_served', 'service_times'],
        'by': ['domain'],
    },
    'fct_pairings': {
        'domain': 'projects',
        'count': ['is_counted'],
    },
    'mart_lagging_areas': {
        'domain': 'projects',
        'count': ['rows', 'is_assisted'],
    },
    'fct_purchases': {
        'domain': 'projects',
        'count': ['rows'],
        'sum': ['contract_yuan'],
        'year': 'year',
        'by': ['method', 'domain'],
    },
    'fct_funding': {
        'domain': 'funding',
        'count': ['is_social_fund'],
        'sum': [
            'received_yuan', 'fiscal_budget_yuan', 'fiscal_spent_yuan', 'fiscal_available_yuan', 'lottery_budget_yuan',
            'lottery_compared_yuan', 'social_received_yuan', 'social_fund_yuan'
        ],
        'year': 'year',
        'by': ['level', 'usage', 'source_type'],
    },
    'mart_purchase_budgets': {
        'domain': 'funding',
        'count': ['is_within_asked', 'is_within'],
        'year': 'year',
    },
    'fct_events': {
        'domain': 'measures',
        'count': ['rows'],
        'sum': ['quantity', 'participants'],
        'year': 'year',
        'split': 'event_type',
        'register': true,
        'by': ['level'],
    },
    'mart_events_in_force': {
        'domain': 'measures',
        'count': ['rows'],
        'first': ['event_date'],
        'split': 'event_type',
        'register': true,
        'by': ['level', 'service_domain'],
    },
    'fct_tasks': {
        'domain': 'measures',
        'count': ['rows', 'is_due', 'is_due_and_done', 'is_overdue'],
        'by': ['department'],
    },
    'fct_summaries': {
        'domain': 'quality',
        'count': ['rows'],
        'sum': ['yearly_yuan'],
        'each': ['yearly_value'],
        'year': 'year',
        'split': 'metric',
    },
    'mart_reported_and_counted': {
        'domain': 'quality',
        'sum': ['latest_reported', 'latest_counted'],
        'split': 'metric',
    },
    'mart_submissions': {'domain': 'quality', 'sum': ['rows_total', 'rows_accepted'], 'by': ['table_name']},
    'mart_punctuality': {
        'domain': 'quality',
        'sum': ['due_count', 'came_count', 'on_time_count', 'missing_count'],
        'by': ['table_name'],
    },
}) }}
{% endmacro %}

{# One fact's quantities, by where they count and where they were reported. A total has no breakdown; 0 is the year of what holds on the day. #}
{% macro quantities_of(fact) %}
{% set declared = quantities()[fact] %}
{% set breakdowns = declared.get('by', []) %}
{% set columns = declared.get('count', []) + declared.get('sum', []) + declared.get('first', []) %}
select
    '{{ declared["domain"] }}' as domain,
    '{{ fact }}' || grouped.split || '.' || named.column_name as quantity,
    '{{ fact }}' as fact,
    grouped.year,
    grouped.area_code,
    grouped.reported_code,
    grouped.breakdown,
    grouped.breakdown_code,
    named.combined_by,
    named.amount
from (
    select
        area_code,
        reported_code,
        year,
        split,
        {% if breakdowns %}
        case{% for name in breakdowns %} when grouping("by_{{ name }}") = 0 then '{{ name }}'{% endfor %} else '' end as breakdown,
        case{% for name in breakdowns %} when grouping("by_{{ name }}") = 0 then coalesce("by_{{ name }}", ''){% endfor %} else '' end
            as breakdown_code,
        {% else %}
        '' as breakdown,
        '' as breakdown_code,
        {% endif %}
        {% for name in columns %}
        {% if name == 'rows' %}count(*)::numeric
        {%- elif name in declared.get('count', []) %}(count(*) filter (where "{{ name }}"))::numeric
        {%- elif name in declared.get('first', []) %}min("{{ name }}" - date '1970-01-01')::numeric
        {%- else %}sum("{{ name }}")::numeric
        {%- endif %} as "{{ name }}"{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select
            area_code,
            coalesce(reported_code, area_code) as reported_code,
            {{ declared.get('year', '0') }}::integer as year,
            {% if declared.get('split') %}':' || coalesce({{ adapter.quote(declared['split']) }}, '')::text{% else %}''{% endif %} as split
            {% for name in breakdowns %}, {{ adapter.quote(name) }}::text as "by_{{ name }}"{% endfor %}
            {% for name in columns if name != 'rows' %}, {{ adapter.quote(name) }}{% endfor %}
        from {{ ref(fact) }}
        -- What is said of no area of the province (a published number of the whole country) counts in none.
        where area_code is not null
    ) as counted
    group by grouping sets (
        (area_code, reported_code, year, split){% for name in breakdowns %},
        (area_code, reported_code, year, split, "by_{{ name }}"){% endfor %}
    )
) as grouped
cross join lateral (
    values{% for name in columns %}
        ('{{ name }}', '{{ "min" if name in declared.get("first", []) else "sum" }}', grouped."{{ name }}"){{ ',' if not loop.last }}{% endfor %}
) as named (column_name, combined_by, amount)
where named.amount is not null and (grouped.breakdown = '' or named.amount <> 0)
{% endmacro %}

{# One fact's single values of which medians are asked. #}
{% macro single_values_of(fact) %}
{% set declared = quantities()[fact] %}
{% for name in declared.get('each', []) %}
select
    '{{ fact }}' {% if declared.get('split') %}|| ':' || coalesce({{ adapter.quote(declared['split']) }}, '')::text {% endif %}|| '.{{ name }}' as quantity,
    {{ declared.get('year', '0') }}::integer as year,
    area_code,
    coalesce(reported_code, area_code) as reported_code,
    {{ adapter.quote(name) }}::float8 as single_value
from {{ ref(fact) }}
where {{ adapter.quote(name) }} is not null
{{ 'union all' if not loop.last }}
{% endfor %}
{% endmacro %}

{# The facts that declare quantities of which medians are asked. #}
{% macro facts_with_single_values() %}
{% set found = [] %}
{% for fact, declared in quantities().items() if declared.get('each') %}{% do found.append(fact) %}{% endfor %}
{{ return(found) }}
{% endmacro %}

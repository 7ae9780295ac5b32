{# Generated from contracts/ by shegong/render/dbt_source.py; do not edit. #}
{% macro contract_columns(table) %}
{% set contracts = {
  'agency': {
    'title': '社会工作服务机构',
    'cadence': 'daily',
    'key': ['uscc'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'uscc', 'agency_name', 'org_form', 'reg_unit', 'reg_level', 'found_date', 'close_date', 'authority', 'main_domains', 'staff_total', 'staff_certified', 'staff_qualified', 'reg_capital_wan_yuan', 'eval_grade', 'check_result', 'check_year', 'founder_type', 'office_m2', 'site_m2', 'start_fund_yuan', 'is_industry_body', 'member_count', 'influence_field', 'recognition_no', 'recognition_date', 'status', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'uscc': 'text', 'agency_name': 'text', 'org_form': 'text', 'reg_unit': 'text', 'reg_level': 'text', 'found_date': 'date', 'close_date': 'date', 'authority': 'text', 'main_domains': 'text', 'staff_total': 'integer', 'staff_certified': 'integer', 'staff_qualified': 'integer', 'reg_capital_wan_yuan': 'numeric(18,2)', 'eval_grade': 'text', 'check_result': 'text', 'check_year': 'integer', 'founder_type': 'text', 'office_m2': 'numeric(18,1)', 'site_m2': 'numeric(18,1)', 'start_fund_yuan': 'numeric(18,2)', 'is_industry_body': 'boolean', 'member_count': 'integer', 'influence_field': 'text', 'recognition_no': 'text', 'recognition_date': 'date', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['uscc', 'agency_name', 'org_form', 'reg_unit', 'reg_level', 'found_date', 'close_date', 'authority', 'main_domains', 'staff_total', 'staff_certified', 'staff_qualified', 'reg_capital_wan_yuan', 'eval_grade', 'check_result', 'check_year', 'founder_type', 'office_m2', 'site_m2', 'start_fund_yuan', 'is_industry_body', 'member_count', 'influence_field', 'recognition_no', 'recognition_date', 'status', 'remark']
  },
  'agency_year': {
    'title': '机构年度情况',
    'cadence': 'yearly',
    'key': ['uscc', 'year'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'uscc', 'year', 'volunteers_used', 'volunteer_hours', 'fee_income_yuan', 'staff_total', 'staff_certified', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'uscc': 'text', 'year': 'integer', 'volunteers_used': 'integer', 'volunteer_hours': 'numeric(18,1)', 'fee_income_yuan': 'numeric(18,2)', 'staff_total': 'integer', 'staff_certified': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['uscc', 'year', 'volunteers_used', 'volunteer_hours', 'fee_income_yuan', 'staff_total', 'staff_certified', 'remark']
  },
  'certificate': {
    'title': '证书与登记',
    'cadence': 'daily',
    'key': ['cert_mgmt_no', 'reg_seq'],
    'found_by': '',
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'cert_mgmt_no', 'reg_seq', 'cert_level', 'exam_year', 'approve_date', 'reg_kind', 'reg_no', 'reg_unit', 'reg_date', 'reg_valid_to', 'ce_hours', 'cert_status', 'void_date', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'cert_mgmt_no': 'text', 'reg_seq': 'integer', 'cert_level': 'text', 'exam_year': 'integer', 'approve_date': 'date', 'reg_kind': 'text', 'reg_no': 'text', 'reg_unit': 'text', 'reg_date': 'date', 'reg_valid_to': 'date', 'ce_hours': 'numeric(18,1)', 'cert_status': 'text', 'void_date': 'date', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'cert_mgmt_no', 'reg_seq', 'cert_level', 'exam_year', 'approve_date', 'reg_kind', 'reg_no', 'reg_unit', 'reg_date', 'reg_valid_to', 'ce_hours', 'cert_status', 'void_date', 'remark']
  },
  'community': {
    'title': '城乡社区',
    'cadence': 'quarterly',
    'key': ['community_code'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'community_code', 'community_name', 'unit_kind', 'township_code', 'population', 'households', 'has_sw_room', 'sw_room_date', 'has_three_linkage', 'has_fund', 'fund_yuan', 'has_grade_system', 'heads_total', 'staff_total', 'open_date', 'close_date', 'merged_into', 'status', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'community_code': 'text', 'community_name': 'text', 'unit_kind': 'text', 'township_code': 'text', 'population': 'integer', 'households': 'integer', 'has_sw_room': 'boolean', 'sw_room_date': 'date', 'has_three_linkage': 'boolean', 'has_fund': 'boolean', 'fund_yuan': 'numeric(18,2)', 'has_grade_system': 'boolean', 'heads_total': 'integer', 'staff_total': 'integer', 'open_date': 'date', 'close_date': 'date', 'merged_into': 'text', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['community_code', 'community_name', 'unit_kind', 'township_code', 'population', 'households', 'has_sw_room', 'sw_room_date', 'has_three_linkage', 'has_fund', 'fund_yuan', 'has_grade_system', 'heads_total', 'staff_total', 'open_date', 'close_date', 'merged_into', 'status', 'remark']
  },
  'employer': {
    'title': '设岗单位',
    'cadence': 'quarterly',
    'key': ['employer_id'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'employer_id', 'employer_name', 'employer_type', 'institution_class', 'social_org_class', 'has_public_function', 'is_main_sw_unit', 'is_core_post', 'staff_total', 'total_pt_posts', 'sw_posts', 'sw_pt_posts', 'has_sw_department', 'is_posts_in_pt_management', 'has_grade_system', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'employer_id': 'text', 'employer_name': 'text', 'employer_type': 'text', 'institution_class': 'text', 'social_org_class': 'text', 'has_public_function': 'boolean', 'is_main_sw_unit': 'boolean', 'is_core_post': 'boolean', 'staff_total': 'integer', 'total_pt_posts': 'integer', 'sw_posts': 'integer', 'sw_pt_posts': 'integer', 'has_sw_department': 'boolean', 'is_posts_in_pt_management': 'boolean', 'has_grade_system': 'boolean', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['employer_id', 'employer_name', 'employer_type', 'institution_class', 'social_org_class', 'has_public_function', 'is_main_sw_unit', 'is_core_post', 'staff_total', 'total_pt_posts', 'sw_posts', 'sw_pt_posts', 'has_sw_department', 'is_posts_in_pt_management', 'has_grade_system', 'remark']
  },
  'employer_year': {
    'title': '设岗单位年度招录',
    'cadence': 'yearly',
    'key': ['employer_id', 'year'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'employer_id', 'year', 'recruited', 'recruited_sw', 'recruited_priority', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'employer_id': 'text', 'year': 'integer', 'recruited': 'integer', 'recruited_sw': 'integer', 'recruited_priority': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['employer_id', 'year', 'recruited', 'recruited_sw', 'recruited_priority', 'remark']
  },
  'evaluation': {
    'title': '人才评价',
    'cadence': 'yearly',
    'key': ['employer_id', 'cert_level', 'year'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'employer_id', 'cert_level', 'year', 'evaluated', 'ethics_score', 'quality_score', 'skill_score', 'ability_score', 'performance_score', 'feedback_score', 'excellent_count', 'good_count', 'fair_count', 'poor_count', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'employer_id': 'text', 'cert_level': 'text', 'year': 'integer', 'evaluated': 'integer', 'ethics_score': 'numeric(18,1)', 'quality_score': 'numeric(18,1)', 'skill_score': 'numeric(18,1)', 'ability_score': 'numeric(18,1)', 'performance_score': 'numeric(18,1)', 'feedback_score': 'numeric(18,1)', 'excellent_count': 'integer', 'good_count': 'integer', 'fair_count': 'integer', 'poor_count': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['employer_id', 'cert_level', 'year', 'evaluated', 'ethics_score', 'quality_score', 'skill_score', 'ability_score', 'performance_score', 'feedback_score', 'excellent_count', 'good_count', 'fair_count', 'poor_count', 'remark']
  },
  'event': {
    'title': '工作台账',
    'cadence': 'event',
    'key': ['_unit_code', 'event_no'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'event_no', 'event_type', 'title', 'event_date', 'valid_to', 'level', 'organiser', 'organiser_id', 'department', 'domain', 'participants', 'quantity', 'amount_yuan', 'document_no', 'result', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'event_no': 'text', 'event_type': 'text', 'title': 'text', 'event_date': 'date', 'valid_to': 'date', 'level': 'text', 'organiser': 'text', 'organiser_id': 'text', 'department': 'text', 'domain': 'text', 'participants': 'integer', 'quantity': 'integer', 'amount_yuan': 'numeric(18,2)', 'document_no': 'text', 'result': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['event_no', 'event_type', 'title', 'event_date', 'valid_to', 'level', 'organiser', 'organiser_id', 'department', 'domain', 'participants', 'quantity', 'amount_yuan', 'document_no', 'result', 'remark']
  },
  'exam': {
    'title': '职业水平考试',
    'cadence': 'yearly',
    'key': ['_unit_code', 'exam_year', 'cert_level', 'source_group'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'exam_year', 'cert_level', 'source_group', 'applicants', 'sat', 'passed', 'heads_sat', 'review_applied', 'review_passed', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'exam_year': 'integer', 'cert_level': 'text', 'source_group': 'text', 'applicants': 'integer', 'sat': 'integer', 'passed': 'integer', 'heads_sat': 'integer', 'review_applied': 'integer', 'review_passed': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['exam_year', 'cert_level', 'source_group', 'applicants', 'sat', 'passed', 'heads_sat', 'review_applied', 'review_passed', 'remark']
  },
  'exam_incentive': {
    'title': '考试激励',
    'cadence': 'yearly',
    'key': ['_unit_code', 'year', 'cert_level', 'kind'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'year', 'cert_level', 'kind', 'people', 'yuan', 'has_policy', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'year': 'integer', 'cert_level': 'text', 'kind': 'text', 'people': 'integer', 'yuan': 'numeric(18,2)', 'has_policy': 'boolean', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['year', 'cert_level', 'kind', 'people', 'yuan', 'has_policy', 'remark']
  },
  'funding': {
    'title': '社会工作资金',
    'cadence': 'quarterly',
    'key': ['_unit_code', 'year', 'source_type', 'level', 'usage', 'batch_no'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'year', 'source_type', 'level', 'usage', 'batch_no', 'is_special_fund', 'project_no', 'budget_yuan', 'received_yuan', 'spent_yuan', 'carried_over_yuan', 'donor_name', 'book_date', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'year': 'integer', 'source_type': 'text', 'level': 'text', 'usage': 'text', 'batch_no': 'text', 'is_special_fund': 'boolean', 'project_no': 'text', 'budget_yuan': 'numeric(18,2)', 'received_yuan': 'numeric(18,2)', 'spent_yuan': 'numeric(18,2)', 'carried_over_yuan': 'numeric(18,2)', 'donor_name': 'text', 'book_date': 'date', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['year', 'source_type', 'level', 'usage', 'batch_no', 'is_special_fund', 'project_no', 'budget_yuan', 'received_yuan', 'spent_yuan', 'carried_over_yuan', 'donor_name', 'book_date', 'remark']
  },
  'labour_cost': {
    'title': '项目人力成本',
    'cadence': 'quarterly',
    'key': ['_unit_code', 'project_no', 'period'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'project_no', 'period', 'sw_wage_yuan', 'sw_social_insurance_yuan', 'sw_housing_fund_yuan', 'sw_other_yuan', 'labour_total_yuan', 'other_staff_cost_yuan', 'nonstaff_cost_yuan', 'paid_headcount', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'project_no': 'text', 'period': 'text', 'sw_wage_yuan': 'numeric(18,2)', 'sw_social_insurance_yuan': 'numeric(18,2)', 'sw_housing_fund_yuan': 'numeric(18,2)', 'sw_other_yuan': 'numeric(18,2)', 'labour_total_yuan': 'numeric(18,2)', 'other_staff_cost_yuan': 'numeric(18,2)', 'nonstaff_cost_yuan': 'numeric(18,2)', 'paid_headcount': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['project_no', 'period', 'sw_wage_yuan', 'sw_social_insurance_yuan', 'sw_housing_fund_yuan', 'sw_other_yuan', 'labour_total_yuan', 'other_staff_cost_yuan', 'nonstaff_cost_yuan', 'paid_headcount', 'remark']
  },
  'pairing': {
    'title': '南北协作',
    'cadence': 'event',
    'key': ['_unit_code', 'pair_no'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'pair_no', 'advanced_unit', 'assisted_unit', 'signed_date', 'projects', 'people', 'funds_yuan', 'status', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'pair_no': 'text', 'advanced_unit': 'text', 'assisted_unit': 'text', 'signed_date': 'date', 'projects': 'integer', 'people': 'integer', 'funds_yuan': 'numeric(18,2)', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['pair_no', 'advanced_unit', 'assisted_unit', 'signed_date', 'projects', 'people', 'funds_yuan', 'status', 'remark']
  },
  'pay': {
    'title': '薪酬保障',
    'cadence': 'yearly',
    'key': ['employer_id', 'cert_level', 'year'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'employer_id', 'cert_level', 'year', 'headcount', 'formal_count', 'on_standard_count', 'median_gross_yuan', 'with_social_insurance', 'with_housing_fund', 'with_community_allowance', 'allowance_yuan_month', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'employer_id': 'text', 'cert_level': 'text', 'year': 'integer', 'headcount': 'integer', 'formal_count': 'integer', 'on_standard_count': 'integer', 'median_gross_yuan': 'numeric(18,2)', 'with_social_insurance': 'integer', 'with_housing_fund': 'integer', 'with_community_allowance': 'integer', 'allowance_yuan_month': 'numeric(18,2)', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['employer_id', 'cert_level', 'year', 'headcount', 'formal_count', 'on_standard_count', 'median_gross_yuan', 'with_social_insurance', 'with_housing_fund', 'with_community_allowance', 'allowance_yuan_month', 'remark']
  },
  'post': {
    'title': '社会工作岗位',
    'cadence': 'daily',
    'key': ['employer_id', 'post_no', 'slot_no'],
    'found_by': '',
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'employer_id', 'post_no', 'slot_no', 'post_name', 'employer_type', 'community_code', 'is_professional', 'post_grade', 'post_title', 'required_level', 'set_date', 'appoint_date', 'status', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'employer_id': 'text', 'post_no': 'text', 'slot_no': 'integer', 'post_name': 'text', 'employer_type': 'text', 'community_code': 'text', 'is_professional': 'boolean', 'post_grade': 'integer', 'post_title': 'text', 'required_level': 'text', 'set_date': 'date', 'appoint_date': 'date', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'employer_id', 'post_no', 'slot_no', 'post_name', 'employer_type', 'community_code', 'is_professional', 'post_grade', 'post_title', 'required_level', 'set_date', 'appoint_date', 'status', 'remark']
  },
  'project': {
    'title': '社会工作服务项目',
    'cadence': 'daily',
    'key': ['_unit_code', 'project_no'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'project_no', 'contract_no', 'title', 'is_purchased', 'purchaser_uscc', 'purchaser_name', 'purchaser_township_code', 'provider_id', 'domain', 'function', 'theme', 'fund_source', 'funder_uscc', 'method', 'sign_date', 'start_date', 'end_date', 'budget_yuan', 'budget_labour_yuan', 'contract_yuan', 'settled_yuan', 'persons_served', 'service_times', 'households', 'eval_score', 'status', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'project_no': 'text', 'contract_no': 'text', 'title': 'text', 'is_purchased': 'boolean', 'purchaser_uscc': 'text', 'purchaser_name': 'text', 'purchaser_township_code': 'text', 'provider_id': 'text', 'domain': 'text', 'function': 'text', 'theme': 'text', 'fund_source': 'text', 'funder_uscc': 'text', 'method': 'text', 'sign_date': 'date', 'start_date': 'date', 'end_date': 'date', 'budget_yuan': 'numeric(18,2)', 'budget_labour_yuan': 'numeric(18,2)', 'contract_yuan': 'numeric(18,2)', 'settled_yuan': 'numeric(18,2)', 'persons_served': 'integer', 'service_times': 'integer', 'households': 'integer', 'eval_score': 'numeric(18,1)', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['project_no', 'contract_no', 'title', 'is_purchased', 'purchaser_uscc', 'purchaser_name', 'purchaser_township_code', 'provider_id', 'domain', 'function', 'theme', 'fund_source', 'funder_uscc', 'method', 'sign_date', 'start_date', 'end_date', 'budget_yuan', 'budget_labour_yuan', 'contract_yuan', 'settled_yuan', 'persons_served', 'service_times', 'households', 'eval_score', 'status', 'remark']
  },
  'project_staff': {
    'title': '项目人员',
    'cadence': 'daily',
    'key': ['_unit_code', 'project_no', 'person_key', 'start_date'],
    'found_by': '',
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'project_no', 'as_social_worker', 'role', 'cert_mgmt_no', 'start_date', 'end_date', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'project_no': 'text', 'as_social_worker': 'boolean', 'role': 'text', 'cert_mgmt_no': 'text', 'start_date': 'date', 'end_date': 'date', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'project_no', 'as_social_worker', 'role', 'cert_mgmt_no', 'start_date', 'end_date', 'remark']
  },
  'service_request': {
    'title': '服务需求',
    'cadence': 'event',
    'key': ['_unit_code', 'request_no'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'request_no', 'township_code', 'community_code', 'domain', 'function', 'client_group', 'channel', 'requested_date', 'matched_id', 'matched_date', 'closed_date', 'outcome', 'satisfaction_grade', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'request_no': 'text', 'township_code': 'text', 'community_code': 'text', 'domain': 'text', 'function': 'text', 'client_group': 'text', 'channel': 'text', 'requested_date': 'date', 'matched_id': 'text', 'matched_date': 'date', 'closed_date': 'date', 'outcome': 'text', 'satisfaction_grade': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['request_no', 'township_code', 'community_code', 'domain', 'function', 'client_group', 'channel', 'requested_date', 'matched_id', 'matched_date', 'closed_date', 'outcome', 'satisfaction_grade', 'remark']
  },
  'summary': {
    'title': '汇总表',
    'cadence': 'monthly',
    'key': ['_unit_code', 'period', 'metric', 'breakdown'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'period', 'metric', 'breakdown', 'value', 'unit', 'precision', 'source', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'period': 'text', 'metric': 'text', 'breakdown': 'text', 'value': 'numeric(18,2)', 'unit': 'text', 'precision': 'text', 'source': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['period', 'metric', 'breakdown', 'value', 'unit', 'precision', 'source', 'remark']
  },
  'supervisor': {
    'title': '督导人才',
    'cadence': 'yearly',
    'key': ['person_key', 'appoint_no'],
    'found_by': '',
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'appoint_no', 'grade', 'origin', 'recognition_no', 'appoint_date', 'valid_to', 'appoint_unit', 'domains', 'host_id', 'supervisees', 'hours_ytd', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'appoint_no': 'integer', 'grade': 'text', 'origin': 'text', 'recognition_no': 'text', 'appoint_date': 'date', 'valid_to': 'date', 'appoint_unit': 'text', 'domains': 'text', 'host_id': 'text', 'supervisees': 'integer', 'hours_ytd': 'numeric(18,1)', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'appoint_no', 'grade', 'origin', 'recognition_no', 'appoint_date', 'valid_to', 'appoint_unit', 'domains', 'host_id', 'supervisees', 'hours_ytd', 'remark']
  },
  'talent': {
    'title': '社会工作专业人才',
    'cadence': 'daily',
    'key': ['person_key'],
    'found_by': '',
    'columns': ['person_key', 'person_mask', 'name_key', 'birth_year', 'sex', 'row_action', 'effective_date', 'id_type', 'education', 'sw_major', 'employer_type', 'employer_id', 'employer_name', 'work_area_code', 'community_code', 'is_community_worker', 'is_direct_service', 'service_domain', 'head_role', 'start_month', 'highest_level', 'status', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'birth_year': 'integer', 'sex': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'education': 'text', 'sw_major': 'boolean', 'employer_type': 'text', 'employer_id': 'text', 'employer_name': 'text', 'work_area_code': 'text', 'community_code': 'text', 'is_community_worker': 'boolean', 'is_direct_service': 'boolean', 'service_domain': 'text', 'head_role': 'text', 'start_month': 'date', 'highest_level': 'text', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'birth_year', 'sex', 'id_type', 'education', 'sw_major', 'employer_type', 'employer_id', 'employer_name', 'work_area_code', 'community_code', 'is_community_worker', 'is_direct_service', 'service_domain', 'head_role', 'start_month', 'highest_level', 'status', 'remark']
  },
  'task': {
    'title': '任务分工',
    'cadence': 'event',
    'key': ['_unit_code', 'task_no'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'task_no', 'department', 'task', 'due_date', 'done_date', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'task_no': 'text', 'department': 'text', 'task': 'text', 'due_date': 'date', 'done_date': 'date', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['task_no', 'department', 'task', 'due_date', 'done_date', 'remark']
  },
  'township': {
    'title': '乡镇街道',
    'cadence': 'quarterly',
    'key': ['township_code'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'township_code', 'has_sw_station', 'supports_agency', 'station_staff', 'governance_sw_count', 'service_sw_count', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'township_code': 'text', 'has_sw_station': 'boolean', 'supports_agency': 'boolean', 'station_staff': 'integer', 'governance_sw_count': 'integer', 'service_sw_count': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['township_code', 'has_sw_station', 'supports_agency', 'station_staff', 'governance_sw_count', 'service_sw_count', 'remark']
  },
  'training_attendance': {
    'title': '培训学员',
    'cadence': 'event',
    'key': ['_unit_code', 'session_no', 'person_key'],
    'found_by': 'session_no',
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'session_no', 'hours', 'passed', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'session_no': 'text', 'hours': 'numeric(18,1)', 'passed': 'boolean', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'session_no', 'hours', 'passed', 'remark']
  },
  'training_session': {
    'title': '培训班次',
    'cadence': 'event',
    'key': ['_unit_code', 'session_no'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'session_no', 'organiser', 'title', 'kind', 'mode', 'level', 'audience', 'start_date', 'end_date', 'hours', 'participants', 'planned_sessions', 'cost_yuan', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'session_no': 'text', 'organiser': 'text', 'title': 'text', 'kind': 'text', 'mode': 'text', 'level': 'text', 'audience': 'text', 'start_date': 'date', 'end_date': 'date', 'hours': 'numeric(18,1)', 'participants': 'integer', 'planned_sessions': 'integer', 'cost_yuan': 'numeric(18,2)', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['session_no', 'organiser', 'title', 'kind', 'mode', 'level', 'audience', 'start_date', 'end_date', 'hours', 'participants', 'planned_sessions', 'cost_yuan', 'remark']
  },
  'volunteer_org': {
    'title': '志愿服务组织',
    'cadence': 'yearly',
    'key': ['uscc'],
    'found_by': '',
    'columns': ['row_action', 'effective_date', 'uscc', 'org_name', 'area_code', 'has_professional', 'professionals', 'volunteers', 'hours_ytd', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'uscc': 'text', 'org_name': 'text', 'area_code': 'text', 'has_professional': 'boolean', 'professionals': 'integer', 'volunteers': 'integer', 'hours_ytd': 'numeric(18,1)', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['uscc', 'org_name', 'area_code', 'has_professional', 'professionals', 'volunteers', 'hours_ytd', 'remark']
  },
} %}
{{ return(contracts[table]) }}
{% endmacro %}

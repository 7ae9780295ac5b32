{# Generated from contracts/ by shegong/render/dbt_source.py; do not edit. #}
{% macro contract_columns(table) %}
{% set contracts = {
  'agency': {
    'title': '社会工作服务机构',
    'cadence': 'daily',
    'key': ['uscc'],
    'columns': ['row_action', 'effective_date', 'uscc', 'agency_name', 'org_form', 'reg_unit', 'reg_level', 'found_date', 'close_date', 'authority', 'main_domains', 'staff_total', 'staff_certified', 'staff_qualified', 'reg_capital_wan_yuan', 'eval_grade', 'check_result', 'check_year', 'founder_type', 'office_m2', 'site_m2', 'start_fund_yuan', 'is_industry_body', 'member_count', 'influence_field', 'recognition_no', 'recognition_date', 'status', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'uscc': 'text', 'agency_name': 'text', 'org_form': 'text', 'reg_unit': 'text', 'reg_level': 'text', 'found_date': 'date', 'close_date': 'date', 'authority': 'text', 'main_domains': 'text', 'staff_total': 'integer', 'staff_certified': 'integer', 'staff_qualified': 'integer', 'reg_capital_wan_yuan': 'numeric(18,2)', 'eval_grade': 'text', 'check_result': 'text', 'check_year': 'integer', 'founder_type': 'text', 'office_m2': 'numeric(18,1)', 'site_m2': 'numeric(18,1)', 'start_fund_yuan': 'numeric(18,2)', 'is_industry_body': 'boolean', 'member_count': 'integer', 'influence_field': 'text', 'recognition_no': 'text', 'recognition_date': 'date', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['uscc', 'agency_name', 'org_form', 'reg_unit', 'reg_level', 'found_date', 'close_date', 'authority', 'main_domains', 'staff_total', 'staff_certified', 'staff_qualified', 'reg_capital_wan_yuan', 'eval_grade', 'check_result', 'check_year', 'founder_type', 'office_m2', 'site_m2', 'start_fund_yuan', 'is_industry_body', 'member_count', 'influence_field', 'recognition_no', 'recognition_date', 'status', 'remark']
  },
  'certificate': {
    'title': '证书与登记',
    'cadence': 'daily',
    'key': ['cert_mgmt_no', 'reg_seq'],
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'cert_mgmt_no', 'reg_seq', 'cert_level', 'exam_year', 'approve_date', 'reg_kind', 'reg_no', 'reg_unit', 'reg_date', 'reg_valid_to', 'ce_hours', 'cert_status', 'void_date', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'cert_mgmt_no': 'text', 'reg_seq': 'integer', 'cert_level': 'text', 'exam_year': 'integer', 'approve_date': 'date', 'reg_kind': 'text', 'reg_no': 'text', 'reg_unit': 'text', 'reg_date': 'date', 'reg_valid_to': 'date', 'ce_hours': 'numeric(18,1)', 'cert_status': 'text', 'void_date': 'date', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'cert_mgmt_no', 'reg_seq', 'cert_level', 'exam_year', 'approve_date', 'reg_kind', 'reg_no', 'reg_unit', 'reg_date', 'reg_valid_to', 'ce_hours', 'cert_status', 'void_date', 'remark']
  },
  'community': {
    'title': '城乡社区',
    'cadence': 'quarterly',
    'key': ['community_code'],
    'columns': ['row_action', 'effective_date', 'community_code', 'community_name', 'unit_kind', 'township_code', 'population', 'households', 'has_sw_room', 'sw_room_date', 'has_three_linkage', 'has_fund', 'fund_yuan', 'has_grade_system', 'heads_total', 'staff_total', 'open_date', 'close_date', 'merged_into', 'status', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'community_code': 'text', 'community_name': 'text', 'unit_kind': 'text', 'township_code': 'text', 'population': 'integer', 'households': 'integer', 'has_sw_room': 'boolean', 'sw_room_date': 'date', 'has_three_linkage': 'boolean', 'has_fund': 'boolean', 'fund_yuan': 'numeric(18,2)', 'has_grade_system': 'boolean', 'heads_total': 'integer', 'staff_total': 'integer', 'open_date': 'date', 'close_date': 'date', 'merged_into': 'text', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['community_code', 'community_name', 'unit_kind', 'township_code', 'population', 'households', 'has_sw_room', 'sw_room_date', 'has_three_linkage', 'has_fund', 'fund_yuan', 'has_grade_system', 'heads_total', 'staff_total', 'open_date', 'close_date', 'merged_into', 'status', 'remark']
  },
  'employer': {
    'title': '设岗单位',
    'cadence': 'quarterly',
    'key': ['employer_id'],
    'columns': ['row_action', 'effective_date', 'employer_id', 'employer_name', 'employer_type', 'institution_class', 'social_org_class', 'has_public_function', 'is_main_sw_unit', 'is_core_post', 'staff_total', 'total_pt_posts', 'sw_posts', 'sw_pt_posts', 'has_sw_department', 'is_posts_in_pt_management', 'has_grade_system', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'employer_id': 'text', 'employer_name': 'text', 'employer_type': 'text', 'institution_class': 'text', 'social_org_class': 'text', 'has_public_function': 'boolean', 'is_main_sw_unit': 'boolean', 'is_core_post': 'boolean', 'staff_total': 'integer', 'total_pt_posts': 'integer', 'sw_posts': 'integer', 'sw_pt_posts': 'integer', 'has_sw_department': 'boolean', 'is_posts_in_pt_management': 'boolean', 'has_grade_system': 'boolean', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['employer_id', 'employer_name', 'employer_type', 'institution_class', 'social_org_class', 'has_public_function', 'is_main_sw_unit', 'is_core_post', 'staff_total', 'total_pt_posts', 'sw_posts', 'sw_pt_posts', 'has_sw_department', 'is_posts_in_pt_management', 'has_grade_system', 'remark']
  },
  'funding': {
    'title': '社会工作资金',
    'cadence': 'quarterly',
    'key': ['_unit_code', 'year', 'source_type', 'level', 'usage', 'batch_no'],
    'columns': ['row_action', 'effective_date', 'year', 'source_type', 'level', 'usage', 'batch_no', 'is_special_fund', 'project_no', 'budget_yuan', 'received_yuan', 'spent_yuan', 'carried_over_yuan', 'donor_name', 'book_date', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'year': 'integer', 'source_type': 'text', 'level': 'text', 'usage': 'text', 'batch_no': 'text', 'is_special_fund': 'boolean', 'project_no': 'text', 'budget_yuan': 'numeric(18,2)', 'received_yuan': 'numeric(18,2)', 'spent_yuan': 'numeric(18,2)', 'carried_over_yuan': 'numeric(18,2)', 'donor_name': 'text', 'book_date': 'date', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['year', 'source_type', 'level', 'usage', 'batch_no', 'is_special_fund', 'project_no', 'budget_yuan', 'received_yuan', 'spent_yuan', 'carried_over_yuan', 'donor_name', 'book_date', 'remark']
  },
  'labour_cost': {
    'title': '项目人力成本',
    'cadence': 'quarterly',
    'key': ['_unit_code', 'project_no', 'period'],
    'columns': ['row_action', 'effective_date', 'project_no', 'period', 'sw_wage_yuan', 'sw_social_insurance_yuan', 'sw_housing_fund_yuan', 'sw_other_yuan', 'labour_total_yuan', 'other_staff_cost_yuan', 'nonstaff_cost_yuan', 'paid_headcount', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'project_no': 'text', 'period': 'text', 'sw_wage_yuan': 'numeric(18,2)', 'sw_social_insurance_yuan': 'numeric(18,2)', 'sw_housing_fund_yuan': 'numeric(18,2)', 'sw_other_yuan': 'numeric(18,2)', 'labour_total_yuan': 'numeric(18,2)', 'other_staff_cost_yuan': 'numeric(18,2)', 'nonstaff_cost_yuan': 'numeric(18,2)', 'paid_headcount': 'integer', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['project_no', 'period', 'sw_wage_yuan', 'sw_social_insurance_yuan', 'sw_housing_fund_yuan', 'sw_other_yuan', 'labour_total_yuan', 'other_staff_cost_yuan', 'nonstaff_cost_yuan', 'paid_headcount', 'remark']
  },
  'post': {
    'title': '社会工作岗位',
    'cadence': 'daily',
    'key': ['employer_id', 'post_no', 'slot_no'],
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'employer_id', 'post_no', 'slot_no', 'post_name', 'employer_type', 'community_code', 'is_professional', 'post_grade', 'post_title', 'required_level', 'set_date', 'appoint_date', 'status', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'employer_id': 'text', 'post_no': 'text', 'slot_no': 'integer', 'post_name': 'text', 'employer_type': 'text', 'community_code': 'text', 'is_professional': 'boolean', 'post_grade': 'integer', 'post_title': 'text', 'required_level': 'text', 'set_date': 'date', 'appoint_date': 'date', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'employer_id', 'post_no', 'slot_no', 'post_name', 'employer_type', 'community_code', 'is_professional', 'post_grade', 'post_title', 'required_level', 'set_date', 'appoint_date', 'status', 'remark']
  },
  'project': {
    'title': '社会工作服务项目',
    'cadence': 'daily',
    'key': ['_unit_code', 'project_no'],
    'columns': ['row_action', 'effective_date', 'project_no', 'contract_no', 'title', 'is_purchased', 'purchaser_uscc', 'purchaser_name', 'purchaser_township_code', 'provider_id', 'domain', 'function', 'theme', 'fund_source', 'funder_uscc', 'method', 'sign_date', 'start_date', 'end_date', 'budget_yuan', 'budget_labour_yuan', 'contract_yuan', 'settled_yuan', 'persons_served', 'service_times', 'households', 'eval_score', 'status', 'remark', 'corrects_key'],
    'types': {'row_action': 'text', 'effective_date': 'date', 'project_no': 'text', 'contract_no': 'text', 'title': 'text', 'is_purchased': 'boolean', 'purchaser_uscc': 'text', 'purchaser_name': 'text', 'purchaser_township_code': 'text', 'provider_id': 'text', 'domain': 'text', 'function': 'text', 'theme': 'text', 'fund_source': 'text', 'funder_uscc': 'text', 'method': 'text', 'sign_date': 'date', 'start_date': 'date', 'end_date': 'date', 'budget_yuan': 'numeric(18,2)', 'budget_labour_yuan': 'numeric(18,2)', 'contract_yuan': 'numeric(18,2)', 'settled_yuan': 'numeric(18,2)', 'persons_served': 'integer', 'service_times': 'integer', 'households': 'integer', 'eval_score': 'numeric(18,1)', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['project_no', 'contract_no', 'title', 'is_purchased', 'purchaser_uscc', 'purchaser_name', 'purchaser_township_code', 'provider_id', 'domain', 'function', 'theme', 'fund_source', 'funder_uscc', 'method', 'sign_date', 'start_date', 'end_date', 'budget_yuan', 'budget_labour_yuan', 'contract_yuan', 'settled_yuan', 'persons_served', 'service_times', 'households', 'eval_score', 'status', 'remark']
  },
  'project_staff': {
    'title': '项目人员',
    'cadence': 'daily',
    'key': ['_unit_code', 'project_no', 'person_key', 'start_date'],
    'columns': ['person_key', 'person_mask', 'name_key', 'row_action', 'effective_date', 'id_type', 'project_no', 'as_social_worker', 'role', 'cert_mgmt_no', 'start_date', 'end_date', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'project_no': 'text', 'as_social_worker': 'boolean', 'role': 'text', 'cert_mgmt_no': 'text', 'start_date': 'date', 'end_date': 'date', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'id_type', 'project_no', 'as_social_worker', 'role', 'cert_mgmt_no', 'start_date', 'end_date', 'remark']
  },
  'talent': {
    'title': '社会工作专业人才',
    'cadence': 'daily',
    'key': ['person_key'],
    'columns': ['person_key', 'person_mask', 'name_key', 'birth_year', 'sex', 'row_action', 'effective_date', 'id_type', 'education', 'sw_major', 'employer_type', 'employer_id', 'employer_name', 'work_area_code', 'community_code', 'is_community_worker', 'is_direct_service', 'service_domain', 'head_role', 'start_month', 'highest_level', 'status', 'remark', 'corrects_key'],
    'types': {'person_key': 'text', 'person_mask': 'text', 'name_key': 'text', 'birth_year': 'integer', 'sex': 'text', 'row_action': 'text', 'effective_date': 'date', 'id_type': 'text', 'education': 'text', 'sw_major': 'boolean', 'employer_type': 'text', 'employer_id': 'text', 'employer_name': 'text', 'work_area_code': 'text', 'community_code': 'text', 'is_community_worker': 'boolean', 'is_direct_service': 'boolean', 'service_domain': 'text', 'head_role': 'text', 'start_month': 'date', 'highest_level': 'text', 'status': 'text', 'remark': 'text', 'corrects_key': 'text'},
    'content': ['person_key', 'person_mask', 'name_key', 'birth_year', 'sex', 'id_type', 'education', 'sw_major', 'employer_type', 'employer_id', 'employer_name', 'work_area_code', 'community_code', 'is_community_worker', 'is_direct_service', 'service_domain', 'head_role', 'start_month', 'highest_level', 'status', 'remark']
  },
} %}
{{ return(contracts[table]) }}
{% endmacro %}

{# Generated from contracts/ by shegong/render/dbt_source.py; do not edit. #}
{% macro code_kinds(list_name) %}
{% set kinds = {
  'service_domain': {
    '只报乡镇和月': ['07', '08', '11', '12']
  },
  'training_kind': {
    '计入120学时': ['1', '3'],
    '只报人数': ['5', '6']
  },
  'event_type': {
    '文': ['0308', '0402', '0501', '0502', '0503', '0504', '0601', '0603', '0701', '0801', '0901', '1001', '1303', '1304'],
    '活': ['0306', '0307', '1002', '1302', '1501', '1502', '1504'],
    '状': ['0303', '0304', '0305', '0401', '0505', '0602', '1201', '1202', '1301', '1305', '1401', '1402', '1403'],
    '量': ['0301', '0302', '0604', '0605', '0606', '0607', '1101', '1102', '1103', '1104', '1105', '1503']
  },
  'metric': {
    '人': ['certified_total', 'certified_level_1', 'certified_level_2', 'certified_level_3', 'certified_new_in_year', 'registered_total', 'social_work_talent_total', 'exam_applicants', 'exam_first_applicants', 'exam_takers', 'trained_people'],
    '元': ['purchased_yuan', 'fiscal_yuan', 'lottery_total_yuan', 'lottery_social_work_yuan'],
    '小时': ['training_hours'],
    '百分比': ['awareness_share', 'approval_share'],
    '人每万人': ['certified_per_10k_residents']
  },
} %}
{{ return(kinds[list_name]) }}
{% endmacro %}

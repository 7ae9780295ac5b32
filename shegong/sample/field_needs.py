"""What a check of a field needs beside the bad cell, and what else the bad cell brings, rightly."""

from datetime import date

_INFLUENCE = {
    "influence_field": "1",
    "recognition_no": "民办发〔2024〕99号",
    "recognition_date": date(2024, 11, 20),
}

_OTHER_PAPER = {"id_type": "9", "id_no": "P76543210", "sex": "2", "status": "2", "start_month": None}

# what the row must be, or be set to, so that the check applies
_TOTAL = {"source_group": "0", "cert_level": "3"}

_SERVED = {"domain": "02"}

NEEDS: dict[str, tuple[dict, dict]] = {
    "exam.applicants.range": ({"source_group": "1"}, {}),
    "exam.sat.required_when": (_TOTAL, {}),
    "exam.sat.range": (_TOTAL, {}),
    "township.station_staff.range": ({"has_sw_station": True}, {}),
    "exam.passed.required_when": (_TOTAL, {}),
    "exam.review_applied.range": (_TOTAL, {"review_passed": None}),
    "exam.review_passed.range": (_TOTAL, {}),
    "event.quantity.required_when": ({"event_type": "0604"}, {}),
    "event.document_no.required_when": ({"event_type": "0701"}, {}),
    "event.valid_to.range": ({"event_type": "1201"}, {}),
    "training_session.participants.required_when": ({"kind": "5"}, {}),
    "volunteer_org.professionals.range": ({}, {"has_professional": False}),
    "service_request.township_code.pattern": ({"domain": "07"}, {}),
    "service_request.township_code.number_cell": ({"domain": "07"}, {}),
    "service_request.requested_date.range": ({"domain": "01"}, {}),
    **{
        f"service_request.{name}.{check}": (_SERVED, {})
        for name in ("matched_id", "matched_date", "closed_date", "outcome")
        for check in ("required_when", "range", "length", "check_digit", "number_cell")
    },
    "talent.birth_date.required_when": ({}, _OTHER_PAPER | {"birth_date": None}),
    "talent.birth_date.range": ({}, _OTHER_PAPER | {"id_no": "P76543211"}),
    "talent.community_code.required_when": ({"employer_type": "04"}, {}),
    "talent.head_role.required_when": ({"employer_type": "04"}, {}),
    "talent.employer_id.check_digit": ({"employer_type": "05"}, {}),
    "certificate.cert_level.required": ({"reg_kind": "0"}, {}),  # hours are judged by the level
    "certificate.reg_no.required_when": ({"reg_kind": "1"}, {}),
    "certificate.reg_unit.required_when": ({"reg_kind": "1"}, {}),
    "certificate.reg_date.required_when": ({"reg_kind": "1"}, {}),
    "certificate.reg_valid_to.required_when": ({"reg_kind": "1"}, {}),
    "certificate.ce_hours.required_when": ({"reg_kind": "2"}, {}),
    "certificate.void_date.required_when": ({}, {"cert_status": "2"}),
    "certificate.exam_year.range": ({"reg_kind": "0"}, {"approve_date": date(2008, 1, 1)}),
    "certificate.approve_date.range": ({"reg_kind": "0"}, {"exam_year": 2008}),
    "certificate.reg_date.range": ({"reg_kind": "0"}, {}),
    "certificate.reg_valid_to.range": ({"reg_kind": "0"}, {}),
    "certificate.ce_hours.range": ({"reg_kind": "0"}, {}),
    "agency.close_date.required_when": ({}, {"status": "2"}),
    "agency.member_count.required_when": ({}, {"is_industry_body": True}),
    "agency.influence_field.required_when": ({}, _INFLUENCE),
    "agency.recognition_date.required_when": ({}, _INFLUENCE),
    "agency.recognition_no.length": ({}, _INFLUENCE),
    "agency.recognition_no.number_cell": ({}, _INFLUENCE),
    "agency.recognition_no.fixed": ({}, _INFLUENCE | {"status": "4"}),
    "agency.staff_total.range": ({}, {"status": "4"}),
    "agency.staff_qualified.range": ({}, {"status": "4"}),
    "post.community_code.required_when": ({"employer_type": "04"}, {}),
    "post.employer_id.check_digit": ({"employer_type": "05"}, {}),
    "post.post_grade.required_when": ({"employer_type": "03"}, {}),
    "post.post_grade.range": (
        {"employer_type": "03"},
        {"post_title": "高级社会工作师一级", "required_level": "3"},
    ),
    "post.post_title.length": ({"employer_type": "05"}, {}),
    "post.post_title.number_cell": ({"employer_type": "05"}, {}),
    "project_staff.id_no.rounded": ({"as_social_worker": False}, {}),
    "post.person_name.unclear": ({"id_no": ...}, {"status": "2"}),
    "post.id_no.rounded": ({}, {"status": "2"}),
    "community.fund_yuan.scale": ({"has_fund": True}, {}),
    "community.fund_yuan.range": ({"has_fund": True}, {}),
    "community.close_date.required_when": ({}, {"status": "2"}),
    "community.community_code.required": ({"unit_kind": "1"}, {}),
    "community.community_code.pattern": ({"unit_kind": "1"}, {}),
    "employer.institution_class.required_when": ({"employer_type": "03"}, {}),
    "employer.is_main_sw_unit.required_when": ({"employer_type": "03"}, {}),
    "employer.total_pt_posts.required_when": ({"is_main_sw_unit": True}, {}),
    "employer.sw_pt_posts.required_when": ({"is_main_sw_unit": True}, {}),
    "employer.social_org_class.required_when": ({"employer_type": "06"}, {}),
    "employer.total_pt_posts.range": ({"employer_type": "01"}, {}),
    "employer.sw_posts.range": ({"employer_type": "01"}, {}),
    "employer.sw_pt_posts.range": ({"employer_type": "01"}, {}),
    "project.purchaser_name.required_when": ({"is_purchased": True}, {}),
    "project.method.required_when": ({"is_purchased": True}, {}),
    "project.budget_labour_yuan.required_when": ({"is_purchased": True}, {}),
    "project.budget_yuan.range": ({"is_purchased": False}, {}),
    "funding.donor_name.required_when": ({"source_type": "3"}, {}),
    "funding.received_yuan.range": ({}, {"spent_yuan": 0.0, "carried_over_yuan": 5000.0}),
}

# findings that the same cell brings by another check, rightly
_GRADES = (("evaluation.grades_against_total", "E", "evaluated"),)

BRINGS: dict[str, tuple] = {
    **{f"evaluation.{name}_count.range": _GRADES for name in ("excellent", "good", "fair", "poor")},
    "evaluation.evaluated.range": _GRADES,
    "pairing.advanced_unit.pattern": (("pairing.other_pair", "W", "advanced_unit"),),
    "pairing.advanced_unit.number_cell": (("pairing.other_pair", "W", "advanced_unit"),),
    "volunteer_org.area_code.pattern": (("volunteer_org.area_elsewhere", "E", "area_code"),),
    "volunteer_org.area_code.number_cell": (("volunteer_org.area_elsewhere", "E", "area_code"),),
    "exam.sat.range": (("exam.passed_over_sat", "E", "passed"),),
    "exam_incentive.people.range": (
        ("exam_incentive.money_without_people", "W", "yuan"),
        ("exam_incentive.amount_slip", "W", "yuan"),
    ),
    "exam_incentive.yuan.range": (("exam_incentive.money_without_people", "W", "yuan"),),
    "summary.period.number_cell": (("summary.period_future", "E", "period"),),
    "event.valid_to.range": (("event.valid_before_event", "E", "valid_to"),),
    "training_session.start_date.range": (("training_session.long_session", "W", "end_date"),),
    "training_session.end_date.range": (("training_session.end_before_start", "E", "end_date"),),
    "pay.median_gross_yuan.range": (("pay.median_slip", "W", "median_gross_yuan"),),
    "pay.headcount.range": (("pay.part_over_headcount", "E", "headcount"),),
    "service_request.matched_date.range": (("service_request.matched_before_request", "E", "matched_date"),),
    "service_request.closed_date.range": (("service_request.closed_before_request", "E", "closed_date"),),
    "supervisor.valid_to.range": (("supervisor.end_before_start", "E", "valid_to"),),
    "supervisor.id_no.rounded": (("supervisor.person_unknown", "W", "id_no"),),
    "supervisor.person_name.unclear": (("supervisor.name_differs", "W", "person_name"),),
    "training_attendance.id_no.rounded": (("training_attendance.person_unknown", "W", "id_no"),),
    "training_attendance.person_name.unclear": (("training_attendance.name_differs", "W", "person_name"),),
    "employer_year.recruited.range": (("employer_year.social_work_over_all", "E", "recruited_sw"),),
    "employer_year.recruited_sw.range": (
        ("employer_year.priority_over_social_work", "E", "recruited_priority"),
    ),
    "agency_year.volunteers_used.range": (("agency_year.hours_without_volunteers", "W", "volunteers_used"),),
    "talent.start_month.range": (("talent.start_before_16", "W", "start_month"),),
    "certificate.approve_date.range": (("certificate.approval_year", "W", "approve_date"),),
    "agency.close_date.range": (("agency.closed_before_founded", "E", "close_date"),),
    "agency.staff_qualified.range": (("agency.certified_over_qualified", "E", "staff_certified"),),
    "agency.uscc.number_cell": (
        ("agency.uscc.check_digit", "E", "uscc"),
        ("agency.form_against_code", "E", "org_form"),
    ),
    "project.start_date.range": (("project.long_project", "W", "end_date"),),
    "project.end_date.range": (("project.end_before_start", "E", "end_date"),),
    "project.contract_yuan.range": (("project.amount_slip", "W", "contract_yuan"),),
    "project.purchaser_uscc.number_cell": (("project.purchaser_uscc.check_digit", "E", "purchaser_uscc"),),
    "project.funder_uscc.number_cell": (("project.funder_uscc.check_digit", "E", "funder_uscc"),),
    "project.purchaser_township_code.number_cell": (
        ("project.purchaser_township_code.pattern", "E", "purchaser_township_code"),
    ),
    "project_staff.end_date.range": (("project_staff.end_before_start", "E", "end_date"),),
    "labour_cost.period.number_cell": (("labour_cost.period.pattern", "E", "period"),),
    "funding.budget_yuan.range": (("funding.received_over_budget", "W", "received_yuan"),),
    "community.community_code.required": (("community.kind_against_code", "W", "unit_kind"),),
    "community.township_code.pattern": (("community.township_prefix", "E", "township_code"),),
    "community.township_code.number_cell": (
        ("community.township_code.pattern", "E", "township_code"),
        ("community.township_prefix", "E", "township_code"),
    ),
    "talent.work_area_code.number_cell": (("talent.work_area_code.pattern", "E", "work_area_code"),),
    "certificate.id_no.rounded": (("certificate.person_unknown", "W", "id_no"),),
    "post.id_no.rounded": (("post.holder_unknown", "W", "id_no"),),
    "certificate.person_name.unclear": (("certificate.name_differs", "W", "person_name"),),
    "post.person_name.unclear": (("post.name_differs", "W", "person_name"),),
    "project_staff.person_name.unclear": (("project_staff.name_differs", "W", "person_name"),),
    "certificate.cert_mgmt_no.length": (("certificate.number_length", "W", "cert_mgmt_no"),),
    "labour_cost.sw_social_insurance_yuan.range": (
        ("labour_cost.insurance_missing", "W", "sw_social_insurance_yuan"),
    ),
    "labour_cost.labour_total_yuan.range": (("labour_cost.total_against_sum", "E", "labour_total_yuan"),),
}

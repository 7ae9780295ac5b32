"""Rows of every table that the register's rules between tables speak of, and what such a rule blames."""

from datetime import date

from intake_files import AGENCY, GOOD, ID, UNIT, Ledger, as_csv, csv_name, send

from shegong import settings
from shegong.register import register

CERTIFICATE_NO = "20190330133000012"
COMMUNITY = "330106001001"
PERSON = {"id_no": ID, "person_name": "王明"}

ROWS: dict[str, dict[str, object]] = GOOD | {
    "talent": GOOD["talent"] | {"highest_level": "社会工作师"},
    "certificate": GOOD["certificate"]
    | {
        "reg_seq": 1, "reg_kind": "首次登记", "reg_no": "D1", "reg_unit": "西湖区", "reg_date": date(2019, 10, 1),
        "reg_valid_to": date(2022, 9, 30), "ce_hours": 95,
    },
    "employer": {
        "row_action": "新增", "employer_id": AGENCY, "employer_name": "某机构", "employer_type": "社会工作服务机构", "sw_pt_posts": 1,
        "sw_posts": 1,
    },
    "post": PERSON
    | {
        "row_action": "新增", "employer_id": AGENCY, "post_no": "G1", "slot_no": 1, "post_name": "社工", "employer_type": "事业单位",
        "is_professional": "是", "post_grade": 9, "community_code": COMMUNITY, "set_date": date(2020, 1, 1), "status": "在设",
    },
    "project": {
        "row_action": "新增", "project_no": "X1", "title": "某项目", "is_purchased": "否", "provider_id": AGENCY, "domain": "社会福利",
        "fund_source": "财政预算", "sign_date": date(2020, 1, 1), "start_date": date(2020, 2, 1), "end_date": date(2020, 12, 31),
        "budget_yuan": 10000, "contract_yuan": 9000, "status": "结项",
    },
    "project_staff": PERSON
    | {
        "row_action": "新增", "project_no": "X1", "as_social_worker": "是", "role": "社会工作者", "cert_mgmt_no": CERTIFICATE_NO,
        "start_date": date(2020, 2, 1), "end_date": date(2020, 12, 31),
    },
    "labour_cost": {
        "row_action": "新增", "project_no": "X1", "period": "2026Q1", "sw_wage_yuan": 5000, "sw_social_insurance_yuan": 1000,
        "sw_housing_fund_yuan": 0, "sw_other_yuan": 0, "labour_total_yuan": 6000, "paid_headcount": 1,
    },
    "funding": GOOD["funding"] | {"project_no": "X1", "budget_yuan": 9000, "received_yuan": 9000, "spent_yuan": 8000},
    "training_session": {
        "row_action": "新增", "session_no": "P1", "organiser": "民政局", "title": "培训", "kind": "继续教育", "mode": "面授", "level": "县级",
        "start_date": date(2026, 3, 2), "end_date": date(2026, 3, 3), "hours": 16, "participants": 9,
    },
    "training_attendance": PERSON | {"row_action": "新增", "session_no": "P1", "hours": 16, "passed": "是"},
    "supervisor": PERSON
    | {
        "row_action": "新增", "appoint_no": 1, "grade": "初级督导", "origin": "本省培养", "appoint_date": date(2025, 1, 1),
        "valid_to": date(2027, 12, 31), "appoint_unit": "民政局", "hours_ytd": 20,
    },
    "exam": {
        "row_action": "新增", "exam_year": 2025, "cert_level": "社会工作师", "source_group": "合计", "applicants": 9, "sat": 8, "passed": 3,
    },
    "summary": {
        "row_action": "新增", "period": "2026-05", "metric": "社会工作服务机构数", "value": 1, "unit": "个", "breakdown": "全部",
    },
}  # fmt: skip


def row(table: str, **more: object) -> dict[str, object]:
    """A row that fits those of the other tables in ROWS, but for what `more` says."""
    return ROWS[table] | more


def arrive(ours: settings.Settings, table: str, *rows: dict, **named: object) -> int:
    """A file of changes with these rows comes from the one county; its delivery_id."""
    return send(ours, csv_name(table, unit=UNIT, **named), as_csv(table, *rows), unit=UNIT)


def blamed(ours: settings.Settings, ledger: Ledger, rule_id: str, now) -> list[tuple]:
    """(level, row, what the finding shows) of all that one rule says; the file class must have let all rows pass."""
    assert (
        ledger.rows("select rule_id from ops.finding where check_class = 'file' and level in ('E', 'F')")
        == []
    )
    register(ours, now)
    query = "select level, row_number, value_shown from ops.finding where rule_id = %s order by submission_id, row_number"
    return ledger.rows(query, rule_id)

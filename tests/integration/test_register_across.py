"""Rules between tables (contracts, `across`): for each, rows that keep it and rows that don't, and what the clerk is shown."""

from datetime import date

import pytest
from intake_files import (
    AGENCY,
    AGENCY_2,
    ID_2,
    ID_3,
    NOW,
    OTHER_UNIT,
    Ledger,
    as_csv,
    csv_name,
    send,
    settings_of,
)
from register_rows import arrive, blamed, row

from shegong import contract
from shegong.sample.identity import credit_code

ELSEWHERE = credit_code("52360106", "MJ874012")  # registered in Jiangxi
OTHER_CERTIFICATE = "20190330133000099"
LAPSED = {"start_date": date(2022, 2, 1), "end_date": date(2022, 12, 31)}
# rule -> files (table, what differs from a fitting row), and the findings: (level, row, shown) in the last table's file
Files = list[tuple[str, list[dict]]]
CASES: dict[str, list[tuple[Files, list[tuple]]]] = {
    "training_attendance.hours_over_session": [
        ([("training_session", [{}]), ("training_attendance", [{}, {"id_no": ID_2, "hours": 16.5}])],
         [("E", 3, "16.5；班次 16.0")]),
        ([("training_attendance", [{}])], []),
    ],
    "training_attendance.headcount_only": [
        ([("training_session", [{}, {"session_no": "P2", "kind": "轮训"}]),
          ("training_attendance", [{}, {"session_no": "P2"}])], [("W", 3, "P2")]),
    ],
    "training_attendance.sessions_overlap": [
        ([("training_session", [{}, {"session_no": "P2", "start_date": date(2026, 3, 3), "hours": 8}, {"session_no": "P3", "start_date": date(2026, 3, 4),
           "end_date": date(2026, 3, 5)}, {"session_no": "P4", "mode": "网络"}]),
          ("training_attendance", [{"session_no": f"P{n}", "hours": 8} for n in (1, 2, 3, 4)] + [{"id_no": ID_2, "session_no": "P2", "hours": 8}])],
         [("W", 2, "P1"), ("W", 3, "P2")]),
    ],
    "supervisor.level_below_two": [
        ([("certificate", [{}, {"id_no": ID_2, "cert_mgmt_no": OTHER_CERTIFICATE, "cert_level": "助理社会工作师"}]),
          ("supervisor", [{}, {"id_no": ID_2}, {"id_no": ID_3}])],
         [("W", 3, "3****************3"), ("W", 4, "3****************9")]),
    ],
    "talent.highest_differs": [
        ([("certificate", [{}]), ("talent", [{}, {"id_no": ID_2}, {"id_no": ID_3, "highest_level": "无"}])],
         [("W", 3, "2；证书表 0")]),
        ([("certificate", [{}]), ("talent", [{"highest_level": "无"}])], [("W", 2, "0；证书表 2")]),
    ],
    "certificate.renewal_outside": [
        ([("certificate", [{}, *({"reg_seq": 2, "reg_kind": "再登记", "reg_date": day, "reg_valid_to": day.replace(year=day.year + 3),
           "effective_date": seen} for day, seen in ((date(2022, 8, 1), None),))])], []),
        ([("certificate", [{}, {"reg_seq": 2, "reg_kind": "再登记", "reg_date": date(2022, 5, 1), "reg_valid_to": date(2025, 5, 1)}])],
         [("W", 3, "2022-05-01；上期有效期至 2022-09-30")]),
        ([("certificate", [{}, {"reg_seq": 2, "reg_kind": "再登记", "reg_date": date(2022, 11, 1), "reg_valid_to": date(2025, 11, 1)}])],
         [("W", 3, "2022-11-01；上期有效期至 2022-09-30")]),
    ],
    "agency.reg_area_unknown": [
        ([("agency", [{}, {"uscc": AGENCY_2, "org_form": "企业"}])], []),
        ([("agency", [{}, {"uscc": ELSEWHERE}])], [("W", 3, ELSEWHERE)]),
    ],
    "agency.named_otherwise": [
        ([("employer", [{}]), ("agency", [{}])], []),
        ([("employer", [{"employer_name": "别的机构"}]), ("agency", [{}])], [("W", 2, "某机构；设岗单位表 别的机构")]),
    ],
    "employer.named_otherwise": [
        ([("agency", [{}]), ("employer", [{}])], []),
        ([("agency", [{"agency_name": "别的机构"}]), ("employer", [{}])], [("W", 2, "某机构；机构表 别的机构")]),
    ],
    "agency.certified_against_roster": [
        ([("talent", [{"employer_id": AGENCY}]), ("agency", [{"staff_certified": 1}])], []),
        ([("talent", [{"employer_id": AGENCY}]), ("agency", [{"staff_certified": 2}])], [("W", 2, "2；人才花名册 1")]),
        ([("talent", [{"employer_id": AGENCY, "status": "离岗"}]), ("agency", [{"staff_certified": 1}])], [("W", 2, "1；人才花名册 0")]),
    ],
    "agency.closed_with_people": [
        ([("talent", [{"employer_id": AGENCY}]), ("agency", [{"status": "注销", "close_date": date(2026, 4, 1)}])],
         [("W", 2, "2；在岗 1 人")]),
        ([("talent", [{"employer_id": AGENCY, "status": "离岗"}]), ("agency", [{"status": "注销", "close_date": date(2026, 4, 1)}])], []),
        ([("talent", [{"employer_id": AGENCY}]), ("agency", [{}])], []),
    ],
    "community.closed_with_people": [
        ([("post", [{}]), ("community", [{}])], []),
        ([("post", [{}]), ("community", [{"status": "撤销", "close_date": date(2026, 4, 1)}])], [("W", 2, "2；在岗 0 人，岗位 1 个")]),
        ([("post", [{"status": "撤销"}]), ("community", [{"status": "撤销", "close_date": date(2026, 4, 1)}])], []),
    ],
    "employer.professional_posts_differ": [
        ([("post", [{}]), ("employer", [{}])], []),
        ([("post", [{}, {"slot_no": 2, "is_professional": "否"}]), ("employer", [{"sw_pt_posts": 2, "sw_posts": 2}])],
         [("W", 2, "2；岗位表 1")]),
    ],
    "post.closed_with_holder": [
        ([("post", [{}, {"slot_no": 2, "status": "撤销"}, {"slot_no": 3, "status": "撤销", "id_no": None, "person_name": None}])],
         [("W", 3, "2")]),
    ],
    "post.two_seats": [
        ([("post", [{}, {"slot_no": 2, "id_no": ID_2}, {"slot_no": 3, "status": "撤销"}])], []),
        ([("post", [{}, {"slot_no": 2}])], [("W", 2, "3****************8"), ("W", 3, "3****************8")]),
    ],
    "post.level_below_grade": [
        ([("certificate", [{}]), ("post", [{}, {"slot_no": 2, "post_grade": 6}, {"slot_no": 3, "post_grade": 6, "is_professional": "否"},
           {"slot_no": 4, "id_no": ID_2, "post_grade": 11}])],
         [("P", 3, "3****************8"), ("P", 5, "3****************3")]),
    ],
    "project_staff.not_registered": [
        ([("project", [{}]), ("certificate", [{}]), ("project_staff", [{}, {"start_date": date(2020, 3, 1), "cert_mgmt_no": None}])], []),
        ([("project", [{}]), ("certificate", [{}]), ("project_staff", [{"id_no": ID_2}, {"id_no": ID_3, "cert_mgmt_no": None}, LAPSED,
           {"start_date": date(2019, 2, 1)}, {"id_no": ID_3, "cert_mgmt_no": None, "start_date": date(2021, 1, 1), "as_social_worker": "否",
            "end_date": None}])],
         [("P", 2, "证书与人不符"), ("P", 3, "无证"), ("P", 4, "登记过期"), ("P", 5, "无证")]),
        ([("project", [{}]), ("certificate", [{"reg_seq": 0, "reg_kind": "未登记", "reg_date": None, "reg_valid_to": None}]), ("project_staff", [{}])],
         [("P", 2, "未登记")]),
    ],
    "labour_cost.headcount_over_staff": [
        ([("project_staff", [{}]), ("labour_cost", [{}])], []),
        ([("project_staff", [{}]), ("labour_cost", [{"paid_headcount": 2}])], [("W", 2, "2；项目人员表 1")]),
    ],
    "labour_cost.share_near_limit": [
        ([("project", [{}]), ("labour_cost", [{}])], []),
        ([("project", [{}]), ("labour_cost", [{"sw_other_yuan": 500, "labour_total_yuan": 6500}])], [("N", 2, "65.0%")]),
        ([("project", [{}]), ("labour_cost", [{"sw_other_yuan": 1001, "labour_total_yuan": 7001}])], []),
    ],
    "labour_cost.share_over_limit": [
        ([("project", [{}]), ("labour_cost", [{"sw_other_yuan": 1000, "labour_total_yuan": 7000}])], []),
        ([("project", [{}]), ("labour_cost", [{}, {"period": "2026Q2", "sw_wage_yuan": 1000, "labour_total_yuan": 2000}])],
         [("W", 2, "80.0%"), ("W", 3, "80.0%")]),
        ([("project", [{}]), ("labour_cost", [{"period": "2025Q4"}, {"period": "2026Q1"}, {"period": "结项"}])], []),
    ],
    "labour_cost.labour_over_spent": [
        ([("funding", [{}]), ("labour_cost", [{}])], []),
        ([("funding", [{"spent_yuan": 5999}]), ("labour_cost", [{}])], [("W", 2, "6000.00；资金表支出 5999.00")]),
        ([("labour_cost", [{}])], []),
    ],
    "funding.project_over_contract": [
        ([("project", [{}]), ("funding", [{}])], []),
        ([("project", [{}]), ("funding", [{}, {"batch_no": "浙财2", "received_yuan": 1, "spent_yuan": 0}])],
         [("W", 2, "X1：到位 9001.00，合同 9000.00"), ("W", 3, "X1：到位 9001.00，合同 9000.00")]),
    ],
    "exam.groups_against_total": [
        ([("exam", [{}])], []),
        ([("exam", [{}, {"source_group": "群团组织", "applicants": 4, "sat": None, "passed": None}, {"source_group": "社会组织", "applicants": 5, "sat": None, "passed": None}])], []),
        ([("exam", [{}, {"source_group": "群团组织", "applicants": 4, "sat": None, "passed": None}])], [("W", 2, "9；各来源之和 4")]),
    ],
    "summary.differs_from_rosters": [
        ([("agency", [{}]), ("summary", [{}])], []),
        ([("agency", [{}]), ("summary", [{"value": 2}, {"value": 2, "period": "2025"}, {"value": 2, "breakdown": "3A"},
           {"value": 2, "metric": "行业组织数"}])],
         [("W", 2, "2.00；花名册 1")]),
    ],
}  # fmt: skip
# what was known before decides; shown in tests of their own below
OF_THE_PAST = {"supervisor.hours_fall", "funding.cumulative_fell", "certificate.level_over_talent"}


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


def test_every_rule_has_a_case() -> None:
    rules = {rule.rule_id for table in contract.load().values() for rule in table.across}
    assert rules == set(CASES) | OF_THE_PAST
    assert all(any(found for _, found in cases) for rule, cases in CASES.items())


@pytest.mark.parametrize("before", [False, True], ids=["same run", "accepted before"])
@pytest.mark.parametrize(
    ("rule", "files", "expected"),
    [(rule, files, found) for rule, cases in CASES.items() for files, found in cases],
    ids=[f"{rule}-{at}" for rule, cases in CASES.items() for at, _ in enumerate(cases)],
)
def test_a_rule_blames_the_rows_that_break_it(ours, ledger, rule, files, expected, before) -> None:
    *others, asked = files
    for table, changes in others:
        arrive(ours, table, *(row(table, **more) for more in changes))
    if before:
        ledger.accept()
    table, changes = asked
    arrive(ours, table, *(row(table, **more) for more in changes))
    assert blamed(ours, ledger, rule, NOW) == expected


def test_cumulative_money_falls_only_as_a_change_with_a_reason(ours, ledger) -> None:
    arrive(ours, "funding", row("funding"))
    ledger.accept()
    less = {"received_yuan": 8000, "spent_yuan": 8000, "row_action": "变更", "remark": None}
    arrive(ours, "funding", row("funding", **less), sequence=2)
    shown = "到位 8000.00、支出 8000.00；此前 9000.00、8000.00"
    assert blamed(ours, ledger, "funding.cumulative_fell", NOW) == [("E", 2, shown)]
    ledger.rows("delete from ops.finding")
    arrive(ours, "funding", row("funding", **less | {"remark": "退回 1000 元"}), sequence=3)
    assert [f[1:] for f in blamed(ours, ledger, "funding.cumulative_fell", NOW)] == [(2, shown)]


def test_a_supervisors_hours_only_grow_within_a_year(ours, ledger) -> None:
    arrive(
        ours,
        "supervisor",
        row("supervisor", effective_date=date(2026, 3, 1)),
        row("supervisor", id_no=ID_2, effective_date=date(2025, 12, 1)),
    )
    ledger.accept()
    fewer = [
        row("supervisor", row_action="变更", hours_ytd=19),
        row("supervisor", row_action="变更", id_no=ID_2, hours_ytd=3),
    ]
    arrive(ours, "supervisor", *fewer, sequence=2)
    assert blamed(ours, ledger, "supervisor.hours_fall", NOW) == [("E", 2, "19.0；此前 20.0")]


def test_a_certificate_above_the_roster_asks_for_the_roster(ours, ledger) -> None:
    arrive(ours, "talent", row("talent", highest_level="助理社会工作师"), row("talent", id_no=ID_2))
    ledger.accept()
    arrive(
        ours,
        "certificate",
        row("certificate"),
        row("certificate", id_no=ID_2, cert_mgmt_no=OTHER_CERTIFICATE),
    )
    assert blamed(ours, ledger, "certificate.level_over_talent", NOW) == [("W", 2, "2；人才花名册 1")]
    arrive(ours, "talent", row("talent", row_action="变更"), sequence=2)
    assert blamed(ours, ledger, "certificate.level_over_talent", NOW) == []


def test_a_withdrawn_or_corrected_row_counts_no_more(ours, ledger) -> None:
    arrive(ours, "post", row("post"), row("post", slot_no=2))
    ledger.accept()
    arrive(
        ours, "post", row("post", row_action="变更"), row("post", row_action="撤销", slot_no=2), sequence=2
    )
    assert blamed(ours, ledger, "post.two_seats", NOW) == []
    ledger.clear()
    arrive(ours, "post", row("post"))
    ledger.accept()
    arrive(ours, "post", row("post", slot_no=3, corrects_key=f"{AGENCY}|G1|1"), sequence=2)
    assert blamed(ours, ledger, "post.two_seats", NOW) == []


def test_one_code_with_two_names_is_told_to_both_units(ours, ledger) -> None:
    arrive(ours, "agency", row("agency"))
    send(
        ours,
        csv_name("agency", unit=OTHER_UNIT),
        as_csv("agency", row("agency", agency_name="别的机构")),
        unit=OTHER_UNIT,
    )
    assert [f[:2] for f in blamed(ours, ledger, "agency.code_with_two_names", NOW)] == [("W", 2)] * 2

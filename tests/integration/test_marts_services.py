"""Services, events and townships in the candidate marts, built by real dbt from staged rows."""

import psycopg
import pytest
from warehouse_rows import Rows, at, settings_of

from shegong import reference_data, transform

DAY = "2026-05-06"
NOW = at(DAY)
WEST, PROVINCE = "330106", "339900"


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """A warehouse with the services of one county and 省本级, built up to the candidate."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    submit_agencies(rows)
    submit_services(rows)
    submit_ledger(rows)
    publication = transform.begin(given, NOW)
    transform.build_core(given, NOW, publication)
    transform.build_marts(given, NOW, publication)
    return given


def submit_agencies(rows: Rows) -> None:
    agency = {"org_form": "1", "status": "1", "main_domains": "01,14"}
    rows.submit(WEST, "agency", DAY, [
        {**agency, "uscc": "a1", "agency_name": "西湖社工", "office_m2": 80, "founder_type": "4"},
        {**agency, "uscc": "a2", "agency_name": "停办社工", "status": "4", "main_domains": "16"},
    ])  # fmt: skip
    rows.submit(PROVINCE, "agency", DAY, [
        {**agency, "uscc": "a3", "org_form": "2", "is_industry_body": True, "member_count": 40,
         "main_domains": "05"},
    ])  # fmt: skip
    rows.submit(WEST, "agency_year", DAY, [
        {"uscc": "a1", "year": 2025, "volunteers_used": 12, "volunteer_hours": 48, "fee_income_yuan": 3000},
        {"uscc": "nobody", "year": 2025, "volunteers_used": 99, "fee_income_yuan": 99},
    ])  # fmt: skip
    rows.submit(PROVINCE, "volunteer_org", DAY, [
        {"uscc": "v1", "area_code": WEST, "has_professional": True, "professionals": 2, "volunteers": 500},
        {"uscc": "v2", "area_code": WEST, "has_professional": False, "professionals": 0, "volunteers": 100},
    ])  # fmt: skip


def submit_services(rows: Rows) -> None:
    project = {"is_purchased": True, "status": "1", "start_date": "2026-01-01", "end_date": "2026-12-31"}
    rows.submit(WEST, "project", DAY, [
        {**project, "project_no": "p1", "provider_id": "a1", "domain": "01", "method": "1",
         "sign_date": "2026-01-01", "budget_yuan": 100, "contract_yuan": 90, "budget_labour_yuan": 70,
         "purchaser_township_code": "330106109"},
        {**project, "project_no": "p0", "provider_id": "a1", "domain": "01", "method": "3",
         "sign_date": "2025-01-01", "budget_yuan": 60, "contract_yuan": 60, "budget_labour_yuan": 45},
    ])  # fmt: skip
    request = {"township_code": "330106109", "channel": "1", "requested_date": "2026-04-01"}
    matched = {"matched_id": "a1", "matched_date": "2026-04-05"}
    rows.submit(WEST, "service_request", DAY, [
        {**request, **matched, "request_no": "r1", "domain": "01", "community_code": "330106109001"},
        {**request, "request_no": "r2", "domain": "01", "community_code": "330106109001"},
        {**request, "request_no": "r3", "domain": "16"},
        {**request, "request_no": "r4", "domain": "12", "township_code": "330106007"},
    ])  # fmt: skip
    # 古荡街道 under its code of 2023, and a code of no list.
    rows.submit(WEST, "township", DAY, [
        {"township_code": "330106007", "has_sw_station": True, "supports_agency": True, "station_staff": 3},
        {"township_code": "330106999", "has_sw_station": True, "supports_agency": True},
    ])  # fmt: skip
    community = {"unit_kind": "1", "status": "1", "has_sw_room": True, "has_three_linkage": False}
    rows.submit(WEST, "community", DAY, [
        {**community, "community_code": "330106007001", "township_code": "330106007"},
        {**community, "community_code": "330106998001", "township_code": "330106998"},
    ])  # fmt: skip


def submit_ledger(rows: Rows) -> None:
    event = {"level": "3", "event_date": "2026-03-01"}
    rows.submit(WEST, "event", DAY, [
        {**event, "event_no": "e1", "event_type": "0602", "valid_to": "2028-12-31"},
        {**event, "event_no": "e2", "event_type": "1302", "participants": 20},
        {**event, "event_no": "e3", "event_type": "0604", "quantity": 5},
    ])  # fmt: skip
    rows.submit(WEST, "task", DAY, [
        {"task_no": "t1", "department": "2", "due_date": "2026-03-31", "done_date": "2026-03-01"},
        {"task_no": "t2", "department": "2", "due_date": "2026-03-31"},
    ])  # fmt: skip
    rows.submit(WEST, "pairing", DAY, [
        {"pair_no": "n1", "advanced_unit": WEST, "assisted_unit": "331102", "status": "1",
         "signed_date": "2025-03-01", "people": 3},
    ])  # fmt: skip
    money = {"level": "4", "usage": "1", "batch_no": "1", "received_yuan": 5, "carried_over_yuan": 0}
    rows.submit(WEST, "funding", DAY, [
        {**money, "year": 2026, "source_type": "1", "budget_yuan": 120, "spent_yuan": 3},
        {**money, "year": 2025, "source_type": "1", "budget_yuan": 100, "spent_yuan": 4},
        {**money, "year": 2026, "source_type": "2", "budget_yuan": 9, "spent_yuan": 1},
    ])  # fmt: skip


def ask(database, query: str, *values: object) -> list[tuple]:
    with psycopg.connect(database.dsn["auditor"], options="-c search_path=marts_next") as connection:
        return connection.execute(query, list(values)).fetchall()


def test_every_row_leads_to_its_file(database, given) -> None:
    for table in (
        "fct_events", "fct_tasks", "fct_agency_years", "fct_volunteer_orgs", "fct_pairings",
        "fct_service_requests", "fct_purchases",
    ):  # fmt: skip
        (counts,) = ask(
            database,
            f"select count(*), count(submission_id), count(row_number), count(area_code) from {table}",
        )
        assert counts[0] > 0, table
        assert len(set(counts)) == 1, table


def test_events_and_tasks_stand_as_of_the_day(database, given) -> None:
    query = "select event_no, kind, is_in_force from fct_events order by 1"
    assert ask(database, query) == [("e1", "状", True), ("e2", "活", False), ("e3", "量", False)]
    assert ask(database, "select event_no from mart_events_in_force") == [("e1",)]
    query = "select task_no, is_due_and_done, is_overdue from fct_tasks order by 1"
    assert ask(database, query) == [("t1", True, False), ("t2", False, True)]


def test_townships_of_the_register_are_led_to_todays(database, given) -> None:
    """Of the 244 former ones, 208 have their name in the same county today and 4 another kind of name."""
    query = "select placed_by, count(*) from dim_townships where is_former group by 1 order by 1"
    assert dict(ask(database, query)) == {"renamed": 4, "same_name": 208, "unknown": 32}
    (listed,) = ask(
        database, "select count(*), count(*) filter (where is_supporting) from dim_townships where is_listed"
    )
    # 古荡街道 as said under its former code, and the township that bought a project.
    assert listed == (1362, 2)
    query = "select distinct today_township_code from dim_communities order by 1"
    ((gudang,), (none,)) = ask(database, query)
    assert none is None
    query = "select is_with_station, urban_communities from dim_townships where township_code = %s"
    assert ask(database, query, gudang) == [(True, 1)]
    query = "select township_code, is_reported, community_count from mart_unplaced_townships where not is_former order by 1"
    assert ask(database, query) == [("330106998", False, 1), ("330106999", True, 0)]

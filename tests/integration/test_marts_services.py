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
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute("insert into reference.lagging_area (area_code) values ('331102'), ('331121')")
    submit_people(rows)
    submit_agencies(rows)
    submit_services(rows)
    submit_ledger(rows)
    submit_summaries(rows)
    publication = transform.begin(given, NOW)
    transform.build_core(given, NOW, publication)
    transform.build_marts(given, NOW, publication)
    return given


def submit_people(rows: Rows) -> None:
    """Two holders since 2017 and 2025, one of them raised to level 2 in 2024."""
    person = {"status": "1", "employer_type": "05", "service_domain": "01", "birth_year": 1990}
    rows.submit(WEST, "talent", DAY, [
        {**person, "person_key": "k1"}, {**person, "person_key": "k2", "service_domain": "05"},
        {**person, "person_key": "k3", "start_month": "2026-05-01"},
    ])  # fmt: skip
    certificate = {"reg_seq": 1, "cert_status": "1", "reg_kind": "1", "cert_level": "1"}
    rows.submit(WEST, "certificate", DAY, [
        {**certificate, "cert_mgmt_no": "c1", "person_key": "k1", "approve_date": "2017-10-01",
         "reg_date": "2018-01-01", "reg_valid_to": "2020-12-31"},
        {**certificate, "cert_mgmt_no": "c2", "person_key": "k1", "approve_date": "2024-10-01",
         "cert_level": "2", "reg_date": "2025-01-01", "reg_valid_to": "2027-12-31"},
        {**certificate, "cert_mgmt_no": "c3", "person_key": "k2", "approve_date": "2025-10-01",
         "reg_date": "2025-11-01", "reg_valid_to": "2028-10-31"},
    ])  # fmt: skip


def submit_summaries(rows: Rows) -> None:
    said = {"breakdown": "全部", "precision": "1", "unit": "1"}
    rows.submit(WEST, "summary", DAY, [
        {**said, "period": "2026-04", "metric": "certified_total", "value": 3},
        {**said, "period": "2024Q3", "metric": "certified_level_1", "value": 1},
        {**said, "period": "2026-03", "metric": "certified_level_1", "value": 1},
        {**said, "period": "2026-03", "metric": "trained_people", "value": 50},
        {**said, "period": "2026", "metric": "lottery_total_yuan", "value": 90, "unit": "5"},
        {**said, "period": "2026", "metric": "fiscal_yuan", "value": 100, "unit": "5"},
        {**said, "period": "2026-01", "metric": "purchased_yuan", "value": 90, "unit": "5"},
        {**said, "period": "2025", "metric": "awareness_share", "value": 62.5, "unit": "7"},
    ])  # fmt: skip
    rows.submit(
        "330102", "summary", DAY, [{**said, "period": "2026-04", "metric": "certified_total", "value": 5}]
    )


def submit_agencies(rows: Rows) -> None:
    agency = {"org_form": "1", "status": "1", "main_domains": "01,14", "found_date": "2015-01-01"}
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
        {**money, "usage": "4", "year": 2025, "source_type": "3", "budget_yuan": 7, "spent_yuan": 0},
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


def test_requests_stand_against_the_agencies_in_reach(database, given) -> None:
    query = (
        "select domain, request_count, matched_count, median_days_to_match::float, township_agencies,"
        " county_agencies, county_certified, nearest_level from mart_service_supply order by 1"
    )
    assert ask(database, query) == [
        ("01", 2, 1, 4.0, 1, 1, 1, "township"),
        ("12", 1, 0, None, 0, 0, 0, "none"),
        # The only agency of the field has stopped.
        ("16", 1, 0, None, 0, 0, 0, "none"),
    ]
    query = (
        "select request_no, community_code, nearest_level, agency_names from mart_unmet_requests order by 1"
    )
    assert ask(database, query) == [
        ("r2", "330106109001", "township", "西湖社工"),
        ("r3", None, "none", None),
        ("r4", None, "none", None),
    ]


def test_fields_are_covered_and_served_or_not(database, given) -> None:
    query = (
        "select domain, agency_count, practitioner_count, is_covered, is_served from mart_field_supply"
        " where area_code = %s and (is_covered or is_served) order by 1"
    )
    assert ask(database, query, WEST) == [
        ("01", 1, 2, True, True), ("05", 0, 1, True, False), ("14", 1, 0, False, True),
    ]  # fmt: skip
    query = "select count(*) from mart_unserved_fields where area_code = %s"
    assert ask(database, query, WEST) == [(14,)]


def test_reported_figures_stand_beside_what_rosters_give(database, given) -> None:
    """As of each period's own end: k1 held level 1 until October 2024, level 2 from then on."""
    query = (
        "select period, metric, reported::float, counted::float, state from mart_reported_and_counted"
        " where origin = 'reported' and area_code = %s order by 2, 1"
    )
    assert ask(database, query, WEST) == [
        ("2025", "awareness_share", 62.5, None, "没有对应的统计数"),
        ("2024Q3", "certified_level_1", 1, 1, "已对照"),
        ("2026-03", "certified_level_1", 1, 1, "已对照"),
        ("2026-04", "certified_total", 3, 2, "已对照"),
        ("2026", "fiscal_yuan", 100, 120, "已对照"),
        ("2026", "lottery_total_yuan", 90, None, "没有对应的统计数"),
        ("2026-01", "purchased_yuan", 90, 90, "已对照"),
        ("2026-03", "trained_people", 50, None, "没有对应的统计数"),
    ]
    query = (
        "select reported::float, counted::float, unit_count, uncompared_units from mart_reported_and_counted"
        " where origin = 'summed' and area_code = '330000' and metric = 'certified_total'"
    )
    # 上城区 said 5 and sent no roster: it has no part in the comparison, and that is said.
    assert ask(database, query) == [(3, 2, 2, 1)]


def test_published_figures_are_never_mixed_with_reported_ones(database, given) -> None:
    query = (
        "select as_of::text, reported::float, counted::float from mart_reported_and_counted,"
        " lateral (select period_end as as_of) as day"
        " where origin = 'published' and area_code = '330000' and metric = 'certified_total' order by 1"
    )
    assert ask(database, query) == [("2013-12-31", 10000, 0), ("2018-06-30", 26413, 1)]
    assert ask(database, "select origin, count(*) from fct_summaries group by 1 order by 1") == [
        ("published", 46), ("reported", 9),
    ]  # fmt: skip
    query = "select count(*) from fct_summaries where origin = 'published' and yearly_value is not null"
    assert ask(database, query) == [(0,)]


def test_the_papers_systems_have_their_marts(database, given) -> None:
    query = "select counties_with_system, kept_projects, over_limit_projects from mart_cost_accounting where area_code = %s"
    assert ask(database, query, "330000") == [(1, 1, 1)]
    query = "select org_count, professional_org_count, agency_year, agency_volunteers from mart_volunteers where area_code = %s"
    assert ask(database, query, "330100") == [(2, 1, 2025, 12)]
    query = "select certified_level, holder_count, registered_count from mart_registration where area_code = %s order by 1"
    assert ask(database, query, WEST) == [("1", 1, 1), ("2", 1, 1)]
    query = "select area_code, is_assisted from mart_lagging_areas order by 1"
    assert ask(database, query) == [("331102", True), ("331121", False)]
    query = "select year, contract_yuan::float, is_within from mart_purchase_budgets order by 1"
    assert ask(database, query) == [(2025, 60, True), (2026, 90, True)]
    query = "select year, method, project_count, last_year_project_count from mart_purchases where area_code = %s order by 1, 2"
    assert ask(database, query, "330000") == [(2025, "3", 1, 0), (2026, "1", 1, 0), (2026, "3", 0, 1)]

"""Due times of the cadences, with make-up days, quarters and extensions."""

from datetime import date, datetime, timedelta

import pytest

from shegong import areas, contract, due, reference_files
from shegong.calendar import SHANGHAI, WorkCalendar
from shegong.due import DueRules

TABLES = contract.load()
COUNTY = areas.Unit("330106", "西湖区", "county", "330106", "330100", "杭州市", "330000")
PROVINCE = areas.Unit("339900", "浙江省本级", "province", None, None, None, "330000")


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    rows = reference_files.workday_rows()
    return WorkCalendar({date.fromisoformat(row["day"]): row["is_workday"] for row in rows})


def at(month: int, day: int, hour: int = 18) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("table", "mode", "report_date", "expected"),
    [
        ("talent", "D", date(2026, 5, 7), at(5, 7)),
        ("talent", "D", date(2026, 5, 9), at(5, 9)),  # make-up Saturday
        ("talent", "D", date(2026, 5, 10), at(5, 11)),  # Sunday
        ("talent", "D", date(2026, 5, 4), at(5, 6)),  # holiday Monday
        ("talent", "S", date(2026, 5, 6), at(5, 6)),
        ("talent", "S", date(2026, 5, 8), at(5, 6)),  # May's roster, dated after its day
        ("community", "S", date(2026, 4, 3), at(4, 15)),
        ("funding", "S", date(2026, 5, 6), at(7, 15)),
        ("funding", "D", date(2026, 12, 30), datetime(2027, 1, 15, 18, tzinfo=SHANGHAI)),
        ("employer", "S", date(2026, 7, 15), at(7, 15)),
        ("township", "S", date(2026, 9, 30), at(10, 15)),  # the quarter before is long due: October's day
        ("summary", "S", date(2026, 5, 6), at(5, 15)),
        ("summary", "S", date(2026, 8, 10), at(8, 17)),  # 15 August is a Saturday
        ("summary", "S", date(2026, 2, 14), at(2, 24)),  # the 15th lies in the Spring Festival until the 23rd
        ("summary", "S", date(2026, 5, 16), at(6, 15)),
        ("supervisor", "S", date(2026, 1, 20), at(2, 28)),  # a make-up Saturday
        (
            "supervisor",
            "D",
            date(2026, 5, 6),
            datetime(2027, 3, 1, 18, tzinfo=SHANGHAI),
        ),  # 28 February 2027: Sunday
        ("event", "D", date(2026, 5, 9), at(5, 9)),
        ("training_session", "D", date(2026, 10, 3), at(10, 8)),  # National Day's week
    ],
)
def test_due_times(calendar, table: str, mode: str, report_date: date, expected: datetime) -> None:
    assert due.due_at(TABLES[table], mode, report_date, calendar) == expected


def test_an_extension_moves_the_due_day_of_its_unit_only(calendar) -> None:
    rules = DueRules(extensions={("330106", "talent", date(2026, 5, 7)): date(2026, 5, 11)})
    day = date(2026, 5, 7)
    assert due.due_at(TABLES["talent"], "D", day, calendar, rules, "330106") == at(5, 11)
    assert due.due_at(TABLES["talent"], "D", day, calendar, rules, "330108") == at(5, 7)
    assert due.due_at(TABLES["post"], "D", day, calendar, rules, "330106") == at(5, 7)


def test_six_in_the_evening_is_on_time_and_a_second_later_is_late(calendar) -> None:
    until = due.due_at(TABLES["talent"], "D", date(2026, 5, 7), calendar)
    assert not due.is_late(at(5, 7), until)
    assert due.is_late(at(5, 7).replace(second=1), until)


def test_friday_is_overdue_on_the_make_up_saturday_and_saturday_on_monday(calendar) -> None:
    rules = DueRules()
    assert due.overdue_from(at(5, 8), calendar, rules) == at(5, 9, 9)
    assert due.overdue_from(at(5, 9), calendar, rules) == at(5, 11, 9)


def modes(calendar, day: date, unit: areas.Unit) -> set[tuple[str, str]]:
    items = due.expected(day, calendar, DueRules(), [unit], TABLES.values())
    return {(item.table_name, item.mode) for item in items}


DAILY = {(name, "D") for name, table in TABLES.items() if table.cadence == "daily"}
ROSTERS = {(name, "S") for name, table in TABLES.items() if table.roster == "monthly"}
QUARTERLY = {(name, "S") for name, table in TABLES.items() if table.cadence == "quarterly"}
MONTHLY = {("summary", "S")}
YEARLY = {(name, "S") for name, table in TABLES.items() if table.cadence == "yearly"}


def test_what_is_expected_on_a_day(calendar) -> None:
    assert len(DAILY) == 6
    assert len(QUARTERLY) == 5
    assert modes(calendar, date(2026, 5, 7), COUNTY) == DAILY
    assert modes(calendar, date(2026, 5, 6), COUNTY) == ROSTERS
    assert modes(calendar, date(2026, 7, 15), COUNTY) == DAILY | QUARTERLY | MONTHLY
    assert modes(calendar, date(2026, 5, 4), COUNTY) == set()
    own = QUARTERLY - {("community", "S"), ("township", "S")}
    assert modes(calendar, date(2026, 7, 15), PROVINCE) == DAILY | own | MONTHLY
    assert modes(calendar, date(2026, 6, 15), COUNTY) == DAILY | MONTHLY
    assert modes(calendar, date(2026, 2, 28), COUNTY) == DAILY | YEARLY


def test_a_table_of_events_is_expected_on_no_day_of_the_year(calendar) -> None:
    days = (date(2026, 1, 1) + timedelta(n) for n in range(365))
    expected = {table for day in days for table, _ in modes(calendar, day, COUNTY)}
    assert expected == {name for name, table in TABLES.items() if table.cadence != "event"}

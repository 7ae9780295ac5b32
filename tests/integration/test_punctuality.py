"""Who reported in time: what is noted as expected, the mart that counts it, and extensions."""

from datetime import date

import psycopg
import pytest
from click.testing import CliRunner
from intake_files import settings_of
from warehouse_rows import Rows, at

from shegong import extensions, punctuality, transform
from shegong.cli import cli
from shegong.database import connect
from shegong.errors import ShegongError

UNIT, OTHER = "330106", "330102"
NOW = at("2026-05-11", 10)  # a Monday; Saturday the 9th was a make-up day


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ask(database, ours):
    def rows(query: str, *values: object) -> list[tuple]:
        with psycopg.connect(database.superuser_dsn) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    rows("truncate ops.delivery, ops.report_due, reference.extension cascade")
    rows("update reference.unit set valid_to = '2000-01-01' where unit_code <> all(%s)", [UNIT, OTHER])
    return rows


@pytest.fixture
def report(database, ask):
    """One submission of talent that came at an hour of a day."""

    def submit(day: str, came=None, mode="D", state="accepted", unit=UNIT) -> int:
        number = Rows(database.superuser_dsn).submit(unit, "talent", day, [], mode=mode, state=state)
        if came:
            ask("update ops.submission set received_at = %s where submission_id = %s", came, number)
        return number

    return submit


def note(ours) -> int:
    with connect(ours.dsn["transformer"]) as connection:
        return punctuality.note(connection, NOW)


def talent(ask) -> list[tuple]:
    query = "select report_day, mode, due_at, came_at from ops.report_due where unit_code = %s and table_name = 'talent' order by 1"
    return ask(query, UNIT)


def test_each_expected_report_is_noted_with_when_the_first_answer_came(ours, ask, report) -> None:
    report("2026-05-06", at("2026-05-06", 10), "S")
    report("2026-05-07", at("2026-05-07", 19))
    report("2026-05-07", at("2026-05-08", 9))
    report("2026-05-08", at("2026-05-08", 9), state="refused")
    report("2026-05-09", at("2026-05-09", 9), state="nil")
    assert note(ours) == len(ask("select 1 from ops.report_due"))
    assert talent(ask) == [
        (date(2026, 5, 6), "S", at("2026-05-06", 18), at("2026-05-06", 10)),
        (date(2026, 5, 7), "D", at("2026-05-07", 18), at("2026-05-07", 19)),
        (date(2026, 5, 8), "D", at("2026-05-08", 18), None),
        (date(2026, 5, 9), "D", at("2026-05-09", 18), at("2026-05-09", 9)),
        (date(2026, 5, 11), "D", at("2026-05-11", 18), None),
    ]


def test_noting_again_changes_nothing_and_a_new_holiday_takes_a_day_off(ours, ask, report) -> None:
    note(ours)
    first = ask("select * from ops.report_due order by 1, 2, 4")
    note(ours)
    assert ask("select * from ops.report_due order by 1, 2, 4") == first
    ask("update reference.workday set is_workday = false where day = '2026-05-08'")
    note(ours)
    ask("update reference.workday set is_workday = true where day = '2026-05-08'")
    assert date(2026, 5, 8) not in [day for day, *_ in talent(ask)]


def test_a_granted_extension_makes_what_came_late_come_in_time(ours, ask, report) -> None:
    number = report("2026-05-07", at("2026-05-08", 9))
    ask("update ops.submission set is_late = true")
    grant = (ours, NOW, UNIT, "talent", date(2026, 5, 7), date(2026, 5, 8), "李科长", "系统迁移")
    assert extensions.grant(*grant) == 1
    assert ask("select is_late, due_at from ops.submission where submission_id = %s", number) == [
        (False, at("2026-05-08", 18))
    ]
    note(ours)
    assert talent(ask)[1][2:] == (at("2026-05-08", 18), at("2026-05-08", 9))
    assert extensions.grant(*grant) == 0
    with connect(ours.dsn["loader"]) as connection:
        (row,) = extensions.granted(connection)
    assert (row["granted_by"], row["granted_on"], row["reason"]) == ("李科长", date(2026, 5, 11), "系统迁移")


@pytest.mark.parametrize(
    ("unit", "table", "due_day", "until", "words"),
    [
        (UNIT, "talents", date(2026, 5, 7), date(2026, 5, 8), "no table"),
        ("999999", "talent", date(2026, 5, 7), date(2026, 5, 8), "No unit"),
        (UNIT, "talent", date(2026, 5, 10), date(2026, 5, 12), "not due on 2026-05-10"),
        (UNIT, "funding", date(2026, 7, 14), date(2026, 7, 20), "follows is 2026-07-15"),
        (UNIT, "talent", date(2026, 5, 7), date(2026, 5, 7), "no later"),
    ],
)
def test_what_is_not_due_is_not_extended(ours, ask, unit, table, due_day, until, words) -> None:
    with pytest.raises(ShegongError, match=words):
        extensions.grant(ours, NOW, unit, table, due_day, until, "李科长", "系统迁移")
    assert ask("select * from reference.extension") == []


def test_the_mart_counts_units_tables_and_periods(ours, ask, report, monkeypatch, database) -> None:
    report("2026-05-06", at("2026-05-06", 10), "S")
    report("2026-05-07", at("2026-05-07", 19))
    report("2026-05-08", at("2026-05-08", 9), unit=OTHER)
    publication = transform.begin(ours, NOW)
    transform.build_core(ours, NOW, publication)
    transform.build_marts(ours, NOW, publication)
    query = "select expected_count, came_count, on_time_count, late_count, missing_count, pending_count, complete_share, on_time_share, table_title, area_code from marts_next.mart_punctuality where table_name = 'talent' and period = '2026-05' order by unit_code"  # fmt: skip
    of_other, of_unit = ask(query)
    assert [*map(float, of_unit[:8])] == [5, 2, 1, 1, 2, 1, 0.5, 0.25]
    assert of_unit[8:] == ("社会工作专业人才", UNIT)
    assert [*map(float, of_other[:6])] == [5, 1, 1, 0, 3, 1]
    ask("drop schema marts cascade")
    ask("alter schema marts_next rename to marts")
    ask("grant usage on schema marts to bi_reader")
    ask("grant select on marts.mart_punctuality to bi_reader")
    monkeypatch.setattr("shegong.decision_commands.settings.load", lambda _: ours)
    with connect(ours.dsn["bi_reader"]) as connection:
        assert len(punctuality.of_area(connection, "330100", "talent")) == 2
        assert len(punctuality.of_area(connection, UNIT, "talent", "2026-05")) == 1
        assert punctuality.of_area(connection, "330200") == []
    told = CliRunner().invoke(
        cli, ["punctuality", "--area", UNIT, "--table", "talent"], catch_exceptions=False
    )
    assert "50.0%" in told.output

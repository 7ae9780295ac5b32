"""Runs on both sides of midnight, at a month's and a quarter's end and at the end of the calendar: each run has one moment and its day in Zhejiang.

Moments are given in UTC, as Airflow's timetable gives them: there a day of Zhejiang begins at 16:00 of the day before.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import psycopg
import pytest
import stages_child
from intake_files import UNIT, Ledger, as_csv, csv_name, good, place, settings_of
from psycopg import sql
from warehouse_rows import let_pass

from shegong import due, transform
from shegong.alerts import causes, incidents, telling
from shegong.calendar import SHANGHAI, WorkCalendar
from shegong.database import connect
from shegong.due import DueRules
from shegong.intake.run import load_batch
from shegong.publish import publish

pytestmark = pytest.mark.fault("clock over midnight and month end")

BUREAU = "bureau@localhost"
# What is the machine's clock by its meaning, or ahead by its meaning.
NOT_OF_THE_RUN = {"modified_at", "due_at", "tried_at", "next_try_at", "delivered_at"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


BEFORE, AFTER = moment("2026-06-30T23:59:50"), moment("2026-07-01T00:00:10")
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


def whole_run(database, ours, now: datetime, files: list[dict]) -> None:
    """Everything that the DAGs do for one moment, from a file to the messages."""
    load_batch(ours, now, files, Path)
    stages_child.run(ours, now, tuple(stages_child.STAGES))
    number = transform.begin(ours, now)
    transform.build_core(ours, now, number)
    transform.build_marts(ours, now, number)
    let_pass(database.superuser_dsn, number)
    publish(ours, now, number)
    with connect(ours.dsn["loader"]) as ledger, connect(ours.dsn["publisher"]) as marts:
        causes.gather(ledger, marts, now)
        telling.compose(ledger, now, BUREAU, "省民政厅")


def later(database, now: datetime) -> dict[str, datetime]:
    """Columns with a moment after the run's, of every table that a run writes."""
    query = """
        select c.table_schema, c.table_name, c.column_name from information_schema.columns as c
        inner join pg_tables as t on (t.schemaname, t.tablename) = (c.table_schema, c.table_name)
        where c.table_schema in ('ops', 'staging', 'core', 'marts') and c.data_type = 'timestamp with time zone'
    """
    newest = sql.SQL("select max({}) from {} where {} < 'infinity'")
    found = {}
    with psycopg.connect(database.superuser_dsn) as connection:
        for schema, table, column in connection.execute(query).fetchall():
            names = sql.Identifier(column), sql.Identifier(schema, table), sql.Identifier(column)
            (last,) = connection.execute(newest.format(*names)).fetchone()
            if last and last > now and column not in NOT_OF_THE_RUN:
                found[f"{schema}.{table}.{column}"] = last
    return found


@pytest.fixture(scope="module")
def two_runs(database, ours) -> dict[str, dict]:
    """The run of 23:59:50 of June's last day and that of 0:00:10; what each left that is later than itself."""
    agency = as_csv("agency", good("agency"))
    files = {
        JUNE: place(ours, csv_name("agency", day=JUNE), agency),
        JULY: place(ours, csv_name("agency", day=JULY), agency),
    }
    again = place(ours, csv_name("agency", day=JULY, sequence=2), agency)
    left = {}
    for now, taken in ((BEFORE, [files[JUNE], files[JULY]]), (AFTER, [again])):
        whole_run(database, ours, now, taken)
        left[now] = later(database, now)
    return left


def test_a_run_has_one_moment(two_runs) -> None:
    """The machine's own date is another one: what asked its clock would stand out."""
    assert two_runs == {BEFORE: {}, AFTER: {}}


def test_a_file_counts_from_the_first_second_of_its_day(database, two_runs) -> None:
    query = """
        select s.report_date, s.state, s.received_at, s.due_at, s.is_late
        from ops.submission as s order by s.submission_id
    """
    evening = {
        JUNE: datetime.combine(JUNE, time(18), SHANGHAI),
        JULY: datetime.combine(JULY, time(18), SHANGHAI),
    }
    rows = Ledger(database).rows(query)
    assert [row[:3] for row in rows] == [
        (JUNE, "accepted", BEFORE), (JULY, "refused", BEFORE), (JULY, "accepted", AFTER)
    ]  # fmt: skip
    assert (rows[0][3:], rows[2][3:]) == ((evening[JUNE], True), (evening[JULY], False))


def test_each_publication_is_of_its_day_and_month(database, two_runs) -> None:
    ask = Ledger(database).rows
    assert ask("select as_of, published_at from ops.publication order by 1") == [
        (BEFORE, BEFORE),
        (AFTER, AFTER),
    ]
    for schema, day in (("marts_v1", JUNE), ("marts", JULY)):
        query = (
            "select distinct as_of_date from {}.mart_measures where basis = 'today' and period_kind = 'day'"
        )
        assert ask(query.format(schema)) == [(day,)], schema
    months = (
        "select distinct month, publication_id, as_of_date from ops.measure_value where year = 0 order by 1"
    )
    assert ask(months) == [(date(2026, 6, 1), 1, JUNE), (date(2026, 7, 1), 2, JULY)]
    expected = "select max(report_day), max(report_day) filter (where mode = 'S') from ops.report_due"
    assert ask(expected) == [(JULY, JULY)]


@pytest.fixture
def ledger(database, ours) -> Iterator[psycopg.Connection]:
    Ledger(database).rows("truncate ops.incident, ops.outbox cascade")
    with connect(ours.dsn["loader"]) as connection:
        yield connection


def see(ledger: psycopg.Connection, cause: str, now: datetime) -> None:
    words = {"kind": "audit", "severity": "warning", "audience": "bureau", "details": ""}
    incidents.open_incident(ledger, cause=cause, title=f"〔{cause}〕", now=now, **words)


def mails(ledger: psycopg.Connection) -> list[tuple[str, str, list[str]]]:
    """(day of the key, subject's first words, causes told) of each message to the bureau, in order."""
    query = "select dedupe_key, subject, body_text from ops.outbox where recipient = %s order by message_id"
    return [
        (
            key.rpartition(":")[2],
            subject.partition("：")[0],
            sorted(cause for cause in CAUSES if f"〔{cause}〕" in text),
        )
        for key, subject, text in ledger.execute(query, [BUREAU])
    ]


CAUSES = ("early", "evening", "last minute", "first minute", "morning")


@pytest.mark.parametrize("order", ["in order", "the evening's run ends after midnight's"])
def test_digests_on_both_sides_of_midnight_leave_no_gap_and_repeat_nothing(ledger, order) -> None:
    """The evening's run is the first of its day that could write: it writes June's digest, whenever it gets to it."""
    night = [BEFORE, AFTER] if order == "in order" else [AFTER, BEFORE]
    for cause, text in zip(
        CAUSES,
        ("06-29T12:00:00", "06-30T21:00:00", "06-30T23:59:45", "07-01T00:00:05", "07-01T09:00:00"),
        strict=True,
    ):
        see(ledger, cause, moment(f"2026-{text}"))
    for now in [*night, *night, moment("2026-07-01T09:04:59"), *[moment("2026-07-01T09:05:00")] * 2]:
        telling.compose(ledger, now, BUREAU, "省民政厅")
    assert mails(ledger) == [
        ("20260630", "社会工作数据日报 6月30日", ["early", "evening", "last minute"]),
        ("20260701", "社会工作数据日报 7月1日", ["first minute", "morning"]),
    ]


def test_the_calendars_end_is_told_once_over_new_year(ledger) -> None:
    """Its words change at midnight, from soon to now; its cause does not."""
    calendar = WorkCalendar.from_database(ledger)
    titles = []
    for text in ("12-31T09:05:00", "12-31T23:59:50", "01-01T00:00:10", "01-01T09:05:00"):
        now = moment(f"{2026 if text.startswith('12') else 2027}-{text}")
        present = list(causes.calendar_end(calendar, now))
        titles.append(present[0].title)
        incidents.settle(ledger, "calendar", present, now)
        telling.compose(ledger, now, BUREAU, "省民政厅")
    assert titles == ["工作日历即将用完"] * 2 + ["工作日历已用完"] * 2
    assert ledger.execute("select count(*) from ops.incident").fetchone() == (1,)
    texts = [text for (text,) in ledger.execute("select body_text from ops.outbox order by message_id")]
    assert ["工作日历即将用完" in text or "工作日历已用完" in text for text in texts] == [True, False]


OVERDUE = {  # report day: when it becomes overdue, if nobody sent anything
    "a Friday before a Saturday that works": ("2026-05-08", "2026-05-09T09:00:00"),
    "a Saturday that works": ("2026-05-09", "2026-05-11T09:00:00"),
    "the last day of a month and quarter": ("2026-06-30", "2026-07-01T09:00:00"),
    "the last day before a holiday": ("2026-09-30", "2026-10-08T09:00:00"),
    "the calendar's last day": ("2026-12-31", "2027-01-01T09:00:00"),  # provisionally a working day
}


@pytest.mark.parametrize("what", OVERDUE)
def test_a_report_is_overdue_from_nine_of_the_next_working_day(ledger, what) -> None:
    text, from_then = OVERDUE[what]
    day, calendar, rules = (
        date.fromisoformat(text),
        WorkCalendar.from_database(ledger),
        DueRules.from_database(ledger),
    )

    def missing(now: datetime) -> Counter:
        items = due.overdue(ledger, now, calendar)
        return Counter(item.report_day for item in items if item.unit_code == UNIT)

    just_before, then = moment(from_then) - timedelta(seconds=1), moment(from_then)
    midnight = moment(f"{text}T23:59:50")
    assert (
        missing(midnight)[day]
        == missing(midnight + timedelta(seconds=20))[day]
        == missing(just_before)[day]
        == 0
    )
    assert missing(then)[day] > 0
    assert due.overdue_from(datetime.combine(day, time(18), SHANGHAI), calendar, rules) == then

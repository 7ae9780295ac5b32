"""Incidents, digests and mails over a real ledger: one message a cause, and the same after a second run."""

import email
import smtplib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from email import policy
from pathlib import Path

import psycopg
import pytest

from shegong import contract, due, reference_data
from shegong import database as warehouse
from shegong.alerts import causes, handling, incidents, outbox, reminders, telling
from shegong.alerts.channels.mail import Mail, OutboxFolder, Send
from shegong.calendar import SHANGHAI, WorkCalendar

UNITS = ["330102", "330106"]
BUREAU = "bureau@localhost"
Run = Callable[..., list[tuple[str, str]]]
DAILY = [name for name, table in contract.load().items() if table.cadence == "daily"]


def evening(day: int, hour: int = 20) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def ledger_dsn(database) -> str:
    """A warehouse whose bureau knows two counties only, so that a test can fill everybody's reports."""
    reference_data.load(database.dsn["admin"])
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute("delete from reference.unit where unit_code <> all(%s)", [UNITS])
    return database.dsn["loader"]


@pytest.fixture
def ledger(ledger_dsn: str, database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(
            "truncate ops.delivery, ops.incident, ops.outbox, ops.verdict, ops.publication cascade"
        )
        connection.execute("delete from reference.contact")
        connection.execute("drop table if exists marts.mart_rule_breaches")
    with warehouse.connect(ledger_dsn) as connection:
        nobody_is_missed(connection)
        yield connection


def nobody_is_missed(ledger: psycopg.Connection) -> None:
    """The bureau knows that these counties have no contacts, and wants to hear no more of it."""
    names = {unit: unit for unit in UNITS}
    missing = causes.without_contact(ledger, names, evening(1))
    incidents.settle(ledger, "contact", missing, evening(1))
    for (number,) in ledger.execute("select incident_id from ops.incident").fetchall():
        handling.mute(ledger, number, "王", "新区划", evening(1), until=evening(1) + timedelta(days=365))


def report(
    ledger, unit: str, day: date, received: datetime, tables=DAILY, mode="S", state="accepted", **more
) -> int:
    """One delivery with one submission a table; its id."""
    name = more.pop("file_name", f"{unit}_{day:%Y%m%d}.xlsx")
    delivery = ledger.execute(
        "insert into ops.delivery"
        " (place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash, received_at)"
        " values (%s, %s, %s, 1, %s, md5(random()::text), %s) returning delivery_id",
        [unit, f"{unit}/submit/{name}", name, received, received],
    ).fetchone()[0]
    for table in tables:
        ledger.execute(
            "insert into ops.submission"
            " (delivery_id, unit_code, table_name, mode, report_date, state, received_at, held_for, reason)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [delivery, unit, table, mode, day, state, received, more.get("held_for"), more.get("reason")],
        )
    return delivery


@pytest.fixture
def run(ledger: psycopg.Connection, database) -> Run:
    """What a run of the DAG does: gather, compose; (recipient, text) of the digests that it wrote."""

    def gather_and_compose(now: datetime, mail_to: str = BUREAU) -> list[tuple[str, str]]:
        with warehouse.connect(database.dsn["publisher"]) as marts:
            causes.gather(ledger, marts, now)
        telling.compose(ledger, now, mail_to, "省民政厅")
        query = "select recipient, body_text from ops.outbox where created_at = %s order by message_id"
        return ledger.execute(query, [now]).fetchall()

    return gather_and_compose


def send(ledger: psycopg.Connection, way_out: Send, now: datetime) -> tuple[int, int]:
    """How many mails went, and how many wait."""
    mail = Mail(lambda: nullcontext(way_out), "shegong@localhost")
    outcome = outbox.send_pending(ledger, {"mail": mail}, now)
    return len(outcome.sent), len(outcome.waiting)


def open_causes(ledger: psycopg.Connection) -> set[str]:
    return {
        cause
        for (cause,) in ledger.execute(
            "select cause from ops.incident where state <> 'resolved' and kind <> 'contact'"
        )
    }


def all_rosters(ledger: psycopg.Connection) -> None:
    for unit in UNITS:
        report(ledger, unit, date(2026, 5, 6), evening(6, 10))


def test_overdue_from_nine_on_the_next_working_day(ledger) -> None:
    all_rosters(ledger)
    report(ledger, "330102", date(2026, 5, 8), evening(8, 10), mode=None, state="nil")
    report(
        ledger, "330106", date(2026, 5, 8), evening(8, 10), mode="D", tables=[t for t in DAILY if t != "post"]
    )
    for unit in UNITS:
        report(ledger, unit, date(2026, 5, 7), evening(7, 10), mode="D")
    calendar = WorkCalendar.from_database(ledger)
    # 9 May is a Saturday on which people work: Friday is overdue then.
    assert due.overdue(ledger, evening(9, 9) - timedelta(seconds=1), calendar) == []
    (missing,) = due.overdue(ledger, evening(9, 9), calendar)
    assert (missing.unit_code, missing.table_name, missing.report_day) == ("330106", "post", date(2026, 5, 8))


def test_a_refused_report_has_not_come_and_a_later_roster_covers(ledger) -> None:
    all_rosters(ledger)
    for unit in UNITS:
        report(
            ledger, unit, date(2026, 5, 7), evening(7, 10), mode="D", tables=[t for t in DAILY if t != "post"]
        )
    report(ledger, "330102", date(2026, 5, 7), evening(7, 10), mode="D", tables=["post"], state="refused")
    report(ledger, "330106", date(2026, 5, 7), evening(7, 10), mode="D", tables=["post"], state="held")
    calendar = WorkCalendar.from_database(ledger)
    late = due.overdue(ledger, evening(8, 10), calendar)
    assert [(item.unit_code, item.table_name) for item in late] == [("330102", "post")]
    report(ledger, "330102", date(2026, 5, 8), evening(8, 10), tables=["post"])
    assert due.overdue(ledger, evening(8, 10), calendar) == []


def test_a_nil_of_another_day_is_no_roster(ledger) -> None:
    report(ledger, "330106", date(2026, 5, 6), evening(6, 10))
    report(ledger, "330102", date(2026, 5, 6), evening(6, 10), mode="D")
    for unit in UNITS:
        report(ledger, unit, date(2026, 5, 7), evening(7, 10), mode=None, state="nil")
    late = due.overdue(ledger, evening(7), WorkCalendar.from_database(ledger))
    assert {(item.unit_code, item.mode) for item in late} == {("330102", "S")}
    assert len(late) == len([table for table in contract.load().values() if table.roster])


def test_an_extension_in_the_database_moves_what_is_overdue(ledger, database) -> None:
    all_rosters(ledger)
    report(ledger, "330106", date(2026, 5, 7), evening(7, 10), mode="D")
    report(
        ledger, "330102", date(2026, 5, 7), evening(7, 10), mode="D", tables=[t for t in DAILY if t != "post"]
    )
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute(
            "insert into reference.extension values"
            " ('330102', 'post', '2026-05-07', '2026-05-08', '省民政厅', '2026-05-07', '系统停电')"
        )
    calendar = WorkCalendar.from_database(ledger)
    try:
        report(ledger, "330106", date(2026, 5, 8), evening(8, 10), mode="D")
        report(
            ledger,
            "330102",
            date(2026, 5, 8),
            evening(8, 10),
            mode="D",
            tables=[t for t in DAILY if t != "post"],
        )
        assert due.overdue(ledger, evening(9, 8), calendar) == []
        assert {item.report_day.day for item in due.overdue(ledger, evening(9, 9), calendar)} == {7, 8}
    finally:
        with psycopg.connect(database.dsn["admin"]) as connection:
            connection.execute("delete from reference.extension")


def test_an_incident_is_one_from_first_sight_to_its_end(ledger) -> None:
    words = {
        "cause": "audit:talent",
        "kind": "audit",
        "severity": "critical",
        "audience": "bureau",
        "title": "t",
        "details": "d",
    }
    first = incidents.open_incident(ledger, **words, now=evening(6))
    assert incidents.open_incident(ledger, **words, now=evening(6)) == first
    assert incidents.open_incident(ledger, **words | {"details": "e"}, now=evening(7)) == first
    seen = ledger.execute(
        "select times_seen, details, opened_at, last_seen_at from ops.incident where kind = 'audit'"
    ).fetchone()
    assert seen == (2, "e", evening(6), evening(7))
    assert incidents.resolve(ledger, "audit:talent", evening(8))
    assert not incidents.resolve(ledger, "audit:talent", evening(8))
    assert incidents.open_incident(ledger, **words, now=evening(9)) != first


def test_a_cause_is_new_once_then_counted_then_recovered_once(ledger, run: Run) -> None:
    all_rosters(ledger)
    report(ledger, "330102", date(2026, 5, 7), evening(7, 10), mode="D")
    assert run(evening(7)) == []
    ((recipient, text),) = run(evening(8))
    assert recipient == BUREAU
    assert "新问题 6 项" in text
    assert "杭州市西湖区：6 张表" in text
    assert text.count("杭州市西湖区") == 1
    # Sees again on the same day: nothing new, the day's digest went. The next day only counts.
    assert run(evening(8, 21)) == []
    for day in (8, 9):
        for unit in UNITS:
            report(ledger, unit, date(2026, 5, day), evening(day, 10), mode="D")
    ((_, text),) = run(evening(9))
    assert "新问题 0 项，仍未解决 6 项" in text
    assert "杭州市西湖区" not in text
    report(ledger, "330106", date(2026, 5, 7), evening(9, 21), mode=None, state="nil")
    assert run(evening(9, 22)) == []  # the day's digest went
    ((_, text),) = run(evening(10, 10))
    assert "已恢复 6 项" in text
    assert "仍未解决 0 项" in text
    assert run(evening(10, 23)) == []
    assert ledger.execute("select count(*) from ops.outbox").fetchone() == (3,)


def test_the_same_run_again_writes_the_same_tables(ledger, run: Run) -> None:
    all_rosters(ledger)
    report(
        ledger,
        "330106",
        date(2026, 5, 6),
        evening(6, 10),
        tables=["talent"],
        state="held",
        reason="比上次少一成",
    )
    once = run(evening(6))
    tables = ("incident", "outbox")
    before = [ledger.execute(f"select * from ops.{table} order by 1").fetchall() for table in tables]
    assert run(evening(6)) == once
    assert [ledger.execute(f"select * from ops.{table} order by 1").fetchall() for table in tables] == before
    assert len(once) == 1


def test_refused_files_and_held_submissions_are_told_to_whom_they_concern(ledger, run: Run, database) -> None:
    all_rosters(ledger)
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute(
            "insert into reference.contact values ('330106', 'responsible', 'xihu@localhost'),"
            " ('330100', 'responsible', 'hangzhou@localhost'),"
            " ('330102', 'filler', 'shangcheng@localhost')"
        )
    file = report(
        ledger, "330106", date(2026, 5, 6), evening(6, 11), tables=[None], mode=None, state="refused",
        file_name="张三330106199001011234.xlsx", reason="不是工作簿",
    )  # fmt: skip
    report(
        ledger,
        "330102",
        date(2026, 5, 6),
        evening(6, 11),
        ["talent"],
        state="held",
        held_for="county",
        reason="少了一成",
    )
    report(
        ledger,
        "330102",
        date(2026, 5, 6),
        evening(6, 11),
        ["post"],
        state="held",
        held_for="engineers",
        reason="x",
    )
    mails = dict(run(evening(6)))
    assert set(mails) == {"xihu@localhost", "shangcheng@localhost"}
    assert "张三******************.xlsx 被退回" in mails["xihu@localhost"]
    assert "不是工作簿" in mails["xihu@localhost"]
    assert "上城区" not in mails["xihu@localhost"]
    assert "少了一成" in mails["shangcheng@localhost"]
    # What waits for engineers is not the county's to mend, and has the judge's incident.
    assert "岗位" not in mails["shangcheng@localhost"]
    assert "199001011234" not in "".join(mails.values())
    report(ledger, "330106", date(2026, 5, 6), evening(6, 21), tables=["talent"])
    run(evening(6, 22))
    assert f"refused:{file}" not in open_causes(ledger)


def test_the_judges_incident_ends_when_nothing_of_its_table_waits_for_engineers(ledger, run: Run) -> None:
    all_rosters(ledger)
    report(ledger, "330102", date(2026, 5, 6), evening(6, 11), ["post"], state="held", held_for="engineers")
    for table in ("post", "talent"):
        incidents.open_incident(
            ledger, cause=f"judge:failed:{table}", kind="judge", severity="critical", audience="engineers",
            title="入库数据与合同不符", details="d", now=evening(6), table_name=table,
        )  # fmt: skip
    incidents.open_incident(
        ledger, cause="judge:errored:marts.x:y", kind="judge", severity="critical", audience="engineers",
        title="无法检查", details="330106199001011234", now=evening(6),
    )  # fmt: skip
    ((_, text),) = run(evening(6))
    assert "1990" not in text
    assert open_causes(ledger) == {"judge:failed:post", "judge:errored:marts.x:y"}
    ledger.execute("update ops.submission set state = 'rejected' where state = 'held'")
    ((_, text),) = run(evening(6, 21))
    assert "已恢复 1 项" in text


def test_the_end_of_the_calendar_is_told_a_month_before(ledger, database) -> None:
    calendar = WorkCalendar.from_database(ledger)
    assert list(causes.calendar_end(calendar, datetime(2026, 11, 30, 9, tzinfo=SHANGHAI))) == []
    (soon,) = causes.calendar_end(calendar, datetime(2026, 12, 1, 9, tzinfo=SHANGHAI))
    (over,) = causes.calendar_end(calendar, datetime(2027, 1, 4, 9, tzinfo=SHANGHAI))
    assert (soon.title, over.title) == ("工作日历即将用完", "工作日历已用完")


def test_a_contact_is_reminded_once_of_what_its_unit_owes_today(ledger, database) -> None:
    all_rosters(ledger)
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute(
            "insert into reference.contact values ('330106', 'responsible', 'xihu@localhost'),"
            " ('330102', 'responsible', 'shangcheng@localhost')"
        )
    report(ledger, "330102", date(2026, 5, 7), evening(7, 10), mode="D")
    report(
        ledger, "330106", date(2026, 5, 7), evening(7, 10), mode="D", tables=[t for t in DAILY if t != "post"]
    )
    half_past_four = datetime(2026, 5, 7, 16, 30, tzinfo=SHANGHAI)
    early = half_past_four - timedelta(minutes=1)
    assert [reminders.compose(ledger, at, "省民政厅") for at in (early, evening(7, 18))] == [0, 0]
    assert [reminders.compose(ledger, half_past_four, "省民政厅") for _ in range(2)] == [1, 0]
    ((recipient, subject, text),) = ledger.execute(
        "select recipient, subject, body_text from ops.outbox"
    ).fetchall()
    assert recipient == "xihu@localhost"
    assert subject == "提醒：杭州市西湖区今天 18:00 前请报送 1 项数据"
    assert text.count("·") == 1
    assert "社会工作岗位" in text


def test_a_failed_audit_ends_with_the_next_good_one(ledger, run: Run, database) -> None:
    all_rosters(ledger)
    for hour, outcome in ((20, "failed"), (21, "passed")):
        with psycopg.connect(database.superuser_dsn) as connection:
            connection.execute(
                "with made as ("
                " insert into ops.publication (state, as_of) values ('audited', %s) returning publication_id)"
                " insert into ops.verdict"
                " (asked_at, suite, expectation, domain, severity, outcome, publication_id)"
                " select %s, 'funding', 'total_jump', 'funding', 'critical', %s, publication_id from made",
                [evening(6), evening(6), outcome],
            )
        ((_, text),) = run(evening(6, hour))
        assert "资金的新数字未通过发布审核" in text
        assert ("audit:funding" in open_causes(ledger)) == (outcome == "failed")


def test_breached_rules_are_one_incident_a_rule_with_counts_by_county(ledger, run: Run, database) -> None:
    all_rosters(ledger)
    run(evening(6))
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(
            "create table marts.mart_rule_breaches"
            " (goal_id text, goal_name text, clause text, domain text, area_code text)"
        )
        connection.execute(
            "insert into marts.mart_rule_breaches select 'G06', '人力成本占比', '二(六)', 'projects', area"
            " from unnest(array['330106', '330106', '330102']) as area"
        )
        connection.execute("alter table marts.mart_rule_breaches owner to warehouse_owner")
    ((_, text),) = run(evening(6, 21))
    assert "意见二(六)“人力成本占比”：3 件不符" in text
    assert "杭州市西湖区 2 件、杭州市上城区 1 件" in text
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("delete from marts.mart_rule_breaches")
    ((_, text),) = run(evening(7, 10))
    assert "已恢复 1 项" in text


def test_a_failed_task_is_told_until_it_succeeds(ledger, run: Run) -> None:
    all_rosters(ledger)
    task = {"dag_id": "build_marts", "task_id": "audit"}
    incidents.task_failed(ledger, **task, error="OperationalError", now=evening(6))
    ((_, text),) = run(evening(6, 21))
    assert "build_marts 的任务 audit 失败" in text
    assert incidents.task_succeeded(ledger, **task, now=evening(6, 22))
    ((_, text),) = run(evening(6, 22))
    assert "已恢复 1 项" in text


def test_what_ends_before_it_was_told_is_not_told(ledger, run: Run) -> None:
    all_rosters(ledger)
    task = {"dag_id": "build_marts", "task_id": "audit"}
    incidents.task_failed(ledger, **task, error="OperationalError", now=evening(6))
    assert incidents.task_succeeded(ledger, **task, now=evening(6))
    assert run(evening(6, 21)) == []


def test_a_mapped_task_ends_the_failure_of_an_earlier_run_only(ledger) -> None:
    task = {"dag_id": "load_submissions", "task_id": "load"}
    incidents.task_failed(ledger, **task, error="OSError", now=evening(6))
    assert not incidents.task_succeeded(ledger, **task, now=evening(6), is_mapped=True)
    assert incidents.task_succeeded(ledger, **task, now=evening(7), is_mapped=True)
    assert not incidents.task_succeeded(ledger, **task, now=evening(7), is_mapped=True)


def test_the_outbox_folder_gets_each_mail_once(ledger, run: Run, tmp_path: Path) -> None:
    all_rosters(ledger)
    report(ledger, "330106", date(2026, 5, 6), evening(6, 11), ["talent"], state="held", reason="<b>少</b>")
    run(evening(6))
    ledger.commit()
    folder = OutboxFolder(tmp_path / "outbox")
    assert send(ledger, folder, evening(6)) == (1, 0)
    assert send(ledger, folder, evening(6)) == (0, 0)
    (path,) = (tmp_path / "outbox").iterdir()
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["To"] == BUREAU
    assert "新问题 1 项" in mail["Subject"]
    assert mail["Date"].datetime == evening(6)
    assert "<b>少</b>" in mail.get_body(("plain",)).get_content()
    assert "&lt;b&gt;少&lt;/b&gt;" in mail.get_body(("html",)).get_content()
    # Killed after the mail went and before it was marked: the same file again.
    ledger.execute("update ops.outbox set sent_at = null")
    ledger.commit()
    assert send(ledger, folder, evening(6)) == (1, 0)
    assert list((tmp_path / "outbox").iterdir()) == [path]


def test_a_recipient_who_is_refused_keeps_no_other_from_its_mail(ledger, run: Run) -> None:
    all_rosters(ledger)
    report(ledger, "330106", date(2026, 5, 6), evening(6, 11), ["talent"], state="held", reason="x")
    run(evening(6), mail_to="bad@localhost, good@localhost")
    ledger.commit()
    sent: list[str] = []

    def refuse_once(mail) -> None:
        if mail["To"].startswith("bad") and len(sent) == 0:
            sent.append("tried")
            raise smtplib.SMTPRecipientsRefused({"bad@localhost": (451, b"bad@localhost is greylisted")})
        sent.append(str(mail["To"]))

    assert send(ledger, refuse_once, evening(6)) == (1, 1)
    error = ledger.execute("select attempts, last_error from ops.outbox where sent_at is null").fetchall()
    assert error == [(1, "451: the server refuses the recipient")]
    ledger.execute("update ops.outbox set next_try_at = null")
    ledger.commit()
    assert send(ledger, refuse_once, evening(6)) == (1, 0)
    assert sent == ["tried", "good@localhost", "bad@localhost"]


def test_an_extension_ends_what_was_overdue_and_it_climbs_no_further(ledger, run: Run, database) -> None:
    all_rosters(ledger)
    for unit, tables in zip(UNITS, (DAILY, [t for t in DAILY if t != "post"]), strict=True):
        report(ledger, unit, date(2026, 5, 7), evening(7, 10), mode="D", tables=tables)
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute(
            "insert into reference.contact values ('330106', 'filler', 'filler@localhost'),"
            " ('330106', 'responsible', 'responsible@localhost')"
        )
    assert [recipient for recipient, _ in run(evening(8, 10))] == ["filler@localhost"]
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute(
            "insert into reference.extension values"
            " ('330106', 'post', '2026-05-07', '2026-05-12', '省民政厅', '2026-05-08', '系统停电')"
        )
    for day in (8, 9, 11, 12):
        for unit in UNITS:
            report(ledger, unit, date(2026, 5, day), evening(day, 9), mode="D")
    try:
        ((recipient, text),) = run(evening(9, 10))
        assert recipient == "filler@localhost"
        assert "已恢复 1 项" in text
        assert run(evening(12, 10)) == []
        ((recipient, text),) = run(evening(13, 10))  # the granted day is over too
        assert recipient == "filler@localhost"
        assert "新问题 1 项" in text
    finally:
        with psycopg.connect(database.dsn["admin"]) as connection:
            connection.execute("delete from reference.extension")

"""The same failures in ten runs, told by a real mail server: everybody concerned hears of each cause once, and of its end once."""

import smtplib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import psycopg
import pytest
from aiosmtpd.controller import Controller
from intake_files import DAY, UNIT, Ledger, csv_name, send, settings_of
from warehouse_rows import Rows

from shegong.alerts import causes, contacts, incidents, outbox, reminders, telling, watch
from shegong.alerts.channels.mail import Mail
from shegong.calendar import SHANGHAI
from shegong.database import connect
from shegong.runtime.postgres import free_port

pytestmark = pytest.mark.fault("the same failure again and again")

BUREAU, ENGINEER, FILLER = "bureau@localhost", "engineer@localhost", "filler@localhost"
START, STEP, RUNS = datetime(2026, 5, 7, 8, tzinfo=SHANGHAI), timedelta(minutes=10), 10


class Inbox:
    """What the server took: (recipient, subject, text)."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        text = mail.get_body(("plain",)).get_content()
        self.mails.append((envelope.rcpt_tos[0], mail["Subject"], text))
        return "250 taken"

    def telling(self, words: str) -> Counter:
        """Recipient → mails that name it."""
        return Counter(to for to, _, text in self.mails if words in text)


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Mail]]:
    inbox = Inbox()
    port = free_port()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()

    @contextmanager
    def connected():
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            yield client.send_message

    try:
        yield inbox, Mail(connected, "shegong@localhost")
    finally:
        server.stop()


@pytest.fixture
def ours(database, tmp_path):
    """A full disk is looked for below this home: more GiB are asked for than any disk has."""
    ours = settings_of(database, tmp_path, SHEGONG_DISK_FREE_GIB="1000000")
    with connect(ours.dsn["admin"]) as admin:
        contacts.enter(admin, UNIT, "filler", "mail", FILLER, date(2026, 5, 1), None)
        contacts.enter(admin, "330000", "engineer", "mail", ENGINEER, date(2026, 5, 1), None)
    return ours


def fail(ledger: psycopg.Connection, now: datetime, run: int) -> None:
    """What fails in every run: a task in all its mapped instances, by other errors each time; a source; a check."""
    for instance in range(20):
        error = ("OSError", "ShegongError", "OperationalError")[(run + instance) % 3]
        incidents.task_failed(ledger, dag_id="load_submissions", task_id="load", error=error, now=now)
    words = {"kind": "source", "severity": "critical", "title": "渠道连接不上", "details": f"第 {run} 次"}
    incidents.open_incident(
        ledger, cause=f"source:{UNIT}:look", audience="county", area_code=UNIT, now=now, **words
    )
    incidents.open_incident(
        ledger, cause="judge:errored:marts.totals:r1", kind="judge", severity="critical", audience="engineers",
        title="无法检查：r1", details="这项检查出错", now=now,
    )  # fmt: skip


def run(ours, mail: Mail, now: datetime) -> None:
    """What runs of keep_house and send_alerts do."""
    with connect(ours.dsn["loader"]) as ledger, connect(ours.dsn["publisher"]) as marts:
        watch.watch(ledger, ours, now)
        causes.gather(ledger, marts, now)
        telling.compose(ledger, now, f"{BUREAU},{ENGINEER}", "省民政厅")
        reminders.compose(ledger, now, "省民政厅")
    with connect(ours.dsn["loader"]) as ledger:
        outbox.send_pending(ledger, {"mail": mail}, now, clock=lambda: now)


def test_ten_runs_with_the_same_failures_tell_each_cause_once(database, ours, inbox, record_property) -> None:
    record_property("points", RUNS)
    inbox, mail = inbox
    send(ours, csv_name("post"), b"no table at all")  # refused, and refused it stays
    held = Rows(database.superuser_dsn).submit(UNIT, "agency", f"{DAY}", [], state="held")
    for number in range(RUNS):
        now = START + number * STEP
        with connect(ours.dsn["loader"]) as ledger:
            fail(ledger, now, number)
        run(ours, mail, now)
        run(ours, mail, now)  # a task's retry
    told = {
        "load_submissions 的任务 load 失败": {BUREAU, ENGINEER},
        "无法检查：r1": {BUREAU, ENGINEER},
        "磁盘将满": {BUREAU, ENGINEER},
        "渠道连接不上": {FILLER},
        "被退回": {FILLER},
        "5月6日的社会工作服务机构": {FILLER},
        "没有有效的联系人": {BUREAU, ENGINEER},
    }
    for words, people in told.items():
        assert inbox.telling(words) == Counter(people), words
    # At eight what is urgent, from five past nine the rest of the day.
    assert Counter(to for to, *_ in inbox.mails) == dict.fromkeys((BUREAU, ENGINEER, FILLER), 2)
    query = "select times_seen from ops.incident where cause = 'task:load_submissions.load'"
    assert Ledger(database).rows(query) == [(RUNS,)]
    assert held

    inbox.mails.clear()
    for number in range(RUNS, 2 * RUNS):
        now = START + number * STEP
        with connect(ours.dsn["loader"]) as ledger:
            incidents.task_succeeded(ledger, dag_id="load_submissions", task_id="load", now=now)
        run(ours, mail, now)
    assert inbox.telling("load_submissions 的任务 load 失败") == Counter({BUREAU, ENGINEER})
    assert len(inbox.mails) == 2

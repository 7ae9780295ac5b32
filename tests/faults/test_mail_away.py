"""The mail server is away for a day on which much goes wrong, and comes back: each message once, in order, no storm."""

import hashlib
import smtplib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import psycopg
import pytest
from aiosmtpd.controller import Controller

from shegong import areas, reference_data
from shegong import database as warehouse
from shegong.alerts import contacts, incidents, outbox, telling
from shegong.alerts.channels.mail import Mail
from shegong.calendar import SHANGHAI
from shegong.runtime.postgres import free_port

pytestmark = pytest.mark.fault("mail server away for a day")
BUREAU = "bureau@localhost"
START = datetime(2026, 5, 7, 9, tzinfo=SHANGHAI)
STEP = timedelta(minutes=10)


class Inbox:
    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        head = envelope.content.decode(errors="replace")
        self.mails.append((envelope.rcpt_tos[0], head.split("Message-ID: <")[1][:32]))
        return "250 taken"


@pytest.fixture
def ledger(database) -> Iterator[psycopg.Connection]:
    reference_data.load(database.dsn["admin"])
    with warehouse.connect(database.dsn["admin"]) as admin:
        for unit in list(areas.units(admin, START.date()))[:40]:
            contacts.enter(admin, unit, "filler", "mail", f"{unit}@localhost", date(2026, 5, 1), None)
    with warehouse.connect(database.dsn["loader"]) as connection:
        yield connection


def mail_by(port: int) -> Mail:
    @contextmanager
    def connect():
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            yield client.send_message

    return Mail(connect, "shegong@localhost")


def go_wrong(ledger: psycopg.Connection, now: datetime, number: int) -> None:
    """Forty counties' sources are down, more files come back each hour, a task fails and recovers all day long."""
    units = [contact.area_code for contact in contacts.valid(ledger, now.date())]
    for unit in units:
        words = {"audience": "county", "area_code": unit, "details": "", "now": now}
        incidents.open_incident(
            ledger,
            cause=f"source:{unit}:look",
            kind="source",
            severity="critical",
            title="渠道连接不上",
            **words,
        )
        incidents.open_incident(
            ledger, cause=f"refused:{unit}:{number // 6}", kind="refused", severity="warning", title="退回", **words
        )  # fmt: skip
    if number % 2:
        incidents.resolve(ledger, "task:build_marts.audit", now)
    else:
        incidents.task_failed(ledger, dag_id="build_marts", task_id="audit", error="OSError", now=now)


def run(ledger: psycopg.Connection, port: int, now: datetime) -> outbox.Outcome:
    """What a run of send_alerts does."""
    telling.compose(ledger, now, BUREAU, "省民政厅")
    ledger.commit()
    return outbox.send_pending(ledger, {"mail": mail_by(port)}, now, clock=lambda: now)


def test_a_mail_server_away_for_a_day_gets_each_message_once_and_in_order(ledger) -> None:
    port, now, inbox = free_port(), START, Inbox()
    for number in range(144):
        go_wrong(ledger, now, number)
        assert not run(ledger, port, now).sent
        now += STEP
    query = "select title, state from ops.incident where kind = 'delivery'"
    assert ledger.execute(query).fetchall() == [("邮件服务没有应答", "open")]
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        for _ in range(6):
            run(ledger, port, now)
            now += STEP
    finally:
        server.stop()
    rows = ledger.execute(
        "select recipient, dedupe_key, sent_at is not null from ops.outbox order by message_id"
    )
    written = [(to, identity(key)) for to, key, is_sent in rows if is_sent]
    assert inbox.mails == written
    assert len(set(inbox.mails)) == len(inbox.mails)
    assert ledger.execute("select count(*) from ops.outbox where sent_at is null").fetchone() == (0,)
    by_person = Counter(to for to, _ in inbox.mails)
    # a county: its source at once, a digest each day; the bureau: what flaps, every two hours, and the digests
    assert max(count for to, count in by_person.items() if to != BUREAU) <= 3
    assert by_person[BUREAU] <= 30
    assert ledger.execute(query).fetchall() == [("邮件服务没有应答", "resolved")]
    assert not [text for (text,) in ledger.execute("select body_text from ops.outbox") if "邮件服务" in text]


def identity(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]

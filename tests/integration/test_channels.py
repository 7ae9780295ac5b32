"""Messages over a real outbox to servers that speak as DingTalk, WeCom, Feishu, a webhook's receiver and SMTP do."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from aiosmtpd.controller import Controller
from robot_servers import DingTalkServer, FeishuServer, RobotServer, WebhookServer, WeComServer

from shegong import database as warehouse
from shegong.access import Access
from shegong.alerts import outbox
from shegong.alerts.channels.channel import Refused
from shegong.alerts.channels.mail import Mail
from shegong.alerts.channels.robots import DingTalk, Feishu, WeCom
from shegong.alerts.channels.webhook import Webhook
from shegong.runtime.postgres import free_port

NOW = datetime(2026, 5, 6, 10, tzinfo=UTC)
KINDS = {
    "dingtalk": (DingTalk, DingTalkServer),
    "wecom": (WeCom, WeComServer),
    "feishu": (Feishu, FeishuServer),
    "webhook": (Webhook, WebhookServer),
}
ROBOTS = ["dingtalk", "wecom", "feishu"]


@dataclass
class Post:
    """An outbox, the servers that it sends to, and the clock of both."""

    ledger: psycopg.Connection
    at: datetime = NOW
    servers: dict[str, RobotServer] = field(default_factory=dict)
    extra: dict[str, dict] = field(default_factory=dict)

    def server(self, kind: str, **words) -> RobotServer:
        self.servers[kind] = KINDS[kind][1](lambda: self.at.timestamp(), **words)
        return self.servers[kind]

    def access(self, connection_id: str) -> Access:
        kind = connection_id.removeprefix("robot_")
        if kind not in self.servers:
            raise Refused("connection", "Airflow has no connection of this id")
        server = self.servers[kind]
        extra = {"secret": server.secret, "keyword": server.keyword} | self.extra.get(kind, {})
        return Access(
            host=server.base, password=self.extra.get(kind, {}).get("token", server.token), extra=extra
        )

    def write(self, kind: str, text: str, key: str | None = None, recipient: str | None = None) -> int:
        query = (
            "insert into ops.outbox (dedupe_key, channel, recipient, subject, body_text, body_html, created_at)"
            " values (coalesce(%s, gen_random_uuid()::text), %s, %s, '标题', %s, '', %s) returning message_id"
        )
        recipient = recipient or (f"robot_{kind}" if kind != "mail" else "one@localhost")
        number = self.ledger.execute(query, [key, kind, recipient, text, NOW]).fetchone()[0]
        self.ledger.commit()
        return number

    def send(self, wait_seconds: float = 5, **more) -> outbox.Outcome:
        made = {name: kind(self.access, self.clock, wait_seconds) for name, (kind, _) in KINDS.items()}
        return outbox.send_pending(self.ledger, made | more, NOW, clock=self.clock)

    def clock(self) -> datetime:
        return self.at

    def row(self, number: int, columns: str) -> tuple:
        query = f"select {columns} from ops.outbox where message_id = %s"
        found = self.ledger.execute(query, [number]).fetchone()
        self.ledger.commit()
        return found

    def causes(self) -> list[str]:
        query = "select split_part(cause, ':', 2) || case when cause like '%%:%%:%%' then ' robot' else '' end from ops.incident where kind = 'delivery' and state <> 'resolved' order by 1"
        found = [cause for (cause,) in self.ledger.execute(query)]
        self.ledger.commit()
        return found


@pytest.fixture
def post(database) -> Iterator[Post]:
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("truncate ops.incident, ops.outbox cascade")
    with warehouse.connect(database.dsn["loader"]) as connection:
        made = Post(connection)
        yield made
        for server in made.servers.values():
            server.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_message_arrives_and_its_answer_is_kept(post, kind):
    server = post.server(kind)
    number = post.write(kind, "社会工作数据日报\n  · 一项")
    assert post.send().sent == [number]
    assert server.texts == ["社会工作数据日报\n  · 一项"]
    code = "202" if kind == "webhook" else "0"
    assert post.row(number, "answer_code, delivered_at, sent_at, attempts") == (code, NOW, NOW, 1)
    assert post.send() == outbox.Outcome()


@pytest.mark.parametrize(
    ("kind", "wrong", "code"),
    [
        ("dingtalk", {"secret": "another"}, "310000"),
        ("dingtalk", {"token": "another"}, "300001"),
        ("dingtalk", {"keyword": ""}, "310000"),
        ("wecom", {"token": "another"}, "93000"),
        ("feishu", {"secret": "another"}, "19021"),
        ("feishu", {"token": "another"}, "19001"),
        ("feishu", {"keyword": ""}, "19024"),
        ("webhook", {"token": "another"}, "401"),
    ],
)
def test_a_refusal_inside_200_is_given_up_at_once_and_told(post, kind, wrong, code):
    server = post.server(kind, keyword="社工" if "keyword" in wrong else "")
    post.extra[kind] = wrong
    number = post.write(kind, "日报")
    assert post.send().given_up == [number]
    post.at += timedelta(days=2)
    assert post.send() == outbox.Outcome()
    assert server.texts == []
    assert post.row(number, "answer_code, sent_at, delivered_at, attempts") == (code, None, None, 1)
    assert post.causes() == [f"{kind} robot"]
    # Mended by a person, and asked for again.
    del post.extra[kind]
    assert outbox.retry(post.ledger, number) == 1
    post.ledger.commit()
    assert post.send().sent == [number]
    assert len(server.texts) == 1
    assert post.causes() == []


def test_a_keyword_that_the_robot_asks_for_is_in_the_message(post):
    server = post.server("dingtalk", keyword="社工")
    post.write("dingtalk", "日报")
    post.send()
    assert server.texts == ["社工\n日报"]


def test_no_connection_of_that_name_is_a_refusal(post):
    number = post.write("feishu", "日报")
    assert post.send().given_up == [number]
    assert post.causes() == ["feishu robot"]


@pytest.mark.parametrize(("kind", "most"), [("dingtalk", 20_000), ("wecom", 2_048), ("feishu", 20_000)])
def test_long_texts_are_cut_to_the_service_s_bytes(post, kind, most):
    server = post.server(kind)
    lines = [f"  · 杭州市西湖区的“文件” {number} 被退回" for number in range(2_000)]
    post.write(kind, "\n".join(["社会工作数据日报", *lines]))
    assert len(post.send().sent) == 1
    (text,) = server.texts
    count = len(text.splitlines()) - 2
    assert text.splitlines()[1:-1] == lines[:count]
    assert text.endswith(f"...另有 {2_000 - count} 项")
    taken = len(text.encode()) if kind == "wecom" else server.sizes[0]
    assert most - 100 < taken <= most
    assert len(text.encode()) > 0.9 * most  # characters as themselves, not as escapes


@pytest.mark.parametrize("kind", ROBOTS)
def test_no_more_than_twenty_a_minute(post, kind):
    server = post.server(kind)
    numbers = [post.write(kind, f"第 {number} 条") for number in range(45)]
    sent = []
    for _ in range(3):
        sent.append(len(post.send().sent))
        post.at += timedelta(seconds=60)
    assert sent == [20, 20, 5]
    assert server.texts == [f"第 {number} 条" for number in range(45)]
    assert set(server.codes) == {"0"}
    assert post.row(numbers[-1], "attempts") == (1,)


@pytest.mark.parametrize(("kind", "seconds"), [("dingtalk", 600), ("wecom", 60)])
def test_a_robot_that_others_use_too_is_left_alone_as_long_as_it_says(post, kind, seconds):
    server = post.server(kind)
    server.moments = [post.at.timestamp()] * 20
    numbers = [post.write(kind, text) for text in ("一", "二")]
    assert post.send() == outbox.Outcome(waiting=numbers[:1])
    assert post.row(numbers[0], "next_try_at - tried_at") == (timedelta(seconds=seconds),)
    post.at += timedelta(seconds=seconds - 1)
    assert post.send() == outbox.Outcome()
    post.at += timedelta(seconds=1)
    assert post.send().sent == numbers
    assert server.texts == ["一", "二"]
    assert post.causes() == []


def test_429_waits_as_its_header_says(post):
    server = post.server("feishu")
    server.scripted = [(429, {"x-ogw-ratelimit-reset": "37"}, b"{}")]
    number = post.write("feishu", "日报")
    assert post.send().waiting == [number]
    assert post.row(number, "next_try_at - tried_at, answer_code") == (timedelta(seconds=37), "429")


@pytest.mark.parametrize(
    "broken",
    [(502, {}, b"<html>"), (200, {}, b"<html>log in to the network</html>"), (200, {}, b"[]"), 3.0],
    ids=["5xx", "page", "list", "time-out"],
)
def test_a_server_in_trouble_is_asked_once_a_run_and_longer_and_longer_waits(post, broken):
    server = post.server("dingtalk")
    first, second = post.write("dingtalk", "一"), post.write("dingtalk", "二")
    waits = []
    for _ in range(7):
        server.scripted = [broken]
        assert post.send(wait_seconds=0.3) == outbox.Outcome(waiting=[first])
        waits.append(post.row(first, "next_try_at - tried_at")[0] / timedelta(minutes=1))
        assert post.causes() == (["dingtalk"] if len(waits) >= 5 else [])
        post.at += timedelta(minutes=31)
    for wait, longest in zip(waits, (1, 2, 4, 8, 16, 30, 30), strict=True):
        assert longest * 0.75 <= wait <= longest
    assert waits[5] != waits[6]
    server.texts.clear()
    assert post.send().sent == [first, second]
    assert server.texts == ["一", "二"]
    assert post.causes() == []


def test_too_many_tries_are_given_up_and_told(post):
    server = post.server("wecom")
    number = post.write("wecom", "日报")
    post.ledger.execute("update ops.outbox set attempts = 99")
    post.ledger.commit()
    server.scripted = [(503, {}, b"")]
    assert post.send().given_up == [number]
    title, details = post.ledger.execute("select title, details from ops.incident").fetchone()
    assert title == "企业微信服务没有应答"
    assert details == f"第 {number} 号消息试了 100 次，答复代码 503，已停止重发。"


def test_what_waits_for_one_recipient_keeps_no_other_waiting(post):
    post.server("dingtalk").scripted = [(500, {}, b"")]
    post.server("feishu")
    waiting, sent = post.write("dingtalk", "一"), post.write("feishu", "二")
    assert post.send() == outbox.Outcome(sent=[sent], waiting=[waiting])


def test_no_secret_in_logs_and_errors(post, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = []
    for kind in KINDS:
        server = post.server(kind)
        server.token, server.secret = f"token/{kind}=0123", f"SEC-{kind}-0123"
        secrets += [server.token, server.secret]
        post.write(kind, "一")
        post.write(kind, "二")
        post.send()
        post.extra[kind] = {"secret": "SEC-wrong"}
        if kind != "dingtalk":  # which quotes our address in its refusal
            post.extra[kind]["token"] = f"token-{kind}-wrong"
        post.write(kind, "三")
        post.send()
        server.scripted = [(500, {}, f"{server.token} {server.secret}".encode())]
        post.write(kind, "四")
        post.send()
    rows = post.ledger.execute("select coalesce(last_error, '') || coalesce(answer_code, '') from ops.outbox")
    told = post.ledger.execute("select cause || title || details from ops.incident")
    said = caplog.text + "".join(text for (text,) in [*rows, *told])
    assert "310000" in said
    assert not [secret for secret in [*secrets, "0123", "-wrong", "sign="] if secret in said]


def test_two_senders_at_once_send_each_message_once_and_in_order(post, database):
    server = post.server("webhook")
    for number in range(60):
        post.write("webhook", f"第 {number} 条", recipient="robot_webhook")
    access = post.access("robot_webhook")

    def send(_: int) -> int:
        with warehouse.connect(database.dsn["loader"]) as ledger:
            made = {"webhook": Webhook(lambda _: access, post.clock)}
            return len(outbox.send_pending(ledger, made, NOW, clock=post.clock).sent)

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(send, range(2)))
    while post.send().sent:
        pass
    assert server.texts == [f"第 {number} 条" for number in range(60)]
    assert sum(counts) <= 60


CHILD = """
import os, sys
from datetime import datetime, timezone
import psycopg
from shegong.access import Access
from shegong.alerts import outbox
from shegong.alerts.channels.webhook import Webhook
access = Access(host=sys.argv[1], password=sys.argv[2])
now = datetime.now(timezone.utc)
with psycopg.connect(os.environ["LEDGER"]) as ledger:
    outbox.send_pending(ledger, {"webhook": Webhook(lambda _: access)}, now)
"""


def test_killed_between_sending_and_recording_it_goes_twice_under_one_name(post, database):
    post.at = datetime.now(UTC)
    server = post.server("webhook")
    number = post.write("webhook", "日报")
    server.before_reply = lambda: os.kill(child.pid, signal.SIGKILL)
    words = [sys.executable, "-c", CHILD, server.base, server.token]
    child = subprocess.Popen(words, env=os.environ | {"LEDGER": database.dsn["loader"]})
    assert child.wait(60) == -signal.SIGKILL
    server.before_reply = None
    assert post.row(number, "sent_at, attempts") == (None, 1)
    post.at += timedelta(minutes=14)
    assert post.send() == outbox.Outcome()  # it may still be under way
    post.at += timedelta(minutes=2)
    assert post.send().sent == [number]
    assert post.send() == outbox.Outcome()
    assert len(server.codes) == 2
    assert len(set(server.codes)) == 1


class Inbox:
    """An SMTP server's mails; `refusals`: address → what RCPT is answered."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.rcpt_tos[0])
        return "250 taken"


@contextmanager
def smtp(port: int) -> Iterator[Inbox]:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


def mail_by(port: int) -> Mail:
    import smtplib

    @contextmanager
    def connect():
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            yield client.send_message

    return Mail(connect, "shegong@localhost")


def test_a_mail_address_that_is_refused_is_given_up_and_the_others_go(post):
    gone = post.write("mail", "一", recipient="gone@localhost")
    full = post.write("mail", "二", recipient="full@localhost")
    good = post.write("mail", "三", recipient="good@localhost")
    with smtp(port := free_port()) as inbox:
        inbox.refusals = {"gone@localhost": "550 unknown", "full@localhost": "452 full"}
        outcome = post.send(mail=mail_by(port))
    assert outcome == outbox.Outcome(sent=[good], waiting=[full], given_up=[gone])
    assert inbox.mails == ["good@localhost"]
    assert post.row(good, "answer_code, delivered_at") == ("250", None)
    assert post.causes() == ["mail robot"]


def test_a_mail_server_away_for_a_day_gets_each_mail_once_and_in_order(post):
    port = free_port()
    people = [f"p{number}@localhost" for number in range(30)]
    tries = 0
    for hour in range(24):
        if hour < 3:
            for person in people:
                post.write("mail", str(hour), recipient=person)
        for _ in range(6):
            tries += len(post.send(mail=mail_by(port)).waiting)
            post.at += timedelta(minutes=10)
    assert post.causes() == ["mail"]
    assert tries < 60  # one knock at the door a try, not ninety
    with smtp(port) as inbox:
        for _ in range(4):
            post.send(mail=mail_by(port))
            post.at += timedelta(minutes=10)
    assert inbox.mails == people * 3
    assert post.causes() == []
    sent = post.ledger.execute("select count(*) from ops.outbox where sent_at is null").fetchone()
    assert sent == (0,)
    assert json.dumps(inbox.mails).count("p7@localhost") == 3

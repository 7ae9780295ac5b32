"""Messages that don't arrive, as incidents: one per recipient that refuses, one per kind of service that is away.

No address and no token stands in them: the number of the message leads an engineer to its row in ops.outbox.
"""

import hashlib
from datetime import datetime

import psycopg

from shegong.alerts import incidents
from shegong.alerts.channels.channel import TITLES, Message, NotSent, TryLater

TOLD_AFTER = 5  # tries without an answer: a quarter of an hour


def failed(
    connection: psycopg.Connection, message: Message, error: NotSent, tries: int, is_over: bool, now: datetime
) -> None:
    """Open the incident, or see it again, once the trouble is for a person: refused, given up, or away for long."""
    is_service = isinstance(error, TryLater) and error.is_service
    if not is_over and tries < TOLD_AFTER:
        return
    title = TITLES[message.channel]
    what = (
        f"{title}服务没有应答"
        if is_service
        else f"一个收信人的{title}通知{'被拒收' if is_over else '送不出去'}"
    )
    outcome = "已停止重发" if is_over else "仍在自动重发"
    incidents.open_incident(
        connection,
        cause=_service(message) if is_service else _recipient(message),
        kind="delivery",
        severity="critical",
        audience="engineers",
        title=what,
        details=f"第 {message.message_id} 号消息试了 {tries} 次，答复代码 {error.code}，{outcome}。",
        now=now,
    )


def recovered(connection: psycopg.Connection, message: Message, now: datetime) -> None:
    """A message arrived: its service answers, its recipient takes."""
    incidents.resolve(connection, _service(message), now)
    incidents.resolve(connection, _recipient(message), now)


def _service(message: Message) -> str:
    return f"delivery:{message.channel}"


def _recipient(message: Message) -> str:
    return f"delivery:{message.channel}:{recipient_mark(message.channel, message.recipient)}"


def recipient_mark(channel: str, recipient: str) -> str:
    """Stands for an address where none may be told."""
    return hashlib.sha256(f"{channel}:{recipient}".encode()).hexdigest()[:12]

"""What every way out has in common: what it carries, what it answers, how it fails. Nothing here opens a connection.

Delivered is told by robots and the webhook: their answer says that the message is in the group or taken. A mail server
says only that it took the mail. Read is told by none of them: a group's robot has no call for it (DingTalk knows reading
for apps' notices to single members, Feishu for messages with an id, which a robot's answer lacks), and a mail's receipt
is its reader's choice. What is known is who opened the link in a message: reading.py.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

TITLES = {"mail": "邮件", "dingtalk": "钉钉", "wecom": "企业微信", "feishu": "飞书", "webhook": "接口推送"}


def utc_now() -> datetime:
    """The real clock: retries, leases and services' limits go by it, not by a run's moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Message:
    """One row of ops.outbox that has not gone yet. `recipient`: a mail address, or an Airflow connection's id."""

    message_id: int
    dedupe_key: str
    channel: str
    recipient: str
    subject: str
    body_text: str
    body_html: str
    created_at: datetime
    attachment_hash: str | None = None
    attachment_name: str | None = None
    in_reply_to: str | None = None
    attempts: int = 0

    @property
    def identity(self) -> str:
        """The same whenever it is sent: by it a receiver knows one that came twice."""
        return hashlib.sha256(self.dedupe_key.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Answer:
    """The service's word for a message that it took."""

    code: str
    is_delivered: bool


class NotSent(Exception):
    """The message did not go. `code` is the service's; the text holds no secret and no address."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}"[:500])
        self.code = code


class Refused(NotSent):
    """The same message would be refused again until a person changes something: wrong token, signature, address."""


class TryLater(NotSent):
    """It may go later: after `wait` where the service says so. `is_service`: other recipients fare no better now."""

    def __init__(self, code: str, text: str, wait: timedelta | None = None, is_service: bool = False) -> None:
        super().__init__(code, text)
        self.wait, self.is_service = wait, is_service


class Channel(Protocol):
    """One way out. `per_minute`: the most messages that the service takes for one recipient in 60 seconds."""

    per_minute: int | None

    def service(self, recipient: str) -> str:
        """What fails together: the mail server, or the server of a robot."""
        ...

    def send(self, message: Message, attachment: bytes | None) -> Answer:
        """Raises Refused or TryLater."""
        ...

    def close(self) -> None: ...

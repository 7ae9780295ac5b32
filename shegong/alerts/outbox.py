"""Sends what ops.outbox holds: as mails through a callable, or as .eml files into a folder.

A message is marked as sent after it went, so a kill between the two sends it a second time, at most once,
under the same Message-ID or file name.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage

import psycopg
from psycopg.rows import class_row

from shegong.archive import Archive
from shegong.errors import ShegongError

MOST_ATTEMPTS = 10
Send = Callable[[EmailMessage], None]


@dataclass(frozen=True)
class Message:
    """One mail of ops.outbox that has not gone yet."""

    message_id: int
    dedupe_key: str
    recipient: str
    subject: str
    body_text: str
    body_html: str
    created_at: datetime
    attachment_hash: str | None = None
    attachment_name: str | None = None
    in_reply_to: str | None = None


class OutboxFolder:
    """A sender that lays each mail as .eml into `folder`, a pathlib-like path. One mail is one file."""

    def __init__(self, folder) -> None:
        self._folder = folder

    def __call__(self, mail: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        sent = mail["Date"].datetime
        address = re.sub(r"[^A-Za-z0-9@.-]", "_", str(mail["To"]))
        number = mail["Message-ID"].strip("<>")[:8]
        name = f"{sent:%Y%m%d}_{address}_{number}.eml"
        # A reader of the folder never sees half a mail.
        unfinished = self._folder / f".{name}.unfinished"
        unfinished.write_bytes(mail.as_bytes())
        unfinished.replace(self._folder / name)


def send_pending(
    connection: psycopg.Connection,
    send: Send,
    mail_from: str,
    now: datetime,
    attachments: Archive | None = None,
) -> int:
    """Send all that waits, each in its own transaction; how many went.

    Raises ShegongError at the end if one failed: it stays, with its error, and goes with the next call until
    its tenth attempt; what has an attachment needs `attachments`, where they lie. Two senders at once: each message is taken by one.
    """
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        raise RuntimeError("send_pending commits after each message: call it outside a transaction")
    sent, failed = 0, []
    last = 0
    while message := _send_next(connection, send, mail_from, now, last, failed, attachments):
        last = message.message_id
        sent += last not in failed
    if failed:
        raise ShegongError(
            f"{len(failed)} mails could not be sent, {sent} went.",
            f"ops.outbox.last_error tells why (message_id {failed[0]} first); they are tried again.",
        )
    return sent


def _send_next(
    connection: psycopg.Connection,
    send: Send,
    mail_from: str,
    now: datetime,
    after: int,
    failed: list[int],
    attachments: Archive | None,
) -> Message | None:
    """Take the next message after this number, send it and write down how it went."""
    query = """
        select
            message_id, dedupe_key, recipient, subject, body_text, body_html, created_at,
            attachment_hash, attachment_name, in_reply_to
        from ops.outbox
        where sent_at is null and attempts < %s and message_id > %s
        order by message_id
        limit 1
        for update skip locked
    """
    with connection.transaction(), connection.cursor(row_factory=class_row(Message)) as cursor:
        message = cursor.execute(query, [MOST_ATTEMPTS, after]).fetchone()
        if message is None:
            return None
        try:
            send(as_mail(message, mail_from, _attachment(message, attachments)))
        except Exception as error:  # noqa: BLE001 - whatever a sender raises, the other mails go out
            failed.append(message.message_id)
            cursor.execute(
                "update ops.outbox set attempts = attempts + 1, last_error = %s where message_id = %s",
                [f"{type(error).__name__}: {error}"[:500], message.message_id],
            )
        else:
            cursor.execute(
                "update ops.outbox set attempts = attempts + 1, last_error = null, sent_at = %s"
                " where message_id = %s",
                [now, message.message_id],
            )
        return message


def as_mail(message: Message, mail_from: str, attachment: bytes | None = None) -> EmailMessage:
    """The mail as it leaves: text and HTML, what is attached, and an identity that is the same whenever it is sent."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = mail_from
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = message.created_at
    digest = hashlib.sha256(message.dedupe_key.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{mail_from.rpartition('@')[2].rstrip('>') or 'shegong'}>"
    mail.set_content(message.body_text)
    if message.in_reply_to:
        mail["In-Reply-To"] = mail["References"] = message.in_reply_to
    if message.body_html:
        mail.add_alternative(message.body_html, subtype="html")
    if attachment is not None:
        mail.add_attachment(
            attachment, maintype="application", subtype="octet-stream", filename=message.attachment_name
        )
    return mail


def _attachment(message: Message, attachments: Archive | None) -> bytes | None:
    if message.attachment_hash is None:
        return None
    if attachments is None:
        raise RuntimeError("this mail has an attachment, and send_pending was given no place of attachments")
    with attachments.open(message.attachment_hash) as stream:
        return stream.read()

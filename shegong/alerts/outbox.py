"""Sends what waits in ops.outbox, each message to its recipient once and in order, and keeps what was answered.

At least once: a try is written down and committed before the message leaves, its outcome after. Whoever is killed
between the two leaves a message that goes a second time when its lease is over, under the same identity; it is never
lost, and a message that kills its sender is given up after MOST_TRIES. At most once would lose alerts instead.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import class_row

from shegong.alerts import delivery_incidents
from shegong.alerts.channels.channel import Answer, Channel, Message, NotSent, Refused, TryLater, utc_now
from shegong.archive import Archive

MOST_TRIES = 100  # at half an hour each, two days
LEASE = timedelta(minutes=15)  # longer than any server may take for one message
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
Clock = Callable[[], datetime]


@dataclass
class Outcome:
    """What one call did: message ids."""

    sent: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)


def send_pending(
    connection: psycopg.Connection,
    channels: Mapping[str, Channel],
    now: datetime,
    attachments: Archive | None = None,
    clock: Clock = utc_now,
) -> Outcome:
    """Send all that is due by `clock`, the real one; `now` is the run's, for the ledger.

    A message waits while an earlier one to its recipient does. What fails is tried again by later calls, after a wait
    that doubles; after a refusal for good only when a person asks. Two senders at once: each message is taken by one.
    What has an attachment needs `attachments`, where they lie.
    """
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        raise RuntimeError("send_pending commits after each step: call it outside a transaction")
    sender = _Sender(connection, channels, now, attachments, clock)
    try:
        while sender.next():
            pass
    finally:
        for channel in channels.values():
            channel.close()
    return sender.outcome


def retry(connection: psycopg.Connection, message_id: int | None = None) -> int:
    """Let what was given up (one message, or all) be tried again with the next call; how many. The caller commits."""
    return connection.execute(
        "update ops.outbox set given_up_at = null, attempts = 0, next_try_at = null"
        " where given_up_at is not null and message_id = coalesce(%s, message_id)",
        [message_id],
    ).rowcount


class _Sender:
    """One pass over the outbox. `_passed`: what this pass has looked at."""

    def __init__(
        self,
        connection: psycopg.Connection,
        channels: Mapping[str, Channel],
        now: datetime,
        attachments: Archive | None,
        clock: Clock,
    ) -> None:
        self._connection, self._channels, self._now = connection, channels, now
        self._attachments, self._clock = attachments, clock
        self._passed = 0
        self.outcome = Outcome()

    def next(self) -> bool:
        """Take the next message that is due and try it; whether there was one."""
        with self._connection.transaction():
            message = self._due()
            if message is None:
                return False
            self._passed = message.message_id
            if not self._may_go(message):
                return True
            self._claim(message)
        channel = self._channels[message.channel]
        try:
            answer = channel.send(message, self._attachment(message))
        except (Refused, TryLater) as error:
            self._failed(channel, message, error)
        except Exception as error:  # noqa: BLE001 - a message that can't be made up must not stop the others
            self._failed(channel, message, TryLater(type(error).__name__, "not sent"))
        else:
            self._sent(message, answer)
        return True

    def _due(self) -> Message | None:
        query = """
            select
                message_id, dedupe_key, channel, recipient, subject, body_text, body_html, created_at,
                attachment_hash, attachment_name, in_reply_to, attempts
            from ops.outbox as message
            where
                sent_at is null and given_up_at is null and message_id > %s and channel = any(%s)
                and coalesce(next_try_at <= %s, true)
                and not exists (
                    select from ops.outbox as earlier
                    where
                        earlier.sent_at is null and earlier.given_up_at is null
                        and earlier.channel = message.channel and earlier.recipient = message.recipient
                        and earlier.message_id < message.message_id
                )
            order by message_id
            limit 1
            for update skip locked
        """
        values = [self._passed, list(self._channels), self._clock()]
        with self._connection.cursor(row_factory=class_row(Message)) as cursor:
            return cursor.execute(query, values).fetchone()

    def _may_go(self, message: Message) -> bool:
        """Not beyond what the service takes from one robot in a minute."""
        channel = self._channels[message.channel]
        if channel.per_minute is None:
            return True
        query = "select count(*) from ops.outbox where channel = %s and recipient = %s and tried_at > %s"
        since = self._clock() - timedelta(minutes=1)
        values = [message.channel, message.recipient, since]
        return self._connection.execute(query, values).fetchone()[0] < channel.per_minute

    def _claim(self, message: Message) -> None:
        at = self._clock()
        self._connection.execute(
            "update ops.outbox set attempts = attempts + 1, tried_at = %s, next_try_at = %s where message_id = %s",
            [at, at + LEASE, message.message_id],
        )

    def _attachment(self, message: Message) -> bytes | None:
        if message.attachment_hash is None:
            return None
        if self._attachments is None:
            raise RuntimeError(
                "this mail has an attachment, and send_pending was given no place of attachments"
            )
        with self._attachments.open(message.attachment_hash) as stream:
            return stream.read()

    def _sent(self, message: Message, answer: Answer) -> None:
        with self._connection.transaction():
            self._connection.execute(
                "update ops.outbox set sent_at = %s, delivered_at = %s, answer_code = %s, last_error = null,"
                " next_try_at = null where message_id = %s",
                [
                    self._now,
                    self._clock() if answer.is_delivered else None,
                    answer.code,
                    message.message_id,
                ],
            )
            delivery_incidents.recovered(self._connection, message, self._now)
        self.outcome.sent.append(message.message_id)

    def _failed(self, channel: Channel, message: Message, error: NotSent) -> None:
        tries = message.attempts + 1
        is_over = isinstance(error, Refused) or tries >= MOST_TRIES
        is_service = isinstance(error, TryLater) and error.is_service
        wait = (error.wait if isinstance(error, TryLater) else None) or back_off(message, tries)
        with self._connection.transaction():
            self._connection.execute(
                "update ops.outbox set answer_code = %s, last_error = %s, next_try_at = %s, given_up_at = %s"
                " where message_id = %s",
                [
                    error.code,
                    str(error),
                    self._clock() + wait,
                    self._clock() if is_over else None,
                    message.message_id,
                ],
            )
            delivery_incidents.failed(self._connection, message, error, tries, is_over, self._now)
            if is_service:
                self._postpone(channel, message, self._clock() + wait)
        (self.outcome.given_up if is_over else self.outcome.waiting).append(message.message_id)

    def _postpone(self, channel: Channel, message: Message, until: datetime) -> None:
        """What else waits for this server waits as long: it's asked once, and the first message is the first again."""
        service = channel.service(message.recipient)
        query = """
            select distinct recipient from ops.outbox
            where channel = %s and sent_at is null and given_up_at is null
        """
        waiting = [recipient for (recipient,) in self._connection.execute(query, [message.channel])]
        same = [recipient for recipient in waiting if _service(channel, recipient) == service]
        self._connection.execute(
            "update ops.outbox set next_try_at = greatest(next_try_at, %s)"
            " where channel = %s and recipient = any(%s) and sent_at is null and given_up_at is null",
            [until, message.channel, same],
        )


def back_off(message: Message, tries: int) -> timedelta:
    """Twice as long after each try, up to half an hour; a quarter less by chance, the same for the same try."""
    longest = min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
    chance = int(hashlib.sha256(json.dumps([message.identity, tries]).encode()).hexdigest()[:8], 16) / 2**32
    return longest * (1 - chance / 4)


def _service(channel: Channel, recipient: str) -> str | None:
    try:
        return channel.service(recipient)
    except Refused:
        return None

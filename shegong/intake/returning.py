"""Takes a receipt back the way that its file came: into the place, by mail, or, where neither is allowed, kept here.

Kept receipts and those that wait for their mail lie encrypted beside the archive (they hold personal data).
"""

import io
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import psycopg

from shegong.archive import Archive
from shegong.intake import source_reports
from shegong.intake.places.place import COUNTIES, SourceError
from shegong.intake.places.reach import Reach, no_access
from shegong.intake.receipt_ledger import Delivery
from shegong.settings import Settings

KEPT = "kept:"  # receipt_path of a receipt that no way leads back for; the rest is its hash
MAILED = "mail:"


def receipts_archive(settings: Settings, path: Callable) -> Archive:
    """Where receipts lie that wait for a mail or for somebody to hand them out."""
    return Archive(path(settings.archive_url) / "receipts", settings.archive_key)


class Returner:
    """Gives receipts back, by source; a source that can't be written to is an incident and waits for the next run."""

    def __init__(
        self, settings: Settings, connection: psycopg.Connection, now: datetime, path: Callable, places=None,
        access: Callable = no_access,
    ) -> None:  # fmt: skip
        self._connection, self._now = connection, now
        self._kept = receipts_archive(settings, path)
        self._places = path(settings.counties_url) if places is None else places
        self._reach, self._has_access = Reach(settings, connection, path, access), access is not no_access

    def __enter__(self) -> "Returner":
        return self

    def __exit__(self, *error) -> None:
        self._reach.__exit__(*error)

    def give_back(self, delivery: Delivery, name: str, content: bytes) -> str | None:
        """Where the receipt is now; None where its source can't be written to at present."""
        source_name, reply = self._connection.execute(
            "select source_name, reply from ops.delivery where delivery_id = %s", [delivery.delivery_id]
        ).fetchone()
        if source_name == COUNTIES:
            target = self._places / delivery.place_unit_code / "receipts" / name
            put(target, content)
            return str(target)
        source = self._reach.sources.get(source_name)
        if source is None or source.receipts_address is None:
            return KEPT + self._keep(content)
        if source.kind == "imap":
            return self._mail(delivery, reply, name, content)
        if source.connection_id and not self._has_access:
            return None  # a person's command holds no logins: the next run of the DAG writes it
        return self._write(source, delivery, name, content)

    def _write(self, source, delivery: Delivery, name: str, content: bytes) -> str | None:
        try:
            place = self._reach.place(source.source_name)
            address = place.give_back(delivery.place_unit_code, name, content)
        except SourceError as error:
            self._reach.give_up(source.source_name, error)
            source_reports.failed(self._connection, source, "write", error, self._now)
            return None
        source_reports.succeeded(self._connection, source, "write", self._now)
        return address

    def _mail(self, delivery: Delivery, reply: dict, name: str, content: bytes) -> str:
        """One mail for each state that the delivery was answered in, to the address that the bureau registered."""
        # a notice may go back with the receipt of the same run
        key = f"receipt:{delivery.delivery_id}:{self._now.isoformat()}:{name}"
        text = f"{delivery.unit_name}：贵单位报送的文件 {delivery.file_name} 已处理，回执见附件。\n"
        self._connection.execute(
            """insert into ops.outbox (dedupe_key, recipient, subject, body_text, body_html, created_at,
                attachment_hash, attachment_name, in_reply_to)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (dedupe_key) do nothing""",
            [
                key, reply["to"], f"回执：{delivery.file_name}", text, "", self._now, self._keep(content), name,
                reply.get("message_id") or None,
            ],
        )  # fmt: skip
        return MAILED + key

    def _keep(self, content: bytes) -> str:
        return self._kept.put(io.BytesIO(content))[0]


def put(target, content: bytes) -> None:
    """The file gets its name last: after a kill there is the receipt of before, never half of one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.parent / f".{os.getpid()}-{os.urandom(4).hex()}.part"
    try:
        unfinished.write_bytes(content)
        unfinished.rename(target)
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()

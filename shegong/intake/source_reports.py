"""What became of a source goes into the ledger: its last look, and an incident from its first failure to its recovery."""

from datetime import datetime

import psycopg

from shegong.alerts import incidents
from shegong.intake.places.place import FAILURES, Place, Source, SourceError

_STAGES = {"look": "查看新文件", "read": "读取文件", "write": "送回回执"}


def failed(
    connection: psycopg.Connection, source: Source, stage: str, error: SourceError, now: datetime
) -> None:
    """Open the incident of this source and stage, or see it again."""
    happened, mend = FAILURES[error.why]
    is_ours = error.why == "misconfigured" or source.unit_code is None
    with connection.transaction():
        incidents.open_incident(
            connection,
            cause=f"source:{source.source_name}:{stage}",
            kind="source",
            severity="critical" if error.why in ("host_key", "tls") else "warning",
            audience="engineers" if is_ours else "county",
            title=f"报送渠道 {source.source_name}：{happened}",
            details=f"{_STAGES[stage]}时{happened}（{source.kind}）。{mend}。",
            area_code=source.unit_code or incidents.PROVINCE,
            now=now,
        )
        if stage == "look":
            _note(connection, source, now, None, 0, str(error))


def succeeded(connection: psycopg.Connection, source: Source, stage: str, now: datetime) -> None:
    """End the incident of this source and stage, if there is one."""
    incidents.resolve(connection, f"source:{source.source_name}:{stage}", now)


def looked(
    connection: psycopg.Connection, source: Source, place: Place, new_files: int, now: datetime
) -> None:
    """A look that went well. With nothing new, nothing is left that could not be read."""
    with connection.transaction():
        succeeded(connection, source, "look", now)
        if not new_files:
            succeeded(connection, source, "read", now)
        _strangers(connection, source, getattr(place, "strangers", 0), now)
        _note(connection, source, now, now, new_files, None)


def _strangers(connection: psycopg.Connection, source: Source, mails: int, now: datetime) -> None:
    """Mails with attachments that nobody registered sent: how many, never who; they lie in the mailbox."""
    cause = f"source:{source.source_name}:strangers"
    if not mails:
        incidents.resolve(connection, cause, now)
        return
    incidents.open_incident(
        connection,
        cause=cause,
        kind="source",
        severity="warning",
        audience="bureau",
        title=f"邮箱 {source.source_name} 有 {mails} 封带附件的来信不是登记的联系人发来的",
        details="这些来信没有处理，仍在邮箱中。是单位的新联系人的，请先登记；不是的，请移出收件箱。",
        area_code=source.unit_code or incidents.PROVINCE,
        now=now,
    )


def _note(
    connection: psycopg.Connection,
    source: Source,
    now: datetime,
    succeeded_at: datetime | None,
    new_files: int,
    error: str | None,
) -> None:
    connection.execute(
        """insert into ops.source_look as known (source_name, looked_at, succeeded_at, new_files, last_error)
        values (%s, %s, %s, %s, %s) on conflict (source_name) do update set
            looked_at = excluded.looked_at, new_files = excluded.new_files, last_error = excluded.last_error,
            succeeded_at = coalesce(excluded.succeeded_at, known.succeeded_at)""",
        [source.source_name, now, succeeded_at, new_files, error],
    )

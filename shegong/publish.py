"""Publishes an audited candidate by swapping two schemas (architecture, decision 6).

First the candidate is finished where nobody reads it (failed domains carried over, counted, analysed), then,
once no snapshot of BI is older than that, one transaction writes the record, grants and renames. A reader's
statement sees one publication whole. Nothing here asks whether figures are right: that is audit.py.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from shegong import database, marts_schemas, measure_record, star
from shegong.errors import ShegongError
from shegong.quality import carry, domains, set_aside
from shegong.quality.carry import CANDIDATE
from shegong.settings import Settings
from shegong.stage_time import note_stage

# How long a reader whose snapshot is older than the candidate may go on before it gets an error.
PATIENCE_SECONDS = 30.0

_BUSY = "publication {} can't be published: {}"


@dataclass(frozen=True)
class Publication:
    """The record of a publication: whose figures each domain shows, and how many rows each table has."""

    publication_id: int
    published_at: datetime
    domains: dict[str, int | None]
    row_counts: dict[str, int]
    ended_readers: int = 0
    left_behind: tuple[str, ...] = field(default=())


def publish(
    settings: Settings, now: datetime, publication_id: int, patience: float = PATIENCE_SECONDS
) -> Publication:
    """Put the audited candidate in the place of what is published; returns its record.

    Run again: a publication that is published is returned as it is; one that was killed before the swap is
    finished anew. Raises ShegongError when another publisher is at work, when the candidate isn't audited,
    when a newer one has taken its place, or when no domain passed.
    """
    began = time.perf_counter()
    dsn = settings.dsn["publisher"]
    with marts_schemas.alone(dsn):
        with database.connect(dsn) as connection:
            if done := _published(connection, publication_id):
                return done
            verdict = _verdict(connection, publication_id)
            counts = _finish(connection, publication_id, verdict)
        ended = marts_schemas.wait_for_readers(dsn, patience)
        with database.connect(dsn) as connection:
            _verdict(connection, publication_id)
            _swap(connection, now, publication_id, counts)
        left_behind = marts_schemas.drop_old(dsn)
        _write_time(dsn, now, time.perf_counter() - began, sum(counts.values()))
    return Publication(publication_id, now, verdict, counts, ended, left_behind)


def _published(connection: psycopg.Connection, publication_id: int) -> Publication | None:
    query = """
        select published_at, domains, row_counts
        from ops.publication where publication_id = %s and state = 'published'
    """
    row = connection.execute(query, [publication_id]).fetchone()
    return Publication(publication_id, *row) if row else None


def _verdict(connection: psycopg.Connection, publication_id: int) -> dict[str, int | None]:
    """Domain -> publication that its figures are of, as the audit decided. Locks the record until the end."""
    query = """
        select state, domains, (select max(publication_id) from ops.publication)
        from ops.publication where publication_id = %s for update
    """
    row = connection.execute(query, [publication_id]).fetchone()
    if row is None:
        raise ShegongError(_BUSY.format(publication_id, "there is no such publication"), "Build one first.")
    state, verdict, newest = row
    if state != "audited":
        raise ShegongError(
            _BUSY.format(publication_id, f"it is {state}"), "Only an audited candidate is published."
        )
    if newest != publication_id:
        text = f"marts_next may be that of publication {newest}"
        raise ShegongError(_BUSY.format(publication_id, text), f"Publish {newest} when it is audited.")
    if publication_id not in verdict.values():
        text = "no domain passed its audit"
        raise ShegongError(_BUSY.format(publication_id, text), "What is published stays. See ops.verdict.")
    return verdict


def _finish(
    connection: psycopg.Connection, publication_id: int, verdict: dict[str, int | None]
) -> dict[str, int]:
    """Carry failed domains over into the candidate; returns the rows of each of its tables.

    It commits before the swap: rows carried over in the swap's own transaction would be missing, without an
    error, for a snapshot taken just before it.
    """
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(database.OWNER)))
    tables = domains.of_candidate(connection, CANDIDATE)
    if not tables:
        text = "marts_next is empty"
        raise ShegongError(_BUSY.format(publication_id, text), "Build the candidate, audit it, then publish.")
    # A publisher that was killed here has declared them already.
    star.forget(connection, CANDIDATE)
    failed = {domain: source for domain, source in verdict.items() if source != publication_id}
    if failed:
        with set_aside.views(connection, CANDIDATE) as growing:
            for domain, source in failed.items():
                carry.over(connection, domain, tables, growing, has_earlier=source is not None)
    counts = {}
    for table, kind in sorted(domains.relations(connection, CANDIDATE).items()):
        # Views over growing histories are not counted: a day's cost would follow the history.
        if kind == "r":
            name = sql.Identifier(CANDIDATE, table)
            counts[table] = connection.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()[0]
            connection.execute(sql.SQL("analyze {}").format(name))
    star.declare(connection, CANDIDATE)
    connection.execute("reset role")
    return counts


def _swap(connection: psycopg.Connection, now: datetime, publication_id: int, counts: dict[str, int]) -> None:
    if measure_record.TABLE in counts:
        measure_record.write(connection, now, publication_id)
    marts_schemas.put_in_place(connection, CANDIDATE, marts_schemas.current(connection))
    connection.execute(
        "update ops.publication set state = 'published', published_at = %s, row_counts = %s"
        " where publication_id = %s",
        [now, Jsonb(counts), publication_id],
    )


def _write_time(dsn: str, now: datetime, seconds: float, rows: int) -> None:
    with database.connect(dsn) as connection:
        note_stage(connection, now, "publish", seconds, rows=rows)

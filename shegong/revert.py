"""Puts an earlier publication back in the place of what is read: the swap backwards. Data and history stay.

The next build would publish what was just taken back, so every domain is held until a person lifts that.
"""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from shegong import database, gate, marts_schemas, measure_record
from shegong.errors import ShegongError
from shegong.settings import Settings


@dataclass(frozen=True)
class Reverted:
    """What was read before, what is read now, and the domains that are held from now on."""

    from_publication: int
    to_publication: int
    held: tuple[str, ...]


def revert(
    settings: Settings, now: datetime, publication_id: int, by: str, reason: str, *, hold: bool = True
) -> Reverted:
    """Make an earlier publication, whose schema still stands, the one that is read; in one transaction.

    A reverted publication can be put back in the same way. Readers see one or the other: both are older than their
    snapshots. Run again: nothing changes. Raises ShegongError when another publisher is at work, or the publication
    is not there any more.
    """
    dsn = settings.dsn["publisher"]
    held: tuple[str, ...] = ()
    with marts_schemas.alone(dsn), database.connect(dsn) as connection:
        last = marts_schemas.current(connection)
        if publication_id != last:
            _put_back(connection, now, publication_id, last, by, reason)
        if hold and publication_id < last:
            held = tuple(gate.names())
        for domain in held:
            gate.put_hold(connection, now, domain, by, f"回退到第 {publication_id} 次发布：{reason}")
    return Reverted(last, publication_id, held)


def _put_back(
    connection: psycopg.Connection, now: datetime, publication_id: int, last: int, by: str, reason: str
) -> None:
    standing = marts_schemas.kept(connection)
    if publication_id not in standing:
        there = ", ".join(str(number) for number in sorted(standing)) or "none"
        raise ShegongError(
            f"Publication {publication_id} can't be put back: its marts are no longer there.",
            f"There are: {there}. An older day can be built beside them: `shegong ask`.",
            "publication_gone",
        )
    measure_record.rewrite(connection, now, publication_id, standing[publication_id])
    marts_schemas.put_in_place(connection, standing[publication_id], last)
    connection.execute(
        "update ops.publication set state = 'reverted' where state = 'published' and publication_id > %s",
        [publication_id],
    )
    connection.execute(
        "update ops.publication set state = 'published' where state = 'reverted' and publication_id = %s",
        [publication_id],
    )
    connection.execute(
        "insert into ops.publication_act (from_publication, to_publication, acted_by, acted_at, reason)"
        " values (%s, %s, %s, %s, %s)",
        [last, publication_id, by, now, reason],
    )

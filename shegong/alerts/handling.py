"""A person's hand on an incident, each act kept in ops.incident_act. The caller commits.

An act on an incident that ended, or that isn't known, raises ShegongError and changes nothing. An explained
incident stays out of the digests until its title or severity changes, a muted one until its date. What a person
resolved but is still wrong opens anew at the next look, with reference to the former.
"""

from datetime import datetime

import psycopg
from psycopg import sql

from shegong.alerts.incidents import without_numbers
from shegong.errors import ShegongError

ACTS = ("acknowledge", "assign", "mute", "explain", "resolve")  # each a function here


def acknowledge(
    connection: psycopg.Connection, incident_id: int, by: str, reason: str, now: datetime
) -> None:
    """Somebody has seen it; an explanation given earlier stands."""
    _change(
        connection,
        incident_id,
        by,
        reason,
        sql.SQL("state = case state when 'open' then 'acknowledged' else state end"),
        {},
    )
    _keep(connection, incident_id, "acknowledge", by, reason, now)


def assign(
    connection: psycopg.Connection, incident_id: int, by: str, reason: str, now: datetime, assignee: str
) -> None:
    """Give it to one person, by name."""
    if not assignee.strip():
        raise ShegongError("No assignee was named.", "Name the person who takes the incident.")
    _change(connection, incident_id, by, reason, sql.SQL("assignee = %(assignee)s"), {"assignee": assignee})
    _keep(connection, incident_id, "assign", by, reason, now, assignee=assignee)


def mute(
    connection: psycopg.Connection, incident_id: int, by: str, reason: str, now: datetime, until: datetime
) -> None:
    """No digest tells of it before `until`."""
    if until <= now:
        raise ShegongError(f"{until:%Y-%m-%d} is past.", "Mute until a later date.")
    _change(connection, incident_id, by, reason, sql.SQL("muted_until = %(until)s"), {"until": until})
    _keep(connection, incident_id, "mute", by, reason, now, muted_until=until)


def explain(connection: psycopg.Connection, incident_id: int, by: str, reason: str, now: datetime) -> None:
    """It's known why: told again when it changes."""
    _change(connection, incident_id, by, reason, sql.SQL("state = 'explained'"), {})
    _keep(connection, incident_id, "explain", by, reason, now)


def resolve(connection: psycopg.Connection, incident_id: int, by: str, reason: str, now: datetime) -> None:
    """End it by hand."""
    _change(
        connection,
        incident_id,
        by,
        reason,
        sql.SQL("state = 'resolved', resolved_at = %(now)s"),
        {"now": now},
    )
    _keep(connection, incident_id, "resolve", by, reason, now)


def _change(
    connection: psycopg.Connection, incident_id: int, by: str, reason: str, change: sql.SQL,
    values: dict[str, object],
) -> None:  # fmt: skip
    if not by.strip() or not reason.strip():
        raise ShegongError("An act needs a name and a reason.", "Say who (by) and why (reason).")
    query = sql.SQL(
        "update ops.incident set {} where incident_id = %(incident_id)s and state <> 'resolved'"
    ).format(change)
    if not connection.execute(query, {**values, "incident_id": incident_id}).rowcount:
        raise ShegongError(
            f"No open incident has the number {incident_id}.", "`shegong incidents list` shows the open ones."
        )


def _keep(
    connection: psycopg.Connection, incident_id: int, act: str, by: str, reason: str, now: datetime,
    assignee: str | None = None, muted_until: datetime | None = None,
) -> None:  # fmt: skip
    connection.execute(
        "insert into ops.incident_act (incident_id, act, acted_by, acted_at, reason, assignee, muted_until)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        [incident_id, act, by, now, without_numbers(reason), assignee, muted_until],
    )

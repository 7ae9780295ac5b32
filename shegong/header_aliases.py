"""Headings that are data: what intake proposed, what a person approved for a unit or for all, from which report date.

The ledger's side only; which field a heading may be is found in shegong/intake/headings.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.rows import dict_row

from shegong import contract
from shegong.errors import ShegongError
from shegong.intake.headings import Known

_NOTE = """
insert into ops.header_alias (table_name, header, field_name, unit_code, score, first_seen_at, last_seen_at)
values (%s, %s, %s, %s, %s, %s, %s)
on conflict (table_name, header, unit_code) do update
set times_seen = header_alias.times_seen + 1, last_seen_at = excluded.last_seen_at
"""
_LIST = """
select
    alias_id, table_name, header, field_name, unit_code, unit_name, state, score, times_seen, last_seen_at,
    header_alias.valid_from, decided_by
from ops.header_alias left join reference.unit using (unit_code)
where (%(state)s::text is null or state = %(state)s) and (%(table)s::text is null or table_name = %(table)s)
order by state, table_name, times_seen desc, header, unit_code
"""
_DECIDE = """
update ops.header_alias
set state = %(state)s, field_name = %(field)s, valid_from = %(valid_from)s, decided_by = %(by)s, decided_at = %(now)s
where alias_id = %(alias_id)s
"""
# for all units: one row without a unit, and every unit's own proposal of that heading is decided with it
_FOR_ALL = """
insert into ops.header_alias (
    table_name, header, field_name, state, score, times_seen, first_seen_at, last_seen_at, valid_from, decided_by, decided_at
)
select table_name, header, %(field)s, %(state)s, score, 0, first_seen_at, last_seen_at, %(valid_from)s, %(by)s, %(now)s
from ops.header_alias where alias_id = %(alias_id)s
on conflict (table_name, header, unit_code) do update
set state = excluded.state, field_name = excluded.field_name, valid_from = excluded.valid_from,
    decided_by = excluded.decided_by, decided_at = excluded.decided_at
"""
_WITH_IT = """
update ops.header_alias as own
set state = %(state)s, field_name = %(field)s, valid_from = %(valid_from)s, decided_by = %(by)s, decided_at = %(now)s
from ops.header_alias as chosen
where
    chosen.alias_id = %(alias_id)s and own.table_name = chosen.table_name and own.header = chosen.header
    and own.state = 'proposed'
"""


@dataclass(frozen=True)
class Decided:
    """All decisions, read once a task. Rows: (table, header, field, unit or None, state, valid_from)."""

    rows: tuple[tuple, ...] = ()

    @property
    def headers(self) -> frozenset[str]:
        """Every approved heading: a sheet's header row is found by them before its unit and day are known."""
        return frozenset(header for _, header, _, _, state, _ in self.rows if state == "approved")

    def of(self, table: str, unit_code: str, day: date) -> Known:
        """A unit's own decision goes before the one for all."""
        approved, rejected = {}, set()
        for said_of, header, name, unit, state, valid_from in sorted(self.rows, key=lambda row: row[3] or ""):
            if said_of != table or unit not in (None, unit_code):
                continue
            if state == "rejected":
                approved.pop(header, None)
                rejected.add(header)
            elif valid_from <= day:
                approved[header] = name
        return Known(approved, frozenset(rejected))


def read(connection: psycopg.Connection) -> Decided:
    query = "select table_name, header, field_name, unit_code, state, valid_from from ops.header_alias where state <> 'proposed'"
    return Decided(tuple(connection.execute(query).fetchall()))


def note(
    connection: psycopg.Connection, table: str, unit_code: str, proposals: Iterable, now: datetime
) -> None:
    """Keep what a file's headings seem to be (intake/headings.py: Proposal); a heading seen again is counted."""
    rows = sorted((table, p.header, p.field.name, unit_code, round(p.score, 2), now, now) for p in proposals)
    connection.cursor().executemany(_NOTE, rows)


def listed(connection: psycopg.Connection, state: str | None = None, table: str | None = None) -> list[dict]:
    """Proposals and decisions, a dict each, the most frequent first."""
    return connection.cursor(row_factory=dict_row).execute(_LIST, {"state": state, "table": table}).fetchall()


def approve(
    connection: psycopg.Connection,
    alias_id: int,
    *,
    by: str,
    now: datetime,
    valid_from: date,
    for_all: bool = False,
    field_name: str | None = None,
) -> dict:
    """From `valid_from` on the heading is the field, for its unit or `for_all`; the row as it stands now.

    Approving again only moves the day or the field. Raises ShegongError for an unknown id or field.
    """
    row = _row(connection, alias_id)
    name = field_name or row["field_name"]
    table = contract.load(on=valid_from)[row["table_name"]]
    if name not in {f.name for f in table.fields}:
        raise ShegongError(
            f"{table.table} has no field {name} on {valid_from}",
            f"Known are: {', '.join(f.name for f in table.fields)}.",
        )
    return _decide(connection, row, "approved", by, now, valid_from, for_all, name)


def reject(
    connection: psycopg.Connection, alias_id: int, *, by: str, now: datetime, for_all: bool = False
) -> dict:
    """The heading means none of our fields: it is not read, and not proposed again."""
    row = _row(connection, alias_id)
    return _decide(connection, row, "rejected", by, now, None, for_all, row["field_name"])


def _row(connection: psycopg.Connection, alias_id: int) -> dict:
    query = "select * from ops.header_alias where alias_id = %s for update"
    row = connection.cursor(row_factory=dict_row).execute(query, [alias_id]).fetchone()
    if row is None:
        raise ShegongError(f"there is no alias {alias_id}", "See: shegong alias list")
    return row


def _decide(
    connection: psycopg.Connection,
    row: dict,
    state: str,
    by: str,
    now: datetime,
    valid_from: date | None,
    for_all: bool,
    name: str,
) -> dict:
    if len(by.strip()) < 2:
        raise ShegongError("who decides?", "Give a person's name: --by 张三")
    said = {
        "alias_id": row["alias_id"],
        "state": state,
        "field": name,
        "valid_from": valid_from,
        "by": by,
        "now": now,
    }
    if for_all and row["unit_code"] is not None:
        connection.execute(_FOR_ALL, said)
        connection.execute(_WITH_IT, said)
    connection.execute(_DECIDE, said)
    return _row(connection, row["alias_id"])

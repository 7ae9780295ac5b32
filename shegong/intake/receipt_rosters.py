"""What a receipt tells of full rosters: beside what was in force, and which keys one lacks for the first time.

Keys that two rosters in a row lack are findings (register/rosters.py) and not repeated here. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import class_row, namedtuple_row

from shegong import contract

# A list for people: beyond this the rest is counted and not listed.
MOST_MISSING = 5_000


@dataclass(frozen=True)
class Missing:
    """A key in force that the roster lacks for the first time, where it stood last; `shown` is masked if personal."""

    shown: str
    file_name: str
    sheet_name: str
    row_number: int | None


@dataclass
class Roster:
    """One full roster: its rows beside what its unit had in force when it came. `missing` is cut at MOST_MISSING."""

    submission_id: int
    rows_before: int
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_gone: int
    gone_first: int
    missing: list[Missing] = field(default_factory=list)


# A roster that a newer one replaced says nothing of the present any more.
_ROSTERS = """
select c.submission_id, c.rows_before, c.rows_new, c.rows_changed, c.rows_same, c.rows_gone,
    (select count(*) from ops.roster_missing as m where m.submission_id = c.submission_id and m.times = 1) as gone_first
from ops.roster_change as c inner join ops.submission as s on s.submission_id = c.submission_id
where c.submission_id = any(%s) and s.state <> 'replaced'
order by c.submission_id
"""
_MISSING = """
select s.table_name, m.row_key, m.person_mask, d.file_name, m.sheet_name, m.row_number
from ops.roster_missing as m
inner join ops.submission as s on s.submission_id = m.submission_id
inner join ops.submission as stood on stood.submission_id = m.stood_in
inner join ops.delivery as d on d.delivery_id = stood.delivery_id
where m.submission_id = %s and m.times = 1
order by d.delivery_id, m.sheet_name, m.row_number, m.row_key limit %s
"""


def read(connection: psycopg.Connection, submission_ids: Sequence[int]) -> list[Roster]:
    """The rosters among these submissions, in order; none for those that were not compared."""
    with connection.cursor(row_factory=class_row(Roster)) as cursor:
        rosters = cursor.execute(_ROSTERS, [list(submission_ids)]).fetchall()
    for roster in rosters:
        if roster.gone_first:
            roster.missing = _missing(connection, roster.submission_id)
    return rosters


def _missing(connection: psycopg.Connection, submission_id: int) -> list[Missing]:
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows = cursor.execute(_MISSING, [submission_id, MOST_MISSING]).fetchall()
    return [
        Missing(_shown(row.table_name, row.row_key, row.person_mask), row.file_name, row.sheet_name, row.row_number)
        for row in rows
    ]  # fmt: skip


def _shown(table_name: str, row_key: str, mask: str | None) -> str:
    """A key as a clerk may read it: the mask in the person's place, codes with their labels, without the unit."""
    table = contract.load()[table_name]
    fields = {one.name: one for one in table.fields}
    parts = [mask] if mask else []
    for name, value in zip(table.key, row_key.split("|", len(table.key) - 1), strict=True):
        codes = fields[name].codes if name in fields else None
        if name not in ("_unit_code", "person_key"):
            parts.append(codes.codes.get(value, value) if codes else value)
    return "，".join(part for part in parts if part)

"""收数看板: what each unit sent of each table for each day, or owes. One letter a cell; reads the ledger only.

A cell shows what still waits for a person, if anything does, else what came last; where nothing came, what the rules of
due times say of it (ops.report_due, which every build brings up to date).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg

from shegong import areas, contract
from shegong.calendar import WorkCalendar
from shegong.due import DueRules, overdue_from

# A state -> its letter in a cell. The page has a sign and a colour for each (static/board.js, page.css).
LETTERS = {
    "unreported": "u", "nil": "n", "accepted": "a", "partly_accepted": "p", "held": "h", "refused": "r",
    "overdue": "o", "extended": "e", "covered": "c", "staged": "s",
}  # fmt: skip
NOTHING = "."
MOST_DAYS = 92
# A file that was refused before its table was known stands in a column of its own.
WHOLE_FILE = "_file"

# Letters and days are put together by the server: a full month is 70,000 cells, which cost more one by one.
_CELLS = """
with came as (
    select
        unit_code, coalesce(table_name, %(file)s) as table_name,
        coalesce(report_date, (received_at at time zone 'Asia/Shanghai')::date) as day,
        case when bool_or(state = 'held') then 'held' else (array_agg(state order by received_at desc, sequence desc nulls last, version desc))[1] end as state
    from ops.submission
    where
        state <> 'replaced' and received_at <= %(now)s
        and coalesce(report_date, (received_at at time zone 'Asia/Shanghai')::date) between %(first)s and %(last)s
        -- of what was read again, the latest reading; asked so, one hash serves all rows
        and submission_id not in (select replay_of from ops.submission where replay_of is not null)
    group by 1, 2, 3
),
owed as (
    select
        r.unit_code, r.table_name, r.report_day as day,
        case
            when r.came_at <= %(now)s then 'covered' when r.due_at <= %(overdue)s then 'overdue'
            when e.unit_code is not null then 'extended' else 'unreported'
        end as state
    from ops.report_due as r
    left join reference.extension as e
        on
            e.unit_code = r.unit_code and e.table_name = r.table_name
            and e.extended_to = (r.due_at at time zone 'Asia/Shanghai')::date
    where r.report_day between %(first)s and %(last)s
)
select unit_code, table_name, array_agg(day - %(first)s::date), string_agg(%(letters)s::jsonb ->> coalesce(came.state, owed.state), '')
from came full join owed using (unit_code, table_name, day)
group by unit_code, table_name
"""
_DUE = "select distinct due_at from ops.report_due where report_day between %s and %s"


@dataclass(frozen=True)
class Matrix:
    """`cells`: one text a unit, its letters table by table and within a table day by day."""

    days: list[tuple[str, bool]]
    units: list[tuple[str, str, str]]
    cities: list[tuple[str, str]]
    tables: list[tuple[str, str]]
    cells: list[str]


def read(connection: psycopg.Connection, first: date, last: date, now: datetime) -> Matrix:
    """The days from `first` to `last`, both included; raises ValueError for more than MOST_DAYS."""
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        raise ValueError(f"from {first} to {last}: at most {MOST_DAYS} days")
    calendar = WorkCalendar.from_database(connection)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    units = areas.units(connection, last)
    tables = [(table.table, table.title) for table in contract.load().values()] + [(WHOLE_FILE, "")]
    lines = _lines(connection, first, last, now, calendar)
    empty = NOTHING * len(days)
    cells = ["".join(lines.get((unit, table), empty) for table, _ in tables) for unit in units]
    cities = {u.city_code: u.city_name for u in units.values() if u.city_code and u.city_name}
    return Matrix(
        [(day.isoformat(), calendar.is_workday(day)) for day in days],
        [(u.unit_code, u.unit_name, u.city_code or "") for u in units.values()],
        sorted(cities.items()),
        tables,
        cells,
    )


def _lines(
    connection: psycopg.Connection, first: date, last: date, now: datetime, calendar: WorkCalendar
) -> dict[tuple[str, str], str]:
    """(unit, table) -> a letter for each day, where there is any."""
    values = {
        "file": WHOLE_FILE, "first": first, "last": last, "now": now, "letters": json.dumps(LETTERS | {"rejected": LETTERS["refused"]}),
        "overdue": _last_overdue(connection, first, last, now, calendar),
    }  # fmt: skip
    found = {}
    for unit, table, offsets, letters in connection.execute(_CELLS, values).fetchall():
        line = [NOTHING] * ((last - first).days + 1)
        for offset, letter in zip(offsets, letters, strict=True):
            line[offset] = letter
        found[unit, table] = "".join(line)
    return found


def _last_overdue(
    connection: psycopg.Connection, first: date, last: date, now: datetime, calendar: WorkCalendar
) -> datetime | None:
    """The latest due time that is overdue by now: all before it are."""
    rules = DueRules.from_database(connection)
    dues = [due for (due,) in connection.execute(_DUE, [first, last])]
    return max((due for due in dues if overdue_from(due, calendar, rules) <= now), default=None)


def last_days(connection: psycopg.Connection, now: datetime) -> tuple[date, date]:
    """What the board shows unless told otherwise: the month until the last day that anybody was asked for or reported."""
    query = """
        select greatest(
            (select max(report_day) from ops.report_due where report_day <= (%(now)s at time zone 'Asia/Shanghai')::date),
            (select max(report_date) from ops.submission where report_date <= (%(now)s at time zone 'Asia/Shanghai')::date)
        )
    """
    last = connection.execute(query, {"now": now}).fetchone()[0] or now.date()
    starts = DueRules.from_database(connection).collection_starts
    return (max(last - timedelta(30), starts) if starts < last else last - timedelta(30)), last

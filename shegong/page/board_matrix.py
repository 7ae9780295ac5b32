"""收数看板: what each unit sent of each table for each day, or owes. One letter a cell; reads the ledger only.

A cell shows what still waits for a person, if anything does, else what came last; where nothing came, what the rules of
due times say of it (ops.report_due, which every build brings up to date).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import psycopg

from shegong import areas, contract
from shegong.calendar import SHANGHAI, WorkCalendar, local_day
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

# Letters and days of a line (one unit's table) are put together by the server: a full month is 70,000 cells, which cost
# more one by one. Lines are numbered, since numbers are sorted faster than codes.
# A later letter of a cell counts: what came stands behind what was owed, what is held behind all.
_LINES = """
with lines as (
    select unit_code, table_name, row_number() over (order by unit, place) - 1 as line
    from unnest(%(units)s::text[]) with ordinality as units (unit_code, unit)
    cross join unnest(%(tables)s::text[]) with ordinality as tables (table_name, place)
)
"""
_OWED = f"""
{_LINES}
select
    lines.line, array_agg(r.report_day - %(first)s::date),
    string_agg(
        case
            when r.came_at <= %(now)s then 'c' when r.due_at < %(overdue)s then 'o' when e.unit_code is not null then 'e' else 'u'
        end, ''
    )
from ops.report_due as r
inner join lines using (unit_code, table_name)
left join reference.extension as e
    on
        e.unit_code = r.unit_code and e.table_name = r.table_name
        and e.extended_to = (r.due_at at time zone 'Asia/Shanghai')::date
where r.report_day between %(first)s and %(last)s
group by lines.line
"""  # noqa: S608 (constants)
_CAME = f"""
{_LINES},
came as (
    select
        lines.line, letters.value as letter, s.received_at, s.sequence, s.version,
        coalesce(s.report_date, (s.received_at at time zone 'Asia/Shanghai')::date) - %(first)s::date as day
    from ops.submission as s
    inner join lines on lines.unit_code = s.unit_code and lines.table_name = coalesce(s.table_name, %(file)s)
    inner join jsonb_each_text(%(letters)s) as letters on letters.key = s.state
    where
        s.received_at <= %(now)s
        -- of what was read again, the latest reading; asked so, one hash serves all rows
        and s.submission_id not in (select replay_of from ops.submission where replay_of is not null)
)
select
    line, array_agg(day order by letter = 'h', received_at, sequence nulls first, version),
    string_agg(letter, '' order by letter = 'h', received_at, sequence nulls first, version)
from came
where day between 0 and %(last)s::date - %(first)s::date
group by line
"""  # noqa: S608


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
    cells = _cells(connection, days, list(units), [table for table, _ in tables], now, calendar)
    cities = {u.city_code: u.city_name for u in units.values() if u.city_code and u.city_name}
    return Matrix(
        [(day.isoformat(), calendar.is_workday(day)) for day in days],
        [(u.unit_code, u.unit_name, u.city_code or "") for u in units.values()],
        sorted(cities.items()),
        tables,
        cells,
    )


def _cells(
    connection: psycopg.Connection, days: list[date], units: list[str], tables: list[str], now: datetime, calendar: WorkCalendar
) -> list[str]:  # fmt: skip
    """Each unit's letters."""
    values = {
        "units": units, "tables": tables, "file": WHOLE_FILE, "first": days[0], "last": days[-1], "now": now,
        "letters": json.dumps(LETTERS | {"rejected": LETTERS["refused"]}),
        "overdue": _overdue_before(now, calendar, DueRules.from_database(connection)),
    }  # fmt: skip
    cells = [NOTHING] * (len(units) * len(tables) * len(days))
    for query in (_OWED, _CAME):
        for line, offsets, letters in connection.execute(query, values).fetchall():
            for offset, letter in zip(offsets, letters, strict=True):
                cells[line * len(days) + offset] = letter
    a_unit = len(tables) * len(days)
    return ["".join(cells[at * a_unit : (at + 1) * a_unit]) for at in range(len(units))]


def _overdue_before(now: datetime, calendar: WorkCalendar, rules: DueRules) -> datetime:
    """The midnight before which all that was due is overdue by now."""
    day = datetime.combine(local_day(now), time(), SHANGHAI)
    while overdue_from(day, calendar, rules) > now:
        day -= timedelta(1)
    return day + timedelta(1)


def last_days(connection: psycopg.Connection, now: datetime) -> tuple[date, date]:
    """What the board shows unless told otherwise: the month until the last day that anybody was asked for or reported."""
    query = """
        select greatest(
            (select max(report_day) from ops.report_due where report_day <= (%(now)s at time zone 'Asia/Shanghai')::date),
            (select max(report_date) from ops.submission where report_date <= (%(now)s at time zone 'Asia/Shanghai')::date)
        )
    """
    last = connection.execute(query, {"now": now}).fetchone()[0] or local_day(now)
    starts = DueRules.from_database(connection).collection_starts
    return (max(last - timedelta(30), starts) if starts < last else last - timedelta(30)), last

"""When a submission is due, what is expected on a day, and what is overdue (submissions.md, "Cadence").

Readings decided here: a due day that is no working day moves to the next; a roster belongs to the month of
its report date; a monthly, quarterly or yearly table is due at the first due day of its cadence on or after its
report date, in any mode; a table of events is due on its day and expected on none: the day's nil report covers it;
a nil report says "no change today" and stands for a roster only on the roster's own day.
"""

import calendar as months
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import psycopg

from shegong import areas, contract
from shegong.calendar import SHANGHAI, WorkCalendar, local_day
from shegong.contract import Contract

# Cadences that report once a period, with the period's months.
PERIODS = {"monthly": 1, "quarterly": 3, "yearly": 12}
# A missed day is asked for this long; by then rosters of three months have told what it would have.
LOOK_BACK = timedelta(days=92)
# What has come, whether or not it counts yet. A refused or rejected one has to be sent again.
COME = ("staged", "accepted", "partly_accepted", "held", "nil", "replaced")
Report = tuple[str, date, datetime]  # mode or 'nil', report date, when it came


@dataclass(frozen=True)
class DueRules:
    """The bureau's parameters. `extensions`: (unit, table, due day) -> the later day that was granted."""

    due_hour: int = 18
    overdue_hour: int = 9
    reminder_time: time = time(16, 30)
    monthly_due_days: int = 15
    quarterly_due_days: int = 15
    yearly_due_month: int = 2
    collection_starts: date = date(2026, 5, 6)
    extensions: Mapping[tuple[str, str, date], date] = field(default_factory=dict)

    @classmethod
    def from_database(cls, connection: psycopg.Connection) -> "DueRules":
        query = "select parameter_name, value::int from reference.common_parameter"
        value = dict(connection.execute(query).fetchall())
        granted = connection.execute(
            "select unit_code, table_name, due_date, extended_to from reference.extension"
        )
        return cls(
            due_hour=value["due_hour"],
            overdue_hour=value["overdue_hour"],
            reminder_time=time(*divmod(value["reminder_time"], 100)),
            monthly_due_days=value.get("monthly_due_days", cls.monthly_due_days),
            quarterly_due_days=value["quarterly_due_days"],
            yearly_due_month=value.get("yearly_due_month", cls.yearly_due_month),
            collection_starts=datetime.strptime(str(value["collection_starts"]), "%Y%m%d").date(),  # noqa: DTZ007
            extensions={(unit, table, due): until for unit, table, due, until in granted},
        )


@dataclass(frozen=True, order=True)
class Expected:
    """One table that one unit has to report for one day, in `mode` (a D is also fulfilled by S or nil)."""

    unit_code: str
    table_name: str
    mode: str
    report_day: date
    due: datetime


def due_at(
    table: Contract,
    mode: str,
    report_date: date,
    calendar: WorkCalendar,
    rules: DueRules | None = None,
    unit_code: str = "",
) -> datetime:
    """The moment until which this submission is on time, extensions of `unit_code` included."""
    rules = rules or DueRules()
    day = _due_day(table, mode, report_date, calendar, rules)
    day = rules.extensions.get((unit_code, table.table, day), day)
    return datetime.combine(day, time(rules.due_hour), SHANGHAI)


def is_late(received_at: datetime, due: datetime) -> bool:
    return received_at > due


def overdue_from(due: datetime, calendar: WorkCalendar, rules: DueRules) -> datetime:
    """The next working day at nine: until then a missing report is only late."""
    return datetime.combine(calendar.next_workday(due.date()), time(rules.overdue_hour), SHANGHAI)


def expected(
    day: date,
    calendar: WorkCalendar,
    rules: DueRules,
    units: Iterable[areas.Unit],
    contracts: Iterable[Contract],
) -> Iterator[Expected]:
    """What is due for `day`: each working day D or nil, the month's first working day S, tables of a longer period."""
    if not calendar.is_workday(day):
        return
    tables = [(table, mode) for table in contracts for mode in _modes_on(day, table, calendar, rules)]
    for unit in units:
        for table, mode in tables:
            # Communities and townships lie in a county: 省本级 and the like have none.
            if table.domain != "areas" or unit.county_code:
                due = due_at(table, mode, day, calendar, rules, unit.unit_code)
                yield Expected(unit.unit_code, table.table, mode, day, due)


def overdue(connection: psycopg.Connection, now: datetime, calendar: WorkCalendar) -> list[Expected]:
    """What nobody sent although it is past nine of the working day after its due time, oldest first.

    A later roster covers the days before it; for a roster or a quarterly table anything of its period counts.
    """
    rules = DueRules.from_database(connection)
    missing = missing_reports(connection, now, calendar, rules)
    return [item for item in missing if overdue_from(item.due, calendar, rules) <= now]


def missing_reports(
    connection: psycopg.Connection, now: datetime, calendar: WorkCalendar, rules: DueRules
) -> list[Expected]:
    """Everything that is expected until today and has not come, due or not, oldest first."""
    return [item for item, came_at in answered(connection, now, calendar, rules) if came_at is None]


def answered(
    connection: psycopg.Connection, now: datetime, calendar: WorkCalendar, rules: DueRules
) -> Iterator[tuple[Expected, datetime | None]]:
    """Everything that is expected from LOOK_BACK until today, oldest first, with when the first answer to it came."""
    today = local_day(now)
    first = first_asked(now, rules)
    came = _reports(connection, first.replace(month=1, day=1), now)
    units = areas.units(connection, today).values()
    contracts = contract.load()
    for offset in range((today - first).days + 1):
        for item in expected(first + timedelta(offset), calendar, rules, units, contracts.values()):
            reports = came.get((item.unit_code, item.table_name), ())
            yield item, _came_at(item, contracts[item.table_name], reports)


def first_asked(now: datetime, rules: DueRules) -> date:
    """The first day that is still asked for at `now`."""
    return max(rules.collection_starts, local_day(now) - LOOK_BACK)


def period_of(item: Expected, table: Contract) -> str:
    """What the report is about: the month of a day or roster; the month, quarter or year that ended before its due day."""
    if table.cadence not in PERIODS:
        return f"{item.report_day:%Y-%m}"
    last = period_begin(table.cadence, item.report_day) - timedelta(days=1)
    names = {
        "monthly": f"{last:%Y-%m}",
        "quarterly": f"{last.year}Q{(last.month + 2) // 3}",
        "yearly": f"{last.year}",
    }
    return names[table.cadence]


def _due_day(table: Contract, mode: str, day: date, calendar: WorkCalendar, rules: DueRules) -> date:
    if table.cadence in PERIODS:
        return next(due for due in _due_days(table.cadence, day, calendar, rules) if due >= day)
    if mode == "S" and table.roster == "monthly":
        return calendar.first_workday_of_month(day)
    return calendar.workday_from(day)


def period_begin(cadence: str, day: date) -> date:
    """The first day of the month, quarter or year that holds `day`."""
    length = PERIODS[cadence]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def _due_days(cadence: str, day: date, calendar: WorkCalendar, rules: DueRules) -> Iterator[date]:
    """The due days of the period that ended before `day`'s own, and of `day`'s own."""
    begins = period_begin(cadence, day)
    for first in (begins, period_begin(cadence, begins + timedelta(days=31 * PERIODS[cadence] + 2))):
        yield calendar.workday_from(_due_within(cadence, first, rules))


def _due_within(cadence: str, first: date, rules: DueRules) -> date:
    """The due day in the period that begins on `first`, before holidays move it."""
    if cadence == "yearly":
        month = rules.yearly_due_month
        return date(first.year, month, months.monthrange(first.year, month)[1])
    days = rules.monthly_due_days if cadence == "monthly" else rules.quarterly_due_days
    return first + timedelta(days=days - 1)


def _modes_on(day: date, table: Contract, calendar: WorkCalendar, rules: DueRules) -> list[str]:
    if table.cadence in PERIODS:
        return ["S"] if day in _due_days(table.cadence, day, calendar, rules) else []
    if table.cadence != "daily":
        return []
    has_roster = table.roster == "monthly" and day == calendar.first_workday_of_month(day)
    return ["S"] if has_roster else ["D"]  # a roster says what the day's changes would


def _reports(
    connection: psycopg.Connection, since: date, now: datetime
) -> dict[tuple[str, str], list[Report]]:
    """(unit, table) -> (mode or 'nil', report date, first received) of all that came by `now`."""
    query = """
        select unit_code, table_name, case when state = 'nil' then 'nil' else mode end, report_date, min(received_at)
        from ops.submission
        where state = any(%s) and table_name is not null and report_date >= %s and received_at <= %s
        group by 1, 2, 3, 4
    """
    came: dict[tuple[str, str], list[Report]] = {}
    for unit, table, *report in connection.execute(query, [list(COME), since, now]):
        came.setdefault((unit, table), []).append(tuple(report))
    return came


def _came_at(item: Expected, table: Contract, came: Iterable[Report]) -> datetime | None:
    """When the first report came that says what `item` asks; None if none did."""
    return min((at for mode, day, at in came if _answers(item, table, mode, day)), default=None)


def _answers(item: Expected, table: Contract, mode: str, reported: date) -> bool:
    day = item.report_day
    if table.cadence in PERIODS:
        return reported >= period_begin(table.cadence, day)
    if item.mode == "S":
        return _is_roster(mode, reported, day)
    return reported == day or (mode == "S" and reported > day)


def _is_roster(mode: str, reported: date, day: date) -> bool:
    return (mode == "S" and reported >= day.replace(day=1)) or (mode == "nil" and reported == day)

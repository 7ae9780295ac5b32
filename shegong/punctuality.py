"""What was expected of whom and when it came: ops.report_due, which the mart of punctuality counts. Rules are due.py's."""

from datetime import datetime

import psycopg
from psycopg.rows import dict_row

from shegong import contract, due
from shegong.calendar import WorkCalendar
from shegong.due import DueRules

_COLUMNS = "unit_code, table_name, table_title, mode, report_day, period, due_at, came_at"

_OF_AREA = """
select unit_code, unit_name, table_name, table_title, period, expected_count, came_count, on_time_count, late_count,
    missing_count, pending_count, complete_share, on_time_share, as_of_date
from marts.mart_punctuality
where
    (%(area)s = '330000' or unit_code = %(area)s or area_code = %(area)s
        or (right(%(area)s, 2) = '00' and left(area_code, 4) = left(%(area)s, 4)))
    and (%(table)s::text is null or table_name = %(table)s)
    and (%(period)s::text is null or period = %(period)s)
order by unit_code, period, table_name
"""


def note(connection: psycopg.Connection, now: datetime) -> int:
    """Bring ops.report_due up to `now`; the number of reports that are expected since the first day asked for.

    Days before that stay as they were last seen. Run again: the same rows. `connection` is the transformer's.
    """
    rules = DueRules.from_database(connection)
    calendar = WorkCalendar.from_database(connection)
    contracts = contract.load()
    connection.execute("create temporary table report_due_now (like ops.report_due) on commit drop")
    answered = list(due.answered(connection, now, calendar, rules))
    with connection.cursor().copy(f"copy report_due_now ({_COLUMNS}) from stdin") as copy:
        for item, came_at in answered:
            table = contracts[item.table_name]
            period = due.period_of(item, table)
            copy.write_row(
                (
                    item.unit_code,
                    table.table,
                    table.title,
                    item.mode,
                    item.report_day,
                    period,
                    item.due,
                    came_at,
                )
            )
    connection.execute(
        f"insert into ops.report_due as known ({_COLUMNS}) select {_COLUMNS} from report_due_now"  # noqa: S608
        " on conflict (unit_code, table_name, mode, report_day) do update set table_title = excluded.table_title,"
        " period = excluded.period, due_at = excluded.due_at, came_at = excluded.came_at"
        " where (known.due_at, known.came_at, known.period) is distinct from (excluded.due_at, excluded.came_at, excluded.period)"
    )
    # what is no longer expected: a day that became a holiday, a table that changed its cadence
    connection.execute(
        """delete from ops.report_due as known where report_day >= %s and not exists (
            select from report_due_now as now where now.unit_code = known.unit_code and now.table_name = known.table_name
                and now.mode = known.mode and now.report_day = known.report_day)""",
        [due.first_asked(now, rules)],
    )
    return len(answered)


def of_area(
    connection: psycopg.Connection, area: str, table: str | None = None, period: str | None = None
) -> list[dict]:
    """The published mart's rows of the units in an area, one dict per unit, table and period."""
    values = {"area": area, "table": table, "period": period}
    return connection.cursor(row_factory=dict_row).execute(_OF_AREA, values).fetchall()

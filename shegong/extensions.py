"""Extensions of due days, granted by the bureau by name: reference.extension, and what came in the meantime."""

from datetime import date, datetime, time

import psycopg
from psycopg.rows import dict_row

from shegong import contract, due
from shegong.calendar import SHANGHAI, WorkCalendar, local_day
from shegong.database import connect
from shegong.due import DueRules
from shegong.errors import ShegongError
from shegong.settings import Settings


def grant(
    settings: Settings, now: datetime, unit: str, table: str, due_day: date, until: date, by: str, reason: str
) -> int:
    """Move one unit's due day of one table; how many submissions that came already are on time by it now.

    Granted again for the same day: the later word counts. Raises ShegongError where there is nothing to extend.
    """
    with connect(settings.dsn["admin"]) as connection:
        rules = DueRules.from_database(connection)
        _must_be_due(connection, rules, unit, table, due_day, until)
        connection.execute(
            """insert into reference.extension (unit_code, table_name, due_date, extended_to, granted_by, granted_on, reason)
            values (%s, %s, %s, %s, %s, %s, %s) on conflict (unit_code, table_name, due_date) do update set
            extended_to = excluded.extended_to, granted_by = excluded.granted_by, granted_on = excluded.granted_on,
            reason = excluded.reason""",
            [unit, table, due_day, until, by, local_day(now), reason],
        )
        known = connection.execute(
            "select extended_to from reference.extension where unit_code = %s and table_name = %s and due_date = %s",
            [unit, table, due_day],
        ).fetchone()[0]
    return _move(settings, rules, unit, table, due_day, known)


def granted(connection: psycopg.Connection) -> list[dict]:
    """All extensions, the newest first."""
    query = """select unit_code, table_name, due_date, extended_to, granted_by, granted_on, reason
        from reference.extension order by granted_on desc, unit_code, table_name, due_date"""
    return connection.cursor(row_factory=dict_row).execute(query).fetchall()


def _must_be_due(
    connection: psycopg.Connection, rules: DueRules, unit: str, table: str, due_day: date, until: date
) -> None:
    declared = contract.load().get(table)
    if declared is None:
        raise ShegongError(f"There is no table {table}.", f"Tables: {', '.join(contract.load())}.")
    if not connection.execute(
        "select exists (select from reference.unit where unit_code = %s)", [unit]
    ).fetchone()[0]:
        raise ShegongError(f"No unit has the code {unit}.", "Codes have six digits, such as 330106.")
    calendar = WorkCalendar.from_database(connection)
    plain = DueRules(**{**vars(rules), "extensions": {}})
    days = {due.due_at(declared, mode, due_day, calendar, plain).date() for mode in "DS"}
    if due_day not in days:
        raise ShegongError(f"{table} is not due on {due_day}.", f"The due day that follows is {max(days)}.")
    if until <= due_day:
        raise ShegongError(f"{until} is no later than {due_day}.", "An extension ends after the due day.")


def _move(settings: Settings, rules: DueRules, unit: str, table: str, due_day: date, until: date) -> int:
    """What was due then is due later, and on time if it came by then."""
    new = datetime.combine(until, time(rules.due_hour), SHANGHAI)
    with connect(settings.dsn["loader"]) as connection:
        return connection.execute(
            """with moved as (
                update ops.submission as s set due_at = %(new)s, is_late = s.received_at > %(new)s
                from ops.submission as old
                where old.submission_id = s.submission_id and s.unit_code = %(unit)s and s.table_name = %(table)s
                    and (s.due_at at time zone 'Asia/Shanghai')::date = %(due)s
                returning old.is_late and not s.is_late as is_saved
            ) select count(*) filter (where is_saved) from moved""",
            {"new": new, "unit": unit, "table": table, "due": due_day},
        ).fetchone()[0]

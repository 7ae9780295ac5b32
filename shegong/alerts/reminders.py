"""The reminder of half past four: what a county has still to send today. What is overdue is an incident."""

from collections.abc import Iterable
from datetime import datetime

import psycopg

from shegong import areas, contract, due
from shegong.alerts.digest import render_page
from shegong.calendar import SHANGHAI, WorkCalendar, local_day
from shegong.due import DueRules, Expected


def compose(connection: psycopg.Connection, now: datetime, owner_name: str) -> int:
    """Write a reminder into ops.outbox for each contact whose unit owes something today; how many.

    Only between the time of reminders and the due time. Run again: one a contact and day.
    """
    rules = DueRules.from_database(connection)
    local = now.astimezone(SHANGHAI)
    if not rules.reminder_time <= local.time() or local.hour >= rules.due_hour:
        return 0
    owed = _owed_today(connection, now, rules)
    if not owed:
        return 0
    units = areas.units(connection, local_day(now))
    contacts = connection.execute(
        "select mail_address, area_code from reference.contact where duty = 'responsible' order by 1, 2"
    ).fetchall()
    return sum(
        _write(connection, address, units[unit], owed[unit], now, owner_name)
        for address, unit in contacts
        if unit in owed
    )


def _owed_today(connection: psycopg.Connection, now: datetime, rules: DueRules) -> dict[str, list[Expected]]:
    owed: dict[str, list[Expected]] = {}
    calendar = WorkCalendar.from_database(connection)
    for item in due.missing_reports(connection, now, calendar, rules):
        if item.due.date() == local_day(now):
            owed.setdefault(item.unit_code, []).append(item)
    return owed


def _write(
    connection: psycopg.Connection,
    address: str,
    unit: areas.Unit,
    owed: list[Expected],
    now: datetime,
    owner_name: str,
) -> int:
    day = local_day(now)
    subject = f"提醒：{unit.full_name}今天 {owed[0].due:%H:%M} 前请报送 {len(_titles(owed))} 项数据"
    words = {"unit": unit.full_name, "until": owed[0].due, "tables": _titles(owed), "owner_name": owner_name}
    return connection.execute(
        "insert into ops.outbox (dedupe_key, recipient, subject, body_text, body_html, created_at)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (dedupe_key) do nothing",
        [
            f"reminder:{address}:{unit.unit_code}:{day:%Y%m%d}",
            address,
            subject,
            render_page("reminder.txt.j2", words),
            render_page("reminder.html.j2", words),
            now,
        ],
    ).rowcount


def _titles(owed: Iterable[Expected]) -> list[str]:
    tables = contract.load()
    return [f"{tables[item.table_name].title}{'（全量）' if item.mode == 'S' else ''}" for item in owed]

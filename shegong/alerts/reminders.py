"""The reminder of half past four: what a county has still to send today. What is overdue is an incident."""

from collections.abc import Iterable
from datetime import datetime

import psycopg

from shegong import areas, contract, due
from shegong.alerts.digest import render_page
from shegong.alerts.recipients import Address, reminded
from shegong.calendar import SHANGHAI, WorkCalendar, local_day
from shegong.due import DueRules, Expected


def compose(connection: psycopg.Connection, now: datetime, owner_name: str) -> int:
    """Write a reminder into ops.outbox for each contact whose units owe something today; how many.

    To a unit's fillers, or where it has none its responsible, between the time of reminders and the due time.
    Run again: one a recipient and day.
    """
    rules = DueRules.from_database(connection)
    local = now.astimezone(SHANGHAI)
    if not rules.reminder_time <= local.time() or local.hour >= rules.due_hour:
        return 0
    owed = _owed_today(connection, now, rules)
    if not owed:
        return 0
    units = areas.units(connection, local_day(now))
    by_address: dict[Address, list[str]] = {}
    for address, unit in reminded(connection, now):
        if unit in owed:
            by_address.setdefault(address, []).append(unit)
    return sum(
        _write(connection, address, {units[unit]: owed[unit] for unit in theirs}, now, owner_name)
        for address, theirs in by_address.items()
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
    address: Address,
    owed: dict[areas.Unit, list[Expected]],
    now: datetime,
    owner_name: str,
) -> int:
    """One message a recipient and day, whatever the number of its units."""
    channel, recipient = address
    until = min(item.due for items in owed.values() for item in items)
    lists = [(unit.full_name, _titles(items)) for unit, items in owed.items()]
    count = sum(len(titles) for _, titles in lists)
    who = lists[0][0] if len(lists) == 1 else f"{len(lists)} 个报送单位"
    words = {"units": lists, "who": who, "until": until, "owner_name": owner_name}
    return connection.execute(
        "insert into ops.outbox (dedupe_key, channel, recipient, subject, body_text, body_html, created_at)"
        " values (%s, %s, %s, %s, %s, %s, %s) on conflict (dedupe_key) do nothing",
        [
            f"reminder:{channel}:{recipient}:{local_day(now):%Y%m%d}",
            channel,
            recipient,
            f"提醒：{who}今天 {until:%H:%M} 前请报送 {count} 项数据",
            render_page("reminder.txt.j2", words),
            render_page("reminder.html.j2", words),
            now,
        ],
    ).rowcount


def _titles(owed: Iterable[Expected]) -> list[str]:
    tables = contract.load()
    return [f"{tables[item.table_name].title}{'（全量）' if item.mode == 'S' else ''}" for item in owed]

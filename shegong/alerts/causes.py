"""What is wrong by the ledger and the published marts at one moment, as incidents. Sends nothing."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

import psycopg

from shegong import areas, contract, due
from shegong.alerts import contacts, incidents
from shegong.alerts.incidents import Incident
from shegong.calendar import WorkCalendar, local_day

DOMAINS = {
    "areas": "城乡社区",
    "talent": "人才与证书",
    "posts": "岗位",
    "agencies": "社会工作服务机构",
    "projects": "项目",
    "funding": "资金",
}


def gather(connection: psycopg.Connection, marts: psycopg.Connection, now: datetime) -> None:
    """Bring ops.incident up to `now`: open what is new, see again what lasts, end what is over.

    Incidents of tasks and of the judge are opened by those who see them. `connection` is the
    loader's, `marts` one that may read schema marts. Run again: nothing changes.
    """
    names = {code: unit.full_name for code, unit in areas.units(connection, local_day(now)).items()}
    calendar = WorkCalendar.from_database(connection)
    incidents.settle(connection, "overdue", overdue(connection, calendar, names, now), now)
    incidents.settle(connection, "calendar", calendar_end(calendar, now), now)
    incidents.settle(connection, "refused", refused(connection, names, now), now)
    incidents.settle(connection, "held", held(connection, names, now), now)
    incidents.settle(connection, "audit", audits(connection), now)
    incidents.settle(connection, "contact", without_contact(connection, names, now), now)
    end_judged(connection, now)
    if _has_breaches(marts):
        incidents.settle(connection, "breach", breaches(marts, names), now)


def overdue(
    connection: psycopg.Connection, calendar: WorkCalendar, names: dict[str, str], now: datetime
) -> Iterator[Incident]:
    """One per unit and table, whatever the number of days that it missed."""
    late = sorted(due.overdue(connection, now, calendar))
    for (unit, table), items in groupby(late, key=lambda item: (item.unit_code, item.table_name)):
        days = [f"{_day(item.report_day)}{'全量' if item.mode == 'S' else ''}" for item in items]
        yield Incident(
            cause=f"overdue:{unit}:{table}",
            kind="overdue",
            severity="warning",
            audience="county",
            title=f"{_name(unit, names)}的{_title(table)}逾期未报",
            details=f"应报日：{_listed(days)}",
            area_code=unit,
            table_name=table,
        )


def refused(connection: psycopg.Connection, names: dict[str, str], now: datetime) -> Iterator[Incident]:
    """One per file that was sent back and that no later accepted file of its unit and table answered."""
    query = """
        select
            delivery.delivery_id, delivery.place_unit_code, delivery.file_name,
            array_remove(array_agg(distinct submission.table_name), null) as tables,
            array_remove(array_agg(distinct coalesce(finding.text, submission.reason)), null) as reasons
        from ops.submission as submission
        inner join ops.delivery as delivery on delivery.delivery_id = submission.delivery_id
        left join ops.finding as finding
            on finding.submission_id = submission.submission_id and finding.level = 'F'
        where submission.state = 'refused' and submission.received_at <= %(now)s and not exists (
            select from ops.submission as answer
            where
                answer.unit_code = delivery.place_unit_code
                and answer.state in ('accepted', 'partly_accepted', 'replaced')
                and (submission.table_name is null or answer.table_name = submission.table_name)
                and (submission.report_date is null or answer.report_date >= submission.report_date)
                and answer.received_at > submission.received_at
        )
        group by delivery.delivery_id
        order by delivery.place_unit_code, delivery.delivery_id
    """
    for delivery, unit, file_name, tables, reasons in connection.execute(query, {"now": now}):
        yield Incident(
            cause=f"refused:{delivery}",
            kind="refused",
            severity="warning",
            audience="county",
            title=f"{_name(unit, names)}的文件 {file_name} 被退回",
            details=_listed(reasons or ["见回执"], "；"),
            area_code=unit,
            table_name=tables[0] if len(tables) == 1 else None,
        )


def held(connection: psycopg.Connection, names: dict[str, str], now: datetime) -> Iterator[Incident]:
    """One per submission that waits for its county or the bureau; what waits for engineers has the judge's incident."""
    query = """
        select submission_id, unit_code, table_name, report_date, reason, held_for
        from ops.submission
        where state = 'held' and held_for is distinct from 'engineers' and received_at <= %s
        order by unit_code, table_name, submission_id
    """
    for submission, unit, table, day, reason, held_for in connection.execute(query, [now]):
        yield Incident(
            cause=f"held:{submission}",
            kind="held",
            severity="warning",
            audience=held_for or "county",
            title=f"{_name(unit, names)} {_day(day)}的{_title(table)}{'待省里核定' if held_for == 'bureau' else '暂存待核'}",
            details=reason or "见回执",
            area_code=unit,
            table_name=table,
        )


def end_judged(connection: psycopg.Connection, now: datetime) -> None:
    """End the judge's incidents when no submission of their table (of any, if none) waits for engineers.

    Those of the audit's suites (marts.*) end when the audit next asks.
    """
    query = """
        update ops.incident as incident set state = 'resolved', resolved_at = %s
        where
            incident.kind = 'judge'
            and incident.state <> 'resolved'
            and not starts_with(incident.cause, 'judge:errored:marts.')
            and not exists (
                select from ops.submission as waiting
                where
                    waiting.state = 'held'
                    and waiting.held_for = 'engineers'
                    and waiting.table_name = coalesce(incident.table_name, waiting.table_name)
            )
    """
    connection.execute(query, [now])


def calendar_end(calendar: WorkCalendar, now: datetime) -> Iterator[Incident]:
    """From a month before its end on: after it weekdays count provisionally and make-up days are unknown."""
    until = calendar.known_until
    if until is None or local_day(now) + timedelta(days=31) > until:
        yield Incident(
            cause="calendar:end",
            kind="calendar",
            severity="warning",
            audience="bureau",
            title="工作日历即将用完" if until and local_day(now) <= until else "工作日历已用完",
            details=f"已知到 {until or '（空）'}；此后按周一至周五暂算，调休日不准。",
        )


def without_contact(
    connection: psycopg.Connection, names: dict[str, str], now: datetime
) -> Iterator[Incident]:
    """One per unit that nobody can be told for today: its troubles go to its city or the bureau at once."""
    reached = {contact.area_code for contact in contacts.valid(connection, local_day(now))}
    for unit in sorted(names.keys() - reached):
        yield Incident(
            cause=f"contact:{unit}",
            kind="contact",
            severity="warning",
            audience="bureau",
            title=f"{_name(unit, names)}没有有效的联系人",
            details="它的通知和提醒暂由上一级接收",
            area_code=unit,
        )


def audits(connection: psycopg.Connection) -> Iterator[Incident]:
    """One per domain that failed a critical check of the last audited candidate."""
    query = """
        select domain, count(*), array_agg(distinct coalesce(details ->> 'text', expectation))
        from ops.verdict
        where severity = 'critical' and outcome in ('failed', 'errored') and submission_id is null and publication_id = (
            select max(publication_id) from ops.publication where state in ('audited', 'published')
        )
        group by domain
        order by domain
    """
    for domain, count, expectations in connection.execute(query):
        yield Incident(
            cause=f"audit:{domain or 'all'}",
            kind="audit",
            severity="critical",
            audience="bureau",
            title=f"{DOMAINS.get(domain, '全部领域')}的新数字未通过发布审核，沿用上一次发布",
            details=f"{count} 项关键检查未通过：{_listed(expectations)}",
            domain=domain,
        )


def breaches(marts: psycopg.Connection, names: dict[str, str]) -> Iterator[Incident]:
    """One per rule of the policy paper, with the number of breaches per unit, most first."""
    query = """
        select goal_id, max(goal_name), max(clause), max(domain), area_code, count(*)
        from marts.mart_rule_breaches
        group by goal_id, area_code
        order by goal_id, count(*) desc, area_code
    """
    rows = marts.execute(query).fetchall()
    for goal, found in groupby(rows, key=lambda row: row[0]):
        found = list(found)
        per_unit = [f"{_name(area, names)} {count} 件" for *_, area, count in found]
        _, name, clause, domain, *_ = found[0]
        yield Incident(
            cause=f"breach:{goal}",
            kind="breach",
            severity="warning",
            audience="bureau",
            title=f"意见{clause}“{name}”：{sum(row[-1] for row in found)} 件不符",
            details=_listed(per_unit),
            domain=domain,
        )


def _has_breaches(marts: psycopg.Connection) -> bool:
    return marts.execute("select to_regclass('marts.mart_rule_breaches') is not null").fetchone()[0]


def _listed(words: list[str], separator: str = "、", most: int = 12) -> str:
    more = f" 等 {len(words)} 项" if len(words) > most else ""
    return separator.join(words[:most]) + more


def _name(unit_code: str, names: dict[str, str]) -> str:
    return names.get(unit_code, unit_code)


def _title(table: str) -> str:
    known = contract.load().get(table)
    return known.title if known else table


def _day(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""

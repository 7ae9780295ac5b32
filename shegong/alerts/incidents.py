"""Incidents: one per cause, from the first sight to its end. Who is told of one, and when, is in telling.py."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import psycopg

PROVINCE = "330000"

# What an incident may be about, in the order in which people should read them, as texts name it.
KINDS = {
    "task": "任务失败",
    "judge": "核对出错",
    "audit": "发布审核未通过",
    "held": "暂存待核",
    "refused": "文件退回",
    "overdue": "逾期未报",
    "breach": "违反文件规定",
    "source": "报送渠道",
    "delivery": "通知送达",
    "contact": "联系人",
    "house": "系统运行",
    "calendar": "工作日历",
}


@dataclass(frozen=True)
class Incident:
    """What is wrong now. `cause` is its identity: seen again under the same cause it is the same incident.

    Title and details are Chinese, for people, and hold no personal data.
    """

    cause: str
    kind: str
    severity: str
    audience: str
    title: str
    details: str
    area_code: str = PROVINCE
    table_name: str | None = None
    domain: str | None = None


def open_incident(
    connection: psycopg.Connection,
    *,
    cause: str,
    kind: str,
    severity: str,
    audience: str,
    title: str,
    details: str,
    now: datetime,
    area_code: str = PROVINCE,
    table_name: str | None = None,
    domain: str | None = None,
    happens: bool = True,
) -> int:
    """Open an incident, or see the open one of this cause again with its present text; its id.

    What `happens` counts each time; what lasts, and is looked for every few minutes, counts its days.
    Run again under the same `now`: nothing changes. Two at once: one opens, the other sees it again.
    """
    query = """
        insert into ops.incident as known (
            cause, kind, severity, audience, area_code, table_name, domain, title, details,
            opened_at, last_seen_at, former_id
        ) values (
            %(cause)s, %(kind)s, %(severity)s, %(audience)s, %(area_code)s, %(table_name)s, %(domain)s,
            %(title)s, %(details)s, %(now)s, %(now)s,
            (select max(incident_id) from ops.incident where cause = %(cause)s and state = 'resolved')
        )
        on conflict (cause) where state <> 'resolved' do update set
            state = case when known.state = 'explained'
                and (known.title, known.severity) <> (excluded.title, excluded.severity) then 'open' else known.state end,
            news_at = case when (known.state = 'explained'
                and (known.title, known.severity) <> (excluded.title, excluded.severity))
                or (known.severity <> 'critical' and excluded.severity = 'critical')
                then excluded.last_seen_at else known.news_at end,
            severity = excluded.severity,
            title = excluded.title,
            details = excluded.details,
            times_seen = known.times_seen + (
                excluded.last_seen_at > known.last_seen_at and (%(happens)s
                or (excluded.last_seen_at at time zone 'Asia/Shanghai')::date
                > (known.last_seen_at at time zone 'Asia/Shanghai')::date)
            )::integer,
            last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
        returning incident_id
    """
    values = {
        "cause": cause, "kind": kind, "severity": severity, "audience": audience, "area_code": area_code,
        "table_name": table_name, "domain": domain, "title": without_numbers(title),
        "details": without_numbers(details), "now": now, "happens": happens,
    }  # fmt: skip
    return connection.execute(query, values).fetchone()[0]


def without_numbers(text: str) -> str:
    """The text with anything as long as a document or phone number blotted out.

    Clerks name files after people, and an exception may quote a row.
    """
    return re.sub(r"[0-9]{10,}[Xx]?", lambda match: "*" * len(match[0]), text)


def resolve(connection: psycopg.Connection, cause: str, now: datetime) -> bool:
    """End the open incident of this cause; whether there was one."""
    query = """
        update ops.incident set state = 'resolved', resolved_at = %s
        where cause = %s and state <> 'resolved'
    """
    return connection.execute(query, [now, cause]).rowcount > 0


def settle(connection: psycopg.Connection, kind: str, present: Iterable[Incident], now: datetime) -> None:
    """Make the open incidents of a kind those that are present: open or see these again, end all others."""
    present = list(present)
    for incident in present:
        open_incident(connection, **asdict(incident), now=now, happens=False)
    connection.execute(
        "update ops.incident set state = 'resolved', resolved_at = %s"
        " where kind = %s and state <> 'resolved' and not cause = any(%s)",
        [now, kind, [incident.cause for incident in present]],
    )


def task_failed(
    connection: psycopg.Connection, *, dag_id: str, task_id: str, error: str, now: datetime
) -> int:
    """A task gave up; all mapped instances of a task are one cause.

    `error` is the exception's type: its text may quote a county's data.
    """
    return open_incident(
        connection,
        cause=f"task:{dag_id}.{task_id}",
        kind="task",
        severity="critical",
        audience="engineers",
        title=f"{dag_id} 的任务 {task_id} 失败",
        details=f"错误类型 {error}，原因见 Airflow 页面中该任务的日志；重跑不会重复计数。",
        now=now,
    )


def task_succeeded(
    connection: psycopg.Connection, *, dag_id: str, task_id: str, now: datetime, is_mapped: bool = False
) -> bool:
    """A task that may have failed before went well: its incident ends.

    A mapped instance ends what failed in an earlier run only: beside it, another of this run may have failed.
    """
    cause = f"task:{dag_id}.{task_id}"
    if is_mapped:
        query = "select last_seen_at < %s from ops.incident where cause = %s and state <> 'resolved'"
        if connection.execute(query, [now, cause]).fetchone() != (True,):
            return False
    return resolve(connection, cause, now)

"""The digest in Chinese: what is new, still open and recovered, for the bureau and each county's contact.

An incident is new in one digest only; later it is a number in the count of what is still open, until it ends.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import psycopg
from jinja2 import Environment, FileSystemLoader, select_autoescape
from psycopg import sql
from psycopg.rows import class_row

from shegong import areas, contract
from shegong.alerts.incidents import KINDS, PROVINCE
from shegong.calendar import SHANGHAI

MOST_LINES = 60
ACTIONS = {
    "task": "请查看 Airflow 中该任务的日志，排除原因后重跑。",
    "judge": "请工程师查看核对记录；县（市、区）不需要做什么。",
    "audit": "请核对数字变动是否属实；放行前继续显示上一次发布的数字。",
    "held": "请按回执逐项说明或更正；处理前沿用上一次接受的数据。",
    "refused": "请按回执更正后重新报送。",
    "overdue": "请今天补报；没有变化的数据报零报告。",
    "breach": "请责任部门督促整改；名单见已发布的问题清单。",
    "source": "请按提示处理；其他单位的报送不受影响，恢复后自动补取。",
    "delivery": "请核对收信人的地址或机器人的令牌、签名和关键词，改好后重发；期间请用其他方式转告。",
    "calendar": "请按国务院办公厅放假安排补充下一年的工作日历。",
}
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(["html.j2"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Recipient:
    """Who gets a digest, and about where. `audiences` None: about everything there."""

    address: str
    area_code: str
    audiences: tuple[str, ...] | None

    def concerns(self, known: "Known") -> bool:
        is_theirs = self.audiences is None or known.audience in self.audiences
        return is_theirs and areas.covers(self.area_code, known.area_code)


@dataclass(frozen=True)
class Known:
    """One incident as the digest sees it: `phase` is new, open or recovered."""

    incident_id: int
    kind: str
    audience: str
    area_code: str
    area_name: str
    table_name: str | None
    title: str
    details: str
    opened_at: datetime
    phase: str


def compose(connection: psycopg.Connection, now: datetime, mail_to: str, owner_name: str) -> int:
    """Write the digests that are owed into ops.outbox and mark their incidents as announced; how many.

    One transaction, the caller's. Without news a digest goes once a day; with nothing to tell, not at all.
    Run again: nothing is announced twice.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('shegong digest'))")
    incidents = _incidents(connection, now)
    written = 0
    for recipient in _recipients(connection, mail_to):
        own = [incident for incident in incidents if recipient.concerns(incident)]
        earlier = _sent_on(connection, recipient, now)
        has_news = any(incident.phase != "open" for incident in own)
        if has_news or (own and not earlier):
            _write(connection, recipient, own, now, owner_name, earlier + 1)
            written += 1
    _mark(connection, incidents, now)
    return written


def _incidents(connection: psycopg.Connection, now: datetime) -> list[Known]:
    query = """
        select
            i.incident_id, i.kind, i.audience, i.area_code, i.table_name, i.title, i.details, i.opened_at,
            coalesce(a.area_name || u.unit_name, u.unit_name, '全省') as area_name,
            case
                when i.announced_at is null then 'new'
                when i.state = 'resolved' then 'recovered'
                else 'open'
            end as phase
        from ops.incident as i
        left join reference.unit as u on u.unit_code = i.area_code
        left join reference.area as a on a.area_code = u.city_code and a.is_current
        where
            i.opened_at <= %(now)s
            and (i.state = 'resolved' or (i.state <> 'explained' and coalesce(i.muted_until <= %(now)s, true)))
            and (i.state <> 'resolved' or (i.announced_at is not null and i.recovery_announced_at is null))
        order by i.area_code, i.incident_id
    """
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        rows = cursor.execute(query, {"now": now}).fetchall()
    kinds = list(KINDS)
    return sorted(rows, key=lambda row: kinds.index(row.kind) if row.kind in kinds else len(kinds))


def _recipients(connection: psycopg.Connection, mail_to: str) -> list[Recipient]:
    bureau = [address.strip() for address in mail_to.replace(";", ",").split(",") if address.strip()]
    contacts = connection.execute(
        "select mail_address, area_code from reference.contact where duty = 'responsible' order by area_code"
    )
    return [Recipient(address, PROVINCE, None) for address in bureau] + [
        Recipient(address, area, ("county",)) for address, area in contacts
    ]


def _sent_on(connection: psycopg.Connection, recipient: Recipient, now: datetime) -> int:
    query = "select count(*) from ops.outbox where starts_with(dedupe_key, %s)"
    return connection.execute(query, [_key(recipient, now)]).fetchone()[0]


def _key(recipient: Recipient, now: datetime) -> str:
    return f"digest:{recipient.address}:{recipient.area_code}:{now.astimezone(SHANGHAI):%Y%m%d}:"


def _write(
    connection: psycopg.Connection,
    recipient: Recipient,
    own: list[Known],
    now: datetime,
    owner_name: str,
    number: int,
) -> None:
    subject, text, html = render(own, now.astimezone(SHANGHAI).date(), owner_name)
    connection.execute(
        "insert into ops.outbox (dedupe_key, recipient, subject, body_text, body_html, created_at)"
        " values (%s, %s, %s, %s, %s, %s)",
        [f"{_key(recipient, now)}{number}", recipient.address, subject, text, html, now],
    )


def _mark(connection: psycopg.Connection, incidents: list[Known], now: datetime) -> None:
    for column, phase in (("announced_at", "new"), ("recovery_announced_at", "recovered")):
        connection.execute(
            sql.SQL("update ops.incident set {} = %s where incident_id = any(%s)").format(
                sql.Identifier(column)
            ),
            [now, [incident.incident_id for incident in incidents if incident.phase == phase]],
        )


def render(incidents: list[Known], day: date, owner_name: str) -> tuple[str, str, str]:
    """Subject, text and HTML of a digest over these incidents."""
    phases = {name: [i for i in incidents if i.phase == name] for name in ("new", "open", "recovered")}
    counts = {name: len(found) for name, found in phases.items()}
    subject = (
        f"社会工作数据日报 {day.month}月{day.day}日："
        f"新问题 {counts['new']} 项，未解决 {counts['open']} 项，已恢复 {counts['recovered']} 项"
    )
    words = {
        "day": day,
        "owner_name": owner_name,
        "counts": counts,
        "new": [(KINDS.get(k, k), ACTIONS.get(k, ""), *_lines(f)) for k, f in _by_kind(phases["new"])],
        "open": [(KINDS.get(k, k), *_summary(f)) for k, f in _by_kind(phases["open"])],
        "recovered": [(KINDS.get(k, k), *_lines(f)) for k, f in _by_kind(phases["recovered"])],
    }
    return subject, render_page("digest.txt.j2", words), render_page("digest.html.j2", words)


def render_page(template: str, words: dict[str, object]) -> str:
    """One of the templates beside this module; HTML is escaped by its name."""
    return _templates.get_template(template).render(words)


def _by_kind(found: list[Known]) -> Iterable[tuple[str, list[Known]]]:
    return [(kind, list(items)) for kind, items in groupby(found, key=lambda incident: incident.kind)]


def _lines(found: list[Known]) -> tuple[list[tuple[str, str]], int]:
    """(what, details) of each line, and how many are left off. Overdue tables of a unit share a line."""
    merge: Callable[[list[Known]], list[tuple[str, str]]] = (
        _overdue_lines if found[0].kind == "overdue" else lambda items: [(i.title, i.details) for i in items]
    )
    lines = merge(found)
    return lines[:MOST_LINES], max(0, len(lines) - MOST_LINES)


def _overdue_lines(found: list[Known]) -> list[tuple[str, str]]:
    tables = contract.load()
    lines = []
    for _, items in groupby(found, key=lambda incident: incident.area_code):
        items = list(items)
        by_days: dict[str, list[str]] = {}
        for item in items:
            title = tables[item.table_name].title if item.table_name in tables else item.table_name
            by_days.setdefault(item.details, []).append(title)
        details = "；".join(f"{'、'.join(titles)}（{days}）" for days, titles in by_days.items())
        lines.append((f"{items[0].area_name}：{len(items)} 张表", details))
    return lines


def _summary(found: list[Known]) -> tuple[int, int, date]:
    """Count, number of areas, day of the oldest."""
    oldest = min(incident.opened_at for incident in found).astimezone(SHANGHAI).date()
    return len(found), len(Counter(incident.area_code for incident in found)), oldest

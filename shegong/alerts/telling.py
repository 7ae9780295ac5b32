"""Who is told of what, and when: critical incidents and their end at once, the rest in one digest a day.

However many incidents there are, a run writes at most one message a recipient. What was told to whom is kept in
ops.telling, so that a level which an incident climbs to hears of it once, and who heard of it hears of its end as long as it is a contact.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import class_row

from shegong.alerts.digest import Frame, Known, render
from shegong.alerts.incidents import KINDS
from shegong.alerts.reading import mark_of
from shegong.alerts.recipients import Address, Escalation, Recipients
from shegong.calendar import SHANGHAI, WorkCalendar, local_day

FLAPPING = timedelta(hours=2)  # what comes and goes and comes again is told at once no more often
ENDS_TOLD = timedelta(days=31)  # who was told may have ended as a contact, and hears of no end
_TOLD = {"new": "opened", "climbed": "opened", "recovered": "recovered"}


@dataclass(frozen=True)
class Writing:
    """What every message of one run has in common."""

    now: datetime
    owner_name: str
    page_url: str
    is_digest_time: bool
    is_workday: bool


def compose(
    connection: psycopg.Connection, now: datetime, mail_to: str, owner_name: str, page_url: str = ""
) -> int:
    """Write what is owed into ops.outbox and keep what it tells; how many messages.

    One transaction, the caller's. A digest goes once a day, from the bureau's hour on; without news on working days
    only, with nothing to tell not at all. Run again: nothing is told twice.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('shegong digest'))")
    recipients = Recipients.of(connection, now, mail_to)
    incidents, told = _incidents(connection, now), _told(connection)
    concerned = {each.incident_id: recipients.concerned(each) for each in incidents if not each.is_over}
    local = now.astimezone(SHANGHAI)
    writing = Writing(
        now, owner_name, page_url,
        is_digest_time=local.time() >= Escalation.from_database(connection).digest_time,
        is_workday=WorkCalendar.from_database(connection).is_workday(local.date()),
    )  # fmt: skip
    return sum(
        _write(connection, address, own, told.get(address, {}), recipients.sees_page(address), writing)
        for address in recipients.everybody()
        if (own := list(_seen_by(address, incidents, concerned, told.get(address, {}), recipients.province)))
    )


def _incidents(connection: psycopg.Connection, now: datetime) -> list[Known]:
    """Those that may be told of, in the order in which people should read them: the gravest kinds first."""
    query = """
        select
            i.incident_id, i.cause, i.kind, i.severity, i.audience, i.area_code, i.table_name, i.title, i.details,
            i.opened_at, i.state = 'resolved' as is_over,
            coalesce(a.area_name || u.unit_name, u.unit_name, '全省') as area_name,
            exists (
                select from ops.incident as former
                inner join ops.telling as t on t.incident_id = former.incident_id and t.phase = 'opened'
                where former.cause = i.cause and former.incident_id < i.incident_id and t.told_at > %(lately)s
            ) as is_flapping
        from ops.incident as i
        left join reference.unit as u on u.unit_code = i.area_code
        left join reference.area as a on a.area_code = u.city_code and a.is_current
        where
            i.opened_at <= %(now)s
            and (
                (i.state not in ('resolved', 'explained') and coalesce(i.muted_until <= %(now)s, true))
                or (i.state = 'resolved' and i.resolved_at > %(recently)s and exists (
                    select from ops.telling as t where t.incident_id = i.incident_id and t.phase = 'opened'
                    and not exists (
                        select from ops.telling as ended
                        where (ended.incident_id, ended.channel, ended.recipient, ended.phase)
                            = (t.incident_id, t.channel, t.recipient, 'recovered')
                    )
                ))
            )
        order by i.area_code, i.incident_id
    """
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        rows = cursor.execute(
            query, {"now": now, "lately": now - FLAPPING, "recently": now - ENDS_TOLD}
        ).fetchall()
    kinds = list(KINDS)
    return sorted(rows, key=lambda row: kinds.index(row.kind) if row.kind in kinds else len(kinds))


def _told(connection: psycopg.Connection) -> dict[Address, dict[int, dict[str, bool]]]:
    """Recipient → incident → phase → whether it was told at once. What was told before the last news counts no more."""
    query = """
        select t.channel, t.recipient, t.incident_id, t.phase, t.is_urgent
        from ops.telling as t
        inner join ops.incident as i on i.incident_id = t.incident_id
        where (i.state = 'resolved' or coalesce(t.told_at >= i.news_at, true)) and not exists (
            select from ops.telling as ended
            where (ended.incident_id, ended.channel, ended.recipient, ended.phase)
                = (t.incident_id, t.channel, t.recipient, 'recovered')
        )
    """
    told: dict[Address, dict[int, dict[str, bool]]] = {}
    for channel, recipient, incident_id, phase, is_urgent in connection.execute(query):
        told.setdefault((channel, recipient), {}).setdefault(incident_id, {})[phase] = is_urgent
    return told


def _seen_by(
    address: Address,
    incidents: Iterable[Known],
    concerned: dict[int, dict[Address, bool]],
    told: dict[int, dict[str, bool]],
    province: list[Address],
) -> Iterable[Known]:
    """The incidents as this recipient sees them, each with its phase."""
    for incident in incidents:
        is_told = "opened" in told.get(incident.incident_id, {})
        theirs = concerned.get(incident.incident_id, {})
        if incident.is_over:
            phase = "recovered" if is_told else ""
        elif is_told:
            phase = "open"
        elif address in theirs:
            phase = "climbed" if theirs[address] else "new"
        else:
            phase = "in_hand" if incident.audience == "county" and address in province else ""
        if phase:
            yield replace(incident, phase=phase)


def _write(
    connection: psycopg.Connection,
    address: Address,
    own: list[Known],
    told: dict[int, dict[str, bool]],
    sees_page: bool,
    writing: Writing,
) -> int:
    """One message or none: the digest where it is due, else what can't wait."""
    day = local_day(writing.now)
    news = [incident for incident in own if incident.phase in _TOLD]
    has_open = any(incident.phase == "open" for incident in own)
    channel, recipient = address
    key = f"digest:{channel}:{recipient}:{day:%Y%m%d}"
    is_digest = (
        writing.is_digest_time
        and bool(news or (has_open and writing.is_workday))
        and not _is_written(connection, key)
    )
    if not is_digest:
        own = news = [incident for incident in news if _is_urgent(incident, told)]
        key = f"urgent:{channel}:{recipient}:{writing.now.isoformat()}"
        if not own:
            return 0
    mark = mark_of(key)
    page_url = f"{writing.page_url}?message={mark}" if sees_page and writing.page_url else ""
    if page_url and len(own) == 1:
        page_url += f"#incident-{own[0].incident_id}"
    frame = Frame(day, writing.owner_name, page_url, is_urgent=not is_digest)
    connection.execute(
        "insert into ops.outbox (dedupe_key, channel, recipient, subject, body_text, body_html, created_at, link_mark)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [key, channel, recipient, *render(own, frame), writing.now, mark if page_url else None],
    )
    _keep(connection, address, news, writing.now)
    return 1


def _is_urgent(incident: Known, told: dict[int, dict[str, bool]]) -> bool:
    """Critical and not told at once a short while ago, or the end of what was told as critical."""
    if incident.phase == "recovered":
        return told[incident.incident_id]["opened"]
    return incident.severity == "critical" and not incident.is_flapping


def _is_written(connection: psycopg.Connection, key: str) -> bool:
    query = "select exists (select from ops.outbox where dedupe_key = %s)"
    return connection.execute(query, [key]).fetchone()[0]


def _keep(connection: psycopg.Connection, address: Address, news: list[Known], now: datetime) -> None:
    """An incident that is told anew takes the place of its former telling."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.telling (incident_id, channel, recipient, phase, told_at, is_urgent)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (incident_id, channel, recipient, phase)"
            " do update set told_at = excluded.told_at, is_urgent = excluded.is_urgent",
            [
                (each.incident_id, *address, _TOLD[each.phase], now, each.severity == "critical")
                for each in news
            ],
        )

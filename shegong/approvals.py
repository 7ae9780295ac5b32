"""What waits for a person's yes or no: held submissions and domains that an audit refused. Airflow asks; this tells and does.

Key of an item: `submission:<id>` or `domain:<name>`. A decision made elsewhere meanwhile stands.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import psycopg

from shegong import areas, contract, decisions, gate
from shegong.calendar import local_day
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.settings import Settings

PASS, REFUSE, LATER = "放行", "不放行", "暂不决定"
# How long Airflow waits for an answer; without one nothing is decided and nothing published.
HOURS_TO_ANSWER = 20
MOST_ROWS = 12

_HELD = """
select submission_id, unit_code, table_name, report_date, rows_total, rows_refused, reason
from ops.submission
where state = 'held' and held_for = 'bureau' and (%(one)s::bigint is null or submission_id = %(one)s)
order by submission_id
"""


@dataclass(frozen=True)
class Asked:
    """One question: `key` says of what, `again` changes when it has to be asked anew; text in Markdown, no personal data."""

    key: str
    again: str
    subject: str
    body: str


def waiting(settings: Settings, now: datetime) -> list[Asked]:
    """All that waits for a person of the bureau now. Reads only."""
    with connect(settings.dsn["loader"]) as connection:
        return [*_submissions(connection, now), *_domains(connection, now)]


def describe(settings: Settings, now: datetime, key: str) -> Asked | None:
    """The question of one item; None where nothing waits any more. Raises ShegongError for a key that is none."""
    kind, _, name = key.partition(":")
    if kind not in ("submission", "domain") or not name or (kind == "submission" and not name.isdigit()):
        raise ShegongError(f"{key!r} names nothing that could wait.", "submission:<id> or domain:<name>.")
    with connect(settings.dsn["loader"]) as connection:
        found = (
            _submissions(connection, now, int(name))
            if kind == "submission"
            else [asked for asked in _domains(connection, now) if asked.key == key]
        )
    return found[0] if found else None


def carry_out(settings: Settings, now: datetime, key: str, answer: str, by: str, reason: str) -> bool:
    """Do what was answered; whether anything changed. Run again: nothing more changes.

    A refused domain stays as it is published, until figures that pass. Raises ShegongError without a reason.
    """
    if answer == LATER:
        return False
    if not reason.strip():
        raise ShegongError("A decision needs its reason.", "Clear the task `ask` and answer with a reason.")
    kind, _, name = key.partition(":")
    if describe(settings, now, key) is None:
        return False
    if kind == "submission":
        decide = decisions.release if answer == PASS else decisions.reject
        decide(settings, now, int(name), by, reason)
        return True
    if answer == PASS:
        gate.release(settings, now, name, by, reason)
    return answer == PASS


def _submissions(connection: psycopg.Connection, now: datetime, one: int | None = None) -> list[Asked]:
    units = areas.units(connection, local_day(now))
    asked = []
    for number, unit, table, day, total, refused, reason in connection.execute(_HELD, {"one": one}):
        name = units[unit].full_name if unit in units else unit
        title = contract.load()[table].title if table in contract.load() else table
        body = (
            f"**{name}** {day:%Y年%-m月%-d日}的**{title}**暂存待核：{reason or '见回执'}\n\n"
            f"共 {total} 行，其中 {refused} 行退回。放行后随下次生成计入；不放行则不计入，沿用以前接受的数据。"
        )
        asked.append(Asked(f"submission:{number}", "", f"{name}的{title}（第 {number} 号）是否放行？", body))
    return asked


def _domains(connection: psycopg.Connection, now: datetime) -> list[Asked]:
    held = {item.domain for item in gate.holds(connection, now)}
    asked = []
    for item in gate.waiting(connection):
        if not item.is_askable or item.domain in held:
            continue
        lines = [f"“{item.title}”的新数字未通过发布审核，现在显示的是上一次发布的数字。", ""]
        for rule, rows in item.checks.items():
            lines.append(f"- **{item.texts[rule]}**：{len(rows)} 项")
            lines += [f"    - {_row(row)}" for row in rows[:MOST_ROWS]]
            lines += [f"    - 另有 {len(rows) - MOST_ROWS} 项"] if len(rows) > MOST_ROWS else []
        lines += ["", "放行后，与此相同（相差不到 2%）的数字随下次生成发布；不放行则继续显示以前的数字。"]
        # The same checks are asked about once a day, not with each build.
        digest = hashlib.sha256("\n".join(sorted(item.checks)).encode()).hexdigest()[:8]
        asked.append(
            Asked(
                f"domain:{item.domain}",
                f"{local_day(now):%Y%m%d}-{digest}",
                f"“{item.title}”未通过审核的数字是否放行？",
                "\n".join(lines),
            )
        )
    return asked


def _row(row: dict) -> str:
    shown = {name: value for name, value in row.items() if name not in ("domain", "row_id", "table_name")}
    named = row.get("row_id") or row.get("table_name") or ""
    return f"{named}（{'，'.join(f'{name} = {value}' for name, value in shown.items())}）"

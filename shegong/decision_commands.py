"""`shegong release`, `reject`, `claims`, `extension`, `punctuality`: the bureau's hand in the life of a submission."""

import json
import os
from collections.abc import Callable
from datetime import datetime

import click
from rich.table import Table

from shegong import board, settings
from shegong.database import connect
from shegong.runtime.progress import console

_SUBMISSION = click.argument("submission_id", metavar="ID", type=int)
_DAY = click.DateTime(["%Y-%m-%d"])
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_BY = click.option("--by", required=True, help="Who decides, by name.")
_REASON = click.option("--reason", required=True, help="Why; the county reads it in its receipt.")


def _now():
    from shegong.cli import week_now

    return week_now()


def _decision(outcome: Callable, submission_id: int, by: str, reason: str) -> None:
    done = outcome(settings.load(os.environ), _now(), submission_id, by, reason)
    console.print(
        f"Submission {done.submission_id} is {done.state}. Earlier versions replaced: {done.replaced}; receipts written: {done.receipts}."
    )


@click.command()
@click.argument("what", metavar="ID|DOMAIN")
@_BY
@_REASON
def release(what: str, by: str, reason: str) -> None:
    """Accept a held submission, by its ID; or let a DOMAIN that is held or failed its audit go out (`all`: whatever is held).

    A submission counts with the next build, where its dates put it. What an audit refused passes as it was seen: much
    different figures fail again.
    """
    from shegong import decisions
    from shegong.publication_commands import release_domain

    if what.isdigit():
        _decision(decisions.release, int(what), by, reason)
    else:
        release_domain(what, by, reason)


@click.command()
@_SUBMISSION
@_BY
@_REASON
def reject(submission_id: int, by: str, reason: str) -> None:
    """Leave a held submission out for good; what was accepted before stays in force."""
    from shegong import decisions

    _decision(decisions.reject, submission_id, by, reason)


@click.group()
def extension() -> None:
    """Later due days that the bureau grants, by name and with a reason."""


@extension.command()
@click.argument("unit")
@click.argument("table")
@click.option("--due", "due_day", required=True, type=_DAY, help="The due day that is moved.")
@click.option("--until", required=True, type=_DAY, help="The day until whose due hour it is on time.")
@_BY
@click.option("--reason", required=True, help="Why.")
def grant(unit: str, table: str, due_day: datetime, until: datetime, by: str, reason: str) -> None:
    """Move one UNIT's due day of one TABLE. What came already is on time if it came by then."""
    from shegong import extensions

    ours = settings.load(os.environ)
    saved = extensions.grant(ours, _now(), unit, table, due_day.date(), until.date(), by, reason)
    console.print(
        f"{unit} {table}: due {until:%Y-%m-%d} instead of {due_day:%Y-%m-%d}. No longer late: {saved}."
    )


@extension.command("list")
@_JSON
def list_extensions(as_json: bool) -> None:
    """All extensions, the newest first."""
    from shegong import extensions

    with connect(settings.load(os.environ).dsn["loader"]) as connection:
        rows = extensions.granted(connection)
    _show(rows, as_json, "延期", {"unit_code": "单位", "table_name": "数据表", "due_date": "应报日", "extended_to": "延至",
                                "granted_by": "批准人", "granted_on": "批准日期", "reason": "理由"})  # fmt: skip


@click.command()
@click.option("--area", default="330000", show_default=True, help="Province, city, county or unit code.")
@click.option("--table", help="Only this table.")
@click.option("--period", help="Only this month (2026-05), quarter (2026Q2) or year (2026).")
@_JSON
def punctuality(area: str, table: str | None, period: str | None, as_json: bool) -> None:
    """On-time and completeness by unit, table and period, as published."""
    from shegong import punctuality as counted

    with connect(settings.load(os.environ).dsn["bi_reader"]) as connection:
        rows = counted.of_area(connection, area, table, period)
    _show(rows, as_json, "报送及时与完整", {"unit_name": "单位", "table_title": "数据表", "period": "报表期", "expected_count": "应报",
                                     "came_count": "已报", "on_time_count": "按时", "late_count": "迟报", "missing_count": "缺报",
                                     "pending_count": "未到期", "complete_share": "完整率", "on_time_share": "及时率"})  # fmt: skip


@click.group(invoke_without_command=True)
@click.option("--unit", help="Only this unit's, on either side.")
@click.option("--state", type=click.Choice(["open", "confirmed", "disputed", "lapsed"]), help="Only these.")
@_JSON
@click.pass_context
def claims(context: click.Context, unit: str | None, state: str | None, as_json: bool) -> None:
    """What two units say is theirs: people, certificates, credit codes; who had it, who claims it, what became of it."""
    from shegong import claims as claimed

    if context.invoked_subcommand:
        return
    with connect(settings.load(os.environ).dsn["loader"]) as connection:
        rows = claimed.listed(connection, unit, state)
    _show(rows, as_json, "归属核对", {"claim_id": "编号", "table_name": "数据表", "shown": "对象", "old_unit": "原单位", "new_unit": "后报单位",
                                  "state": "状态", "opened_at": "提出", "answer_until": "答复期限", "reason": "说明", "written": "单位所写"})  # fmt: skip


@claims.command()
@click.argument("claim_id", metavar="ID", type=int)
@click.option("--state", required=True, type=click.Choice(["confirmed", "disputed"]), help="What is decided.")
@_BY
@click.option("--reason", required=True, help="Why; both units read it in their notice.")
def close(claim_id: int, state: str, by: str, reason: str) -> None:
    """Write down what was decided on an open claim, for a unit that answered by word."""
    from shegong import claims as claimed

    with connect(settings.load(os.environ).dsn["loader"]) as connection:
        claimed.close(connection, _now(), claim_id, state, by, reason)
    console.print(f"Claim {claim_id} is {state}. Both units are told with the next run.")


def _show(rows: list[dict], as_json: bool, title: str, columns: dict[str, str]) -> None:
    """Rows as a table for people, or as JSON."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=board.as_json))
        return
    table = Table(title=f"{title}（{len(rows)}）")
    for header in columns.values():
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(_text(name, row[name]) for name in columns))
    console.print(table)


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    return f"{value:.1%}" if name.endswith("_share") else str(value)


COMMANDS = (release, reject, claims, extension, punctuality)

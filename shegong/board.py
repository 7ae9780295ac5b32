"""What `shegong board` and `shegong submissions` print, from the published marts and the ledger. Reads only."""

from datetime import date, datetime
from decimal import Decimal

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

_PROGRESS = """
select
    goal_id, measure_id, clause, goal_name, area_level, area_code, area_name, state, value, numerator, denominator,
    median, target, unit, direction, gap, deadline, is_expired, coverage, is_carried_forward, as_of_date, publication_id
from marts.mart_target_progress
where area_code = %s
order by goal_id, measure_id
"""
_STATES = """
select
    s.submission_id, s.unit_code, u.unit_name, d.file_name, s.table_name, s.mode, s.report_date, s.sequence, s.version, s.state, s.reason,
    s.rows_total, s.rows_accepted, s.rows_refused, s.is_late, s.received_at
from ops.submission as s
inner join ops.delivery as d on d.delivery_id = s.delivery_id
left join reference.unit as u on u.unit_code = s.unit_code
where
    (%(unit)s::text is null or s.unit_code = %(unit)s)
    and (%(state)s::text is null or s.state = %(state)s)
    and (
        %(file)s::text is null
        or d.delivery_id = (
            select max(coalesce(sent.duplicate_of, sent.delivery_id)) from ops.delivery as sent
            where sent.place_unit_code = %(unit)s and sent.file_name = %(file)s
        )
    )
order by s.received_at desc, s.unit_code, s.table_name
limit %(limit)s
"""
_STAGES = """
select run_now, stage, sum(seconds) as seconds, sum(files) as files, sum(rows) as rows
from ops.stage_time group by run_now, stage order by run_now, stage
"""
STAGES = ("load", "register", "judge", "receipts", "core", "marts", "audit", "publish")
STATE_NAMES = {
    "staged": "待判", "accepted": "已接收", "partly_accepted": "部分接收", "held": "暂存待核", "refused": "退回",
    "nil": "零报告", "rejected": "不予接收", "replaced": "已被替换",
}  # fmt: skip


def progress(connection: psycopg.Connection, area_code: str) -> list[dict]:
    """The goals of one area as published: one dict per goal and measure. Empty for an area that is not known."""
    return connection.cursor(row_factory=dict_row).execute(_PROGRESS, [area_code]).fetchall()


def submissions(
    connection: psycopg.Connection, unit: str | None, state: str | None, limit: int
) -> list[dict]:
    """The newest submissions, one dict each."""
    values = {"unit": unit, "state": state, "file": None, "limit": limit}
    return connection.cursor(row_factory=dict_row).execute(_STATES, values).fetchall()


def of_files(connection: psycopg.Connection, sent: list[tuple[str, str]]) -> list[dict]:
    """What became of files, given as (unit, file name): the submissions of each one's newest delivery."""
    rows = []
    for unit, name in sent:
        values = {"unit": unit, "state": None, "file": name, "limit": 100}
        rows += connection.cursor(row_factory=dict_row).execute(_STATES, values).fetchall()
    return rows


def receipts(connection: psycopg.Connection, sent: list[tuple[str, str]]) -> list[str]:
    """Where the receipts of these files' newest deliveries lie."""
    query = "select receipt_path from ops.delivery where place_unit_code = %s and file_name = %s order by delivery_id desc limit 1"
    found = [connection.execute(query, list(file)).fetchone() for file in sent]
    return [row[0] for row in found if row and row[0]]


def stages(connection: psycopg.Connection) -> list[dict]:
    """What each stage of each run took: one dict per run and stage; the batches of a stage are added up."""
    return connection.cursor(row_factory=dict_row).execute(_STAGES).fetchall()


def print_stages(console: Console, rows: list[dict]) -> None:
    """Runs down, stages across, seconds of work in each; the tasks' own start and waiting are not in it."""
    table = Table(title="各环节用时（秒）")
    table.add_column("批次", no_wrap=True)
    for header in ("文件", "行", *STAGES):
        table.add_column(header, justify="right", no_wrap=True)
    for moment in sorted({row["run_now"] for row in rows}):
        taken = {row["stage"]: row for row in rows if row["run_now"] == moment}
        load = taken.get("load", {"files": None, "rows": None})
        seconds = [f"{taken[stage]['seconds']:.1f}" if stage in taken else "" for stage in STAGES]
        table.add_row(f"{moment:%Y-%m-%d %H:%M}", _number(load["files"]), _number(load["rows"]), *seconds)
    console.print(table)


def print_progress(console: Console, rows: list[dict]) -> None:
    first = rows[0]
    table = Table(
        title=f"{first['area_name']} 目标进展（截至 {first['as_of_date']}，第 {first['publication_id']} 次发布）"
    )
    for header in ("目标", "条", "名称"):
        table.add_column(header, overflow="fold")
    for header in ("现状", "分子 / 分母", "目标值", "差距", "覆盖率"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in rows:
        parts = (
            f"{_number(row['numerator'])} / {_number(row['denominator'])}"
            if row["denominator"] is not None
            else ""
        )
        table.add_row(
            row["goal_id"], row["clause"], row["goal_name"] + ("（结转）" if row["is_carried_forward"] else ""),
            _value(row["value"], row["unit"]) if row["state"] == "已采集" else row["state"],
            parts, _target(row), _value(row["gap"], row["unit"]), _value(row["coverage"], "share"),
        )  # fmt: skip
    console.print(table)


def print_submissions(console: Console, rows: list[dict]) -> None:
    table = Table(title=f"报送情况（最近 {len(rows)} 件）")
    table.add_column("编号", justify="right", no_wrap=True)
    for header in ("单位", "数据表", "方式", "填报日期", "序号", "状态"):
        table.add_column(header, no_wrap=True)
    for header in ("行数", "接收", "退回行"):
        table.add_column(header, justify="right")
    table.add_column("说明", overflow="fold")
    for row in rows:
        version = f"v{row['version']}" if row["version"] > 1 else ""
        table.add_row(
            str(row["submission_id"]), f"{row['unit_code']} {row['unit_name'] or ''}", row["table_name"] or "", {"D": "变更", "S": "全量"}.get(row["mode"], ""),
            str(row["report_date"] or ""), f"{row['sequence'] or ''}{version}", STATE_NAMES[row["state"]] + ("（迟报）" if row["is_late"] else ""),
            str(row["rows_total"]), str(row["rows_accepted"]), str(row["rows_refused"]), row["reason"] or "",
        )  # fmt: skip
    console.print(table)


def as_json(value: object) -> object:
    """What json.dumps does not know: exact numbers as numbers, days and times in ISO form."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _target(row: dict) -> str:
    if row["target"] is None:
        return ""
    sign = {"about": "约 ", ">=": "≥ ", "<=": "≤ ", "=": ""}[row["direction"]]
    return f"{sign}{_value(row['target'], row['unit'])}" + ("（已到期）" if row["is_expired"] else "")


def _value(value: Decimal | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value * 100:.1f}%" if unit in ("share", "ratio", "growth") else _number(value)


def _number(value: Decimal | int | None) -> str:
    if value is None:
        return ""
    return f"{int(value):,}" if value == int(value) else f"{value:,.2f}"

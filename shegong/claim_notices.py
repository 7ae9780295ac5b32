"""The notice 归属核对通知 that each unit of a claim finds beside its receipts: its own rows, never the other's name."""

import io
from collections.abc import Callable
from datetime import datetime

import psycopg
from psycopg.rows import dict_row
from upath import UPath
from xlsxwriter.worksheet import Worksheet

from shegong import claims, contract
from shegong.calendar import SHANGHAI, local_day
from shegong.database import connect
from shegong.intake import receipt_cells as cells
from shegong.intake import receipt_ledger
from shegong.intake.explanations import CLAIM_MARK, EXPLANATIONS, NUMBER_HEADER, RULE_HEADER, TEXT_HEADER
from shegong.intake.places.reach import no_access
from shegong.intake.receipt_lists import limit_explanations
from shegong.intake.returning import Returner
from shegong.render.template import NOT_DATA, add_info, open_workbook
from shegong.render.workbook_style import Styles
from shegong.settings import Settings

SHEET = "归属核对"
_COLUMNS = {
    "序号": 6, "数据表": 20, "对象": 22, "本单位文件": 30, "工作表": 16, "行": 7, "情况": 32, "答复期限": 12, "怎样办理": 50,
    TEXT_HEADER: 32, RULE_HEADER: 30, NUMBER_HEADER: 12,
}  # fmt: skip
_TEXT_AT, _RULE_AT, _NUMBER_AT = (list(_COLUMNS).index(n) for n in (TEXT_HEADER, RULE_HEADER, NUMBER_HEADER))
_HEADER_ROW = 2
_ASKED = (
    "另一单位报送了同一对象，请核对是否仍属本单位",
    "已转出的，请报送“撤销”确认；仍属本单位的，请在右边的说明格写明，把本通知放回报送的地方，或再次报送这一行",
)
_TOLD = {
    "confirmed": ("归属已确认，只按后报的单位计一次", "无需办理"),
    "disputed": ("归属有异议：{reason}；按生效日期较晚的一方计一次", "请核对本单位的这一行，误报的请报送“撤销”；由省里协调"),
    "lapsed": ("期限内没有答复，按生效日期较晚的一方计一次", "仍有异议的请向省里说明"),
}  # fmt: skip

# A unit is told of what waits for its answer, and of what was decided today, whichever side it is on.
_OF_UNIT = """
select c.claim_id, c.rule_id, c.table_name, c.shown, d.file_name, c.state, c.reason, c.answer_until,
    case when c.old_unit = %(unit)s then c.old_sheet else c.new_sheet end as sheet_name,
    case when c.old_unit = %(unit)s then c.old_row else c.new_row end as row_number
from ops.claim as c
inner join ops.submission as s
    on s.submission_id = case when c.old_unit = %(unit)s then c.old_submission else c.new_submission end
inner join ops.delivery as d on d.delivery_id = s.delivery_id
where (c.state = 'open' and c.old_unit = %(unit)s)
    or (c.state <> 'open' and %(unit)s in (c.old_unit, c.new_unit)
        and (c.notified_at is null or (c.closed_at at time zone 'Asia/Shanghai')::date = %(day)s))
order by c.table_name, c.claim_id
"""
_UNITS = """
select told.unit, coalesce(max(u.unit_name), told.unit), max(s.delivery_id) from (
    select old_unit as unit, old_submission as submission_id from ops.claim where notified_at is null
    union select new_unit, new_submission from ops.claim where notified_at is null and state <> 'open'
) as told
inner join ops.submission as s on s.submission_id = told.submission_id
left join reference.unit as u on u.unit_code = told.unit
group by told.unit order by told.unit
"""


def follow_and_tell(settings: Settings, now: datetime, places=None, access: Callable = no_access) -> int:
    """Close what was answered or ran out, then write the notices that are due; how many.

    A notice goes back the way that the unit's own file came; where that is down, with the next run. Run again:
    nothing to write, or after a kill the same notices over again. One notice a unit and day.
    """
    waiting = []
    with connect(settings.dsn["loader"]) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('shegong claims'))")
        claims.follow(connection, now)
        units = connection.execute(_UNITS).fetchall()
        with Returner(settings, connection, now, UPath, places, access) as returner:
            for unit, unit_name, delivery_id in units:
                name = f"归属核对通知_{local_day(now):%Y%m%d}.xlsx"
                content = _workbook(_rows(connection, unit, now), unit_name, now)
                if returner.give_back(receipt_ledger.read(connection, delivery_id), name, content) is None:
                    waiting.append(unit)
        connection.execute(
            """update ops.claim set notified_at = %s where notified_at is null
            and not (old_unit = any(%s)) and not (state <> 'open' and new_unit = any(%s))""",
            [now, waiting, waiting],
        )
    return len(units) - len(waiting)


def _rows(connection: psycopg.Connection, unit: str, now: datetime) -> list[dict]:
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute(_OF_UNIT, {"unit": unit, "day": local_day(now)}).fetchall()


def _workbook(rows: list[dict], unit_name: str, now: datetime) -> bytes:
    content = io.BytesIO()
    with open_workbook(content, local_day(now)) as workbook:
        styles = Styles(workbook)
        sheet = workbook.add_worksheet(SHEET)
        _head(sheet, styles, unit_name, now)
        for number, row in enumerate(rows, 1):
            at = _HEADER_ROW + number
            cells.list_row(sheet, styles, at, _said(number, row), _COLUMNS.values())
            if row["state"] == "open":
                sheet.write_blank(at, _TEXT_AT, None, styles.room())
        limit_explanations(sheet, _HEADER_ROW + 1, _HEADER_ROW + len(rows), _TEXT_AT)
        add_info(workbook, {SHEET: (EXPLANATIONS, NOT_DATA)})
    return content.getvalue()


def _head(sheet: Worksheet, styles: Styles, unit_name: str, now: datetime) -> None:
    """Title, date, header, and the page; what only the reader needs is hidden."""
    for at, width in enumerate(_COLUMNS.values()):
        sheet.set_column(at, at, width, None, {"hidden": at in (_RULE_AT, _NUMBER_AT)})
    sheet.set_row(0, 40)
    sheet.merge_range(0, 0, 0, _TEXT_AT, f"{unit_name}归属核对通知", styles.title())
    sent = f"省里 {now.astimezone(SHANGHAI):%Y-%m-%d} 发出"
    sheet.merge_range(1, 0, 1, _TEXT_AT, sent, styles.get(align="right"))
    cells.head(sheet, styles, _HEADER_ROW, _COLUMNS)
    sheet.freeze_panes(_HEADER_ROW + 1, 0)
    sheet.repeat_rows(_HEADER_ROW)
    cells.page(sheet, landscape=True)


def _said(number: int, row: dict) -> tuple:
    situation, mend = _TOLD.get(row["state"], _ASKED)
    is_open = row["state"] == "open"
    if is_open and row["reason"]:
        situation += f"；{row['reason']}"
    until = f"{row['answer_until'].astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if is_open else ""
    return (
        number, contract.load()[row["table_name"]].title, row["shown"], row["file_name"], row["sheet_name"],
        row["row_number"], situation.format(reason=row["reason"]), until, mend, "", row["rule_id"],
        f"{CLAIM_MARK}{row['claim_id']}",
    )  # fmt: skip

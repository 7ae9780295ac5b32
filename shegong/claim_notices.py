"""The notice 归属核对通知 that each unit of a claim finds beside its receipts: its own rows, never the other's name."""

import io
from collections.abc import Callable
from datetime import datetime

import psycopg
from psycopg.rows import dict_row
from upath import UPath

from shegong import claims, contract
from shegong.calendar import SHANGHAI, local_day
from shegong.database import connect
from shegong.intake import receipt_ledger
from shegong.intake.places.reach import no_access
from shegong.intake.returning import Returner
from shegong.render.template import NOT_DATA, add_info, open_workbook
from shegong.render.workbook_style import Styles, shown_width
from shegong.settings import Settings

SHEET = "归属核对"
_COLUMNS = {
    "序号": 6, "数据表": 22, "对象": 24, "本单位文件": 36, "工作表": 18, "行": 8, "情况": 36, "答复期限": 18, "怎样办理": 48,
}  # fmt: skip
_ASKED = (
    "另一单位报送了同一对象，请核对是否仍属本单位",
    "已转出的，请报送“撤销”确认；仍属本单位的，请再次报送这一行，或向省里说明",
)
_TOLD = {
    "confirmed": ("归属已确认，只按后报的单位计一次", "无需办理"),
    "disputed": ("归属有异议：{reason}；按生效日期较晚的一方计一次", "请核对本单位的这一行，误报的请报送“撤销”；由省里协调"),
    "lapsed": ("期限内没有答复，按生效日期较晚的一方计一次", "仍有异议的请向省里说明"),
}  # fmt: skip

# A unit is told of what waits for its answer, and of what was decided today, whichever side it is on.
_OF_UNIT = """
select c.table_name, c.shown, d.file_name, c.state, c.reason, c.answer_until,
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
    content, last = io.BytesIO(), len(_COLUMNS) - 1
    with open_workbook(content, local_day(now)) as workbook:
        styles = Styles(workbook)
        sheet = workbook.add_worksheet(SHEET)
        sheet.set_row(0, 40)
        sheet.merge_range(0, 0, 0, last, f"{unit_name}归属核对通知", styles.title())
        sheet.merge_range(
            1, 0, 1, last, f"省里 {now.astimezone(SHANGHAI):%Y-%m-%d} 发出", styles.get(align="right")
        )
        sheet.set_row(2, 26)
        for at, (header, width) in enumerate(_COLUMNS.items()):
            sheet.set_column(at, at, width)
            sheet.write_string(2, at, header, styles.header())
        for number, row in enumerate(rows, 1):
            said = _said(number, row)
            lines = max(
                1 + shown_width(text) // width for text, width in zip(said, _COLUMNS.values(), strict=True)
            )
            sheet.set_row(number + 2, 16 * lines + 6)
            for at, text in enumerate(said):
                sheet.write_string(number + 2, at, text, styles.cell(text_wrap=True))
        sheet.freeze_panes(3, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        add_info(workbook, {SHEET: (NOT_DATA, NOT_DATA)})
    return content.getvalue()


def _said(number: int, row: dict) -> tuple[str, ...]:
    situation, mend = _TOLD.get(row["state"], _ASKED)
    until = f"{row['answer_until'].astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if row["state"] == "open" else ""
    return (
        str(number), contract.load()[row["table_name"]].title, row["shown"], row["file_name"], row["sheet_name"],
        str(row["row_number"] or ""), situation.format(reason=row["reason"]), until, mend,
    )  # fmt: skip

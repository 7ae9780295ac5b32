"""The 报送封面 of a county's workbook: who answers for it and what it holds, to print, sign and stamp.

Its figures count the sheets by formulas, so that they are right on paper; intake compares them with what it read.
The names and the telephone number are for the paper: nothing reads them.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from shegong.contract import Field
from shegong.render.sheet_content import MODES, Envelope, Sheet, is_additive
from shegong.render.workbook_style import HEADING_FONT, Styles

COVER_SHEET, COVER = "报送封面", "cover"  # the sheet's name, and its word in the info sheet
COLUMNS = ("数据表", "核对项目", "填报数")
ROWS_ITEM, SUM_SUFFIX = "行数", "合计"
_WIDTHS = (34, 34, 22)
_FIRST_ROW, _LAST_ROW = 4, 1_048_576  # of a table's data, as Excel counts
_SIGNED = (("填表人", "审核人"), ("单位负责人", "联系电话"), ("报出日期", "（盖章）"))
_NOTE = (
    "填报数由本工作簿内的公式自动统计，不必手工填写；打印后由填表人、审核人、单位负责人签字并加盖公章。"
    "接收时与所附各表逐项核对，不一致的表暂缓入库。姓名和电话只用于纸质存档，系统不读取。"
)


def add_cover(
    workbook: xlsxwriter.Workbook, styles: Styles, sheets: Sequence[Sheet], envelope: Envelope
) -> Worksheet:
    """Add the cover of these sheets, which stand in the same workbook under their names."""
    cover = workbook.add_worksheet(COVER_SHEET)
    for at, width in enumerate(_WIDTHS):
        cover.set_column(at, at, width)
    cover.set_row(0, 54)
    cover.merge_range(
        0, 0, 0, 2, "社会工作数据报送封面", styles.get(font_name=HEADING_FONT, font_size=22, align="center")
    )
    row = _facts(cover, styles, envelope)
    row = _figures(cover, styles, sheets, row + 1)
    row = _signatures(cover, styles, row + 1)
    cover.set_row(row, 66)
    cover.merge_range(row, 0, row, 2, _NOTE, styles.get(text_wrap=True, font_size=10))
    cover.set_paper(9)
    cover.fit_to_pages(1, 0)
    cover.set_margins(left=0.8, right=0.8, top=1, bottom=0.8)
    cover.center_horizontally()
    return cover


def items(sheet: Sheet) -> Iterator[tuple[str, Field | None]]:
    """What the cover states of a sheet: the number of rows (None), and the sum of each money column."""
    yield ROWS_ITEM, None
    for name, spec in sheet.columns:
        if spec and spec.unit in ("yuan", "wan_yuan") and is_additive(spec):
            yield sheet.header(name, spec) + SUM_SUFFIX, spec


def _facts(cover: Worksheet, styles: Styles, envelope: Envelope) -> int:
    unit = f"{envelope.unit_name}（{envelope.unit_code}）" if envelope.unit_code else ""
    day = envelope.report_date.isoformat() if envelope.report_date else ""
    facts = {"填报单位（盖章）": unit, "报表期": day, "报送方式": MODES[envelope.mode]}
    for row, (what, said) in enumerate(facts.items(), 1):
        cover.set_row(row, 30)
        cover.write_string(row, 0, what, styles.header())
        cover.merge_range(row, 1, row, 2, said, styles.cell(indent=1))
    return len(facts) + 1


def _figures(cover: Worksheet, styles: Styles, sheets: Iterable[Sheet], row: int) -> int:
    for at, header in enumerate(COLUMNS):
        cover.write_string(row, at, header, styles.header())
    cover.set_row(row, 26)
    for sheet in sheets:
        for item, spec in items(sheet):
            row += 1
            cover.set_row(row, 22)
            cover.write_string(row, 0, sheet.contract.title, styles.cell(indent=1))
            _item(cover, styles, row, sheet, item, spec)
            # a formula's result goes with it: whoever opens the file without counting sees the same
            formula, value = (_count(sheet), len(sheet.rows)) if spec is None else _sum(sheet, spec)
            look = "0" if spec is None else "#,##0.00"
            cover.write_formula(row, 2, formula, styles.cell(num_format=look, align="center"), value)
    return row + 1


def _item(cover: Worksheet, styles: Styles, row: int, sheet: Sheet, item: str, spec: Field | None) -> None:
    """A sum is named after the heading in the sheet, so that a heading changed to 万元 changes here too."""
    if spec is None:
        cover.write_string(row, 1, item, styles.cell(indent=1))
        return
    letter, name = xl_col_to_name(_at(sheet, spec)), sheet.name.replace("'", "''")
    formula = f"='{name}'!${letter}${_FIRST_ROW - 1}&\"{SUM_SUFFIX}\""
    cover.write_formula(row, 1, formula, styles.cell(indent=1), item)


def _at(sheet: Sheet, spec: Field) -> int:
    return next(at for at, (name, _) in enumerate(sheet.columns) if name == spec.name)


def _count(sheet: Sheet) -> str:
    """Rows that have something in the first, second or third column that must be filled; totals are not counted."""
    needed = [at for at, (_, spec) in enumerate(sheet.columns) if spec and spec.required][:3] or [0]
    asked = []
    for number, at in enumerate(needed):
        blank = "".join(f'{_cells(sheet, before)},"=",' for before in needed[:number])
        asked.append(f'COUNTIFS({blank}{_cells(sheet, at)},"<>",{_cells(sheet, 0)},"<>*计")')
    return "=" + "+".join(asked)


def _sum(sheet: Sheet, spec: Field) -> tuple[str, float]:
    figures = _cells(sheet, _at(sheet, spec))
    amounts = (row.get(spec.name) for row in sheet.rows)
    total = sum(
        (
            Decimal(str(a))
            for a in amounts
            if isinstance(a, int | float | Decimal) and not isinstance(a, bool)
        ),
        Decimal(0),
    )
    return f'=SUM({figures})-SUMIF({_cells(sheet, 0)},"*计",{figures})', float(total)


def _cells(sheet: Sheet, column: int) -> str:
    letter, name = xl_col_to_name(column), sheet.name.replace("'", "''")
    return f"'{name}'!${letter}${_FIRST_ROW}:${letter}${_LAST_ROW}"


def _signatures(cover: Worksheet, styles: Styles, row: int) -> int:
    for left, right in _SIGNED:
        cover.set_row(row, 36)
        cover.write_string(row, 0, f"{left}：", styles.get())
        cover.write_string(row, 1, right if right.startswith("（") else f"{right}：", styles.get())
        row += 1
    return row

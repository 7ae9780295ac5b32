"""The nil report (零报告) as a workbook: the one column that names the tables without change, and remarks."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import BinaryIO

from shegong.contract import Contract
from shegong.render.code_ranges import LISTS_SHEET
from shegong.render.sheet_content import Envelope
from shegong.render.template import NOT_DATA, add_info, open_workbook
from shegong.render.workbook_style import REQUIRED_FILL, Styles

NIL_SHEET, NIL_TABLE = "零报告", "nil"
_HEADER_ROW, _FIRST_ROW, _ROWS = 2, 3, 30
_WIDTHS = (40, 24, 18, 12)
_LAST = len(_WIDTHS) - 1
_NOTE = "每行选一张当天没有变化的表；全部没有变化的，逐行列出。"


def write_nil(
    target: BinaryIO | Path, tables: Sequence[Contract], unit_code: str, unit_name: str, day: date | None
) -> None:
    """Write the empty nil report; `tables` are those that its drop-down offers."""
    with open_workbook(target, day) as workbook:
        styles = Styles(workbook)
        sheet = workbook.add_worksheet(NIL_SHEET)
        for at, width in enumerate(_WIDTHS):
            sheet.set_column(at, at, width)
        sheet.set_row(0, 36)
        sheet.merge_range(0, 0, 0, _LAST, f"{unit_name}零报告", styles.title())
        labels = Envelope(unit_code, unit_name, day, "D").labels
        for at, label in enumerate(labels[: len(_WIDTHS)]):
            sheet.write_string(1, at, label, styles.get())
        sheet.set_row(_HEADER_ROW, 26)
        sheet.write_string(_HEADER_ROW, 0, "数据表", styles.header(REQUIRED_FILL))
        sheet.merge_range(_HEADER_ROW, 1, _HEADER_ROW, _LAST, "备注", styles.header())
        for row in range(_FIRST_ROW, _FIRST_ROW + _ROWS):
            sheet.write_blank(row, 0, None, styles.cell(indent=1))
            sheet.merge_range(row, 1, row, _LAST, "", styles.cell(indent=1))
        codes = workbook.add_worksheet(LISTS_SHEET)
        for row, table in enumerate(tables):
            codes.write_string(row, 0, table.title)
        codes.hide()
        sheet.data_validation(_FIRST_ROW, 0, _FIRST_ROW + _ROWS - 1, 0, {
            "validate": "list", "source": f"='{LISTS_SHEET}'!$A$1:$A${len(tables)}",
            "input_title": "数据表", "input_message": _NOTE,
        })  # fmt: skip
        sheet.freeze_panes(_FIRST_ROW, 0)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, _HEADER_ROW)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        add_info(workbook, {NIL_SHEET: (NIL_TABLE, ""), LISTS_SHEET: (NOT_DATA, NOT_DATA)})

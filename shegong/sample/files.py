"""Writes deliveries as workbooks in the official layout and as CSV. The same submissions give the same
bytes.
"""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from shegong import contract
from shegong.sample import layout
from shegong.sample.submission import Delivery, Submission

_MODES = {"D": "变更", "S": "全量"}
_EPOCH = date(1899, 12, 30)
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 a workbook's own date has no zone; fixed, so that bytes repeat


def write(delivery: Delivery, folder: Path, unit_names: dict[str, str]) -> Path:
    """Write one delivery to folder/<unit>/<name>. Safe to run again: the file is written anew."""
    path = folder / delivery.unit / delivery.name
    path.parent.mkdir(parents=True, exist_ok=True)
    source = delivery.same_as or delivery
    path.write_bytes(source.content if source.content is not None else render(source, unit_names))
    return path


def render(delivery: Delivery, unit_names: dict[str, str]) -> bytes:
    """The bytes of a delivery that is made from submissions."""
    return _csv(delivery.submissions[0], delivery) if delivery.is_csv else _workbook(delivery, unit_names)


def _csv(sub: Submission, delivery: Delivery) -> bytes:
    grid = layout.grid(sub, is_csv=True)
    lines = [grid.headers, *grid.rows]
    if delivery.twist:
        lines = delivery.twist(lines)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode(delivery.encoding)


def _workbook(delivery: Delivery, unit_names: dict[str, str]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"created": _CREATED})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
        "header": book.add_format(
            {"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "align": "center"}
        ),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
    }
    known = []
    for sub in delivery.submissions:
        spec = contract.load()[sub.table]
        page = {
            "name": spec.title,
            "table": sub.table,
            "version": spec.version,
            "grid": layout.grid(sub, is_csv=False),
        }
        page["top"] = _top(sub, unit_names.get(sub.unit, ""), spec.title)
        if delivery.twist:
            page = delivery.twist(page)
        _sheet(book, styles, page)
        known.append((page["name"], page["table"], page["version"]))
    hidden = book.add_worksheet("_shegong")
    for at, row in enumerate(known):
        hidden.write_row(at, 0, row)
    hidden.very_hidden()
    book.close()
    return target.getvalue()


def _top(sub: Submission, unit_name: str, title: str) -> tuple[str, list[str]]:
    said = [
        f"填报单位：{unit_name}（{sub.unit}）",
        f"填报日期：{sub.report_date.isoformat()}",
        f"报送方式：{_MODES[sub.mode]}",
        f"序号：{sub.sequence:02d}",
        f"替换：{sub.version if sub.version > 1 else ''}",
    ]
    return f"{unit_name}{title}报送表", said


def _sheet(book: xlsxwriter.Workbook, styles: dict, page: dict) -> None:
    sheet = book.add_worksheet(page["name"])
    grid: layout.Grid = page["grid"]
    title, said = page["top"]
    sheet.merge_range(0, 0, 0, max(len(grid.headers) - 1, len(said) - 1), title, styles["title"])
    sheet.write_row(1, 0, said)
    sheet.write_row(2, 0, grid.headers, styles["header"])
    sheet.set_column(0, max(len(grid.headers) - 1, 0), 16)
    sheet.freeze_panes(3, 0)
    rows = [*grid.rows, grid.totals] if grid.totals else grid.rows
    for at, row in enumerate(rows, start=3):
        _row(sheet, at, row, styles)
    for row, column, text in page.get("far", ()):
        sheet.write_string(row, column, text)


def _row(sheet: xlsxwriter.worksheet.Worksheet, at: int, row: list, styles: dict) -> None:
    text, day = styles["text"], styles["date"]
    for column, cell in enumerate(row):
        if cell is None:
            continue
        if isinstance(cell, str):
            sheet.write_string(at, column, cell, text)
        elif isinstance(cell, date):
            sheet.write_number(at, column, (cell - _EPOCH).days, day)
        else:
            sheet.write_number(at, column, cell)

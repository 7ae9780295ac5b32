"""Writes deliveries as workbooks in the official layout and as CSV. The same submissions give the same
bytes.
"""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from shegong import contract
from shegong.sample import layout, open_document
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
    if delivery.is_csv:
        return _csv(delivery.submissions[0], delivery)
    pages = [_page(sub, delivery, unit_names) for sub in delivery.submissions]
    return _open_document(pages) if delivery.name.endswith(".ods") else _workbook(pages)


def _csv(sub: Submission, delivery: Delivery) -> bytes:
    grid = layout.grid(sub, is_csv=True)
    lines = [grid.headers, *grid.rows]
    if delivery.twist:
        lines = delivery.twist(lines)
    text = io.StringIO()
    csv.writer(text, delimiter=delivery.separator, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode(delivery.encoding)


def _page(sub: Submission, delivery: Delivery, unit_names: dict[str, str]) -> dict:
    """What stands on a sheet, and how: name, table, version, the two rows at the top, the grid."""
    spec = contract.load()[sub.table]
    page = {"name": spec.title, "table": sub.table, "version": spec.version}
    page |= {
        "grid": layout.grid(sub, is_csv=False),
        "top": _top(sub, unit_names.get(sub.unit, ""), spec.title),
    }
    return delivery.twist(page) if delivery.twist else page


def _open_document(pages: list[dict]) -> bytes:
    sheets = []
    for page in pages:
        (title, said), grid = page["top"], page["grid"]
        sheets.append((page["name"], [[title], said, grid.headers, *grid.rows, grid.totals]))
    known = [[page["name"], page["table"], page["version"]] for page in pages]
    return open_document.render([*sheets, ("_shegong", known)])


def _workbook(pages: list[dict]) -> bytes:
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
    for page in pages:
        _sheet(book, styles, page)
        known.append((page["name"], page["table"], page["version"]))
        _sheets_beside(book, page, known)
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
    first = _headers(sheet, grid.headers, page.get("groups", {}), styles["header"])
    sheet.set_column(0, max(len(grid.headers) - 1, 0), 16)
    sheet.freeze_panes(first, 0)
    rows = [*grid.rows, grid.totals] if grid.totals else grid.rows
    for at, row in enumerate(rows, start=first):
        _row(sheet, at, row, styles)
    for header in page.get("merged", ()):
        _merge_down(sheet, grid.headers.index(header), grid.rows, first, styles["text"])
    for at in page.get("hidden_rows", ()):
        sheet.set_row(at, None, None, {"hidden": True})
    if page.get("is_hidden"):
        sheet.hide()
    for row, column, text in page.get("far", ()):
        sheet.write_string(row, column, text)


def _headers(sheet: xlsxwriter.worksheet.Worksheet, headers: list, groups: dict, style: object) -> int:
    """Write the headers, in two rows where some stand in a group; the first row of data."""
    if not groups:
        sheet.write_row(2, 0, headers, style)
        return 3
    named = [groups.get(header) for header in headers]
    for at, (header, group) in enumerate(zip(headers, named, strict=True)):
        if group is None:
            sheet.merge_range(2, at, 3, at, header, style)
        else:
            sheet.write_string(3, at, header, style)
            if at == 0 or named[at - 1] != group:
                width = next((n for n, g in enumerate(named[at:]) if g != group), len(named) - at)
                if width > 1:
                    sheet.merge_range(2, at, 2, at + width - 1, group, style)
                else:
                    sheet.write_string(2, at, group, style)
    return 4


def _merge_down(
    sheet: xlsxwriter.worksheet.Worksheet, column: int, rows: list, first: int, style: object
) -> None:
    """Cells with the same text one below the other become one."""
    begin = 0
    for at in range(1, len(rows) + 1):
        said = rows[begin][column]
        if at < len(rows) and isinstance(said, str) and rows[at][column] == said:
            continue
        if at - begin > 1:
            sheet.merge_range(first + begin, column, first + at - 1, column, said, style)
        begin = at


def _sheets_beside(book: xlsxwriter.Workbook, page: dict, known: list[tuple]) -> None:
    """A cover, which the template's hidden words name, and a sheet that they don't."""
    if page.get("cover"):
        sheet = book.add_worksheet("报送封面")
        for at, row in enumerate([["报送封面"], ["数据表", "核对项目", "填报数"], *page["cover"]]):
            sheet.write_row(at, 0, row)
        known.append(("报送封面", "cover", ""))
    if page.get("beside"):
        name, rows = page["beside"]
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        if page.get("is_hidden"):
            sheet.activate()
            sheet.set_first_sheet()


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

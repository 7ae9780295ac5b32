"""A workbook's sheets as Sheets, through calamine. Formats that it does not open are refused with the reason."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import python_calamine as calamine

from shegong.intake import arrow_sheets, messages, package_guard, sheet_cells, xls_store, xls_traits
from shegong.intake import header as headers
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.ods_traits import OdsSheet
from shegong.intake.sheets import FORMS, Notice, Sheet
from shegong.intake.traits import Traits
from shegong.intake.xls_traits import XlsSheet

INFO_SHEET = "_shegong"  # the template's hidden sheet: sheet name, table, contract version
NOT_DATA = "-"  # there: the table of a receipt's own sheets, which come back with its returned rows
# sheets that explain others: without a header they are left alone, and that is told
_EXPLAINS = re.compile("说明|须知|解释|要求|代码|选项|字典|目录|示例|样表|备注")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"


def is_workbook(head: bytes) -> bool:
    return head.startswith((_OLE, _ZIP))


def read(content: bytes, known_headers: frozenset[str], limits: Limits) -> list[Sheet | FileRefused]:
    """All sheets with anything in them, in order; a sheet that can't be read stands as its FileRefused.

    `known_headers` find the header row: the one among the first with most of them. Raises FileRefused
    where the whole file can't be read.
    """
    content, seen = _guarded(content, limits)
    with _answered():
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        book = arrow_sheets.Book(content, workbook.sheet_names, seen)
    info = _info(workbook)
    sheets: list[Sheet | FileRefused] = []
    notices: list[Notice] = []
    for about in workbook.sheets_metadata:
        name = about.name
        table, version, parent = info.get(name, (None, None, None))
        if name == INFO_SHEET or table == NOT_DATA:
            continue
        try:
            if table in FORMS:
                sheet = _form(workbook, name)
            else:
                sheet = _sheet(workbook, name, known_headers, limits, book)
        except FileRefused as refused:
            if refused.rule_id == "file.header_missing" and _EXPLAINS.search(name):
                notices.append(messages.sheet_left_alone(name))
            else:
                sheets.append(refused)
            continue
        if sheet is not None:
            sheet.table, sheet.version, sheet.parent = table, version, parent
            if about.visible != calamine.SheetVisibleEnum.Visible and table not in FORMS:
                sheet.notices.append(messages.HIDDEN_SHEET)
            sheets.append(sheet)
    if not sheets:
        raise FileRefused("empty", "工作簿里没有数据", "请检查文件内容后重新报送")
    next((s.notices for s in sheets if isinstance(s, Sheet)), []).extend(notices)
    return sheets


def _guarded(content: bytes, limits: Limits) -> tuple[bytes, Sequence[OdsSheet | XlsSheet]]:
    """The workbook as calamine may have it, and what was seen of its sheets on the way."""
    if content.startswith(_ZIP):
        return content, package_guard.guard(content, limits)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _encrypted()
    with _answered():
        stream = xls_store.read(content)
        sheets = xls_traits.look(stream)
    for sheet in sheets:
        if sheet.rows * sheet.columns > limits.max_sheet_cells:
            raise package_guard.too_many_cells(sheet.rows, sheet.columns, limits.max_sheet_cells)
    return xls_store.pack(xls_traits.without_sizes(stream, sheets)), sheets


@contextmanager
def _answered(sheet: str = "") -> Iterator[None]:
    """Whatever the reading library makes of damaged content is an answer to the clerk and ends nothing."""
    try:
        yield
    except (calamine.PasswordError, xls_traits.Locked) as error:
        raise _encrypted() from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _damaged(sheet) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's, which derives from BaseException on purpose
            raise
        raise _damaged(sheet) from error


def _damaged(sheet: str) -> FileRefused:
    what = f"工作表“{sheet}”" if sheet else "文件不是可以打开的 Excel 工作簿，"
    return FileRefused(
        "not_a_workbook",
        f"{what}无法读取，可能已损坏" if sheet else f"{what}可能已损坏",
        "请用 Excel 或 WPS 打开检查，另存为 .xlsx 后重新报送",
        sheet=sheet,
    )


def _encrypted() -> FileRefused:
    return FileRefused("password", "工作簿设有密码，无法读取", "请在 Excel 中取消密码后重新报送")


def _info(workbook: calamine.CalamineWorkbook) -> dict[str, tuple[str, str, int | None]]:
    if INFO_SHEET not in workbook.sheet_names:
        return {}
    with _answered(INFO_SHEET):
        rows = workbook.get_sheet_by_name(INFO_SHEET).to_python(skip_empty_area=False, nrows=100)
    return {
        str(row[0]): (str(row[1]), str(row[2]), int(row[3]) if str(row[3]).isdigit() else None)
        for row in ([*cells, ""] for cells in rows)
        if len(row) >= 4 and row[0]
    }


def _sheet(
    workbook: calamine.CalamineWorkbook,
    name: str,
    known_headers: frozenset[str],
    limits: Limits,
    book: arrow_sheets.Book,
) -> Sheet | None:
    cells, traits = book.columns(name, limits), book.traits(name)
    if cells is None:
        cells = _rows(workbook, name, limits, traits)
    if cells is None:
        return None
    top = cells.top(headers.WITHIN)
    header = headers.find(top, known_headers, _at_top(cells.merged, limits.max_columns))
    if header is None:
        if cells.is_empty():
            return None
        raise FileRefused(
            "header_missing",
            "找不到表头行：没有一行写着规定的列名",
            "请使用省里的模板，不要改动表头",
            sheet=name,
        )
    first = header.last + 2  # Excel counts rows from 1, and the row after the header
    merged = _merged(cells.merged, first)
    size = (
        len(cells) if merged else sheet_cells.CHUNK_ROWS
    )  # a merged cell's value stands in its first row only
    return Sheet(
        name,
        header.names,
        header.last + 1,
        cells.chunks(header.last + 1, len(header.names), size),
        [cell for row in top[: header.first] for cell in row if cell],
        merged=merged,
        paths=header.paths,
        since_1904=traits.since_1904,
        notices=_notices(traits),
    )


def _rows(
    workbook: calamine.CalamineWorkbook, name: str, limits: Limits, traits: Traits
) -> sheet_cells.Rows | None:
    """The sheet as Python's values; None where no cell has any."""
    with _answered(name):
        raw = workbook.get_sheet_by_name(name)
    if raw.end is None:
        return None
    rows, columns = (last + 1 for last in raw.end)
    rows = max(rows, traits.last_row)
    package_guard.guard_size(rows, columns, limits, name)
    with _answered(name):
        grid = raw.to_python(skip_empty_area=False)
    grid += [[""] * columns for _ in range(len(grid), rows)]
    for row, column, text in traits.failed(rows, columns):
        grid[row - 1][column - 1] = text
    return sheet_cells.Rows(grid, raw.merged_cell_ranges or list(traits.merged))


def _notices(traits: Traits) -> list[Notice]:
    told = ((messages.hidden_rows, traits.hidden_rows), (messages.blank_formulas, traits.blanks))
    return [notice(count) for notice, count in told if count]


def _form(workbook: calamine.CalamineWorkbook, name: str) -> Sheet | None:
    """A sheet of ours that a clerk signs or writes on: all its rows, without a header."""
    grid = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    width = max(map(len, grid), default=0)
    return Sheet(name, [], 0, sheet_cells.chunks(grid, width, 1, max(len(grid), 1))) if width else None


def _at_top(ranges: list[headers.Range], columns: int) -> list[headers.Range]:
    """Merged cells that a header may have, one a place: each of its words is looked for in all of them."""
    by_place = {r[0]: r for r in ranges if r[0][0] < headers.WITHIN and r[0][1] < columns}
    return list(by_place.values())


def _merged(ranges: list[headers.Range], first: int) -> dict[int, list[tuple[int, int]]]:
    """Cells merged downwards below the header, by column: first and last row as Excel counts them."""
    merged: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sorted(ranges):
        down = merged.setdefault(left, [])
        # no program lets two merged cells overlap; thousands that do would be filled down for hours
        if left == right and bottom > top and top + 1 >= first and (not down or top >= down[-1][1]):
            down.append((top + 1, bottom + 1))
    return {column: down for column, down in merged.items() if down}

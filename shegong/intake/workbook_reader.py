"""A workbook's sheets as Sheets, through calamine. Formats that it does not open are refused with the reason."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import python_calamine as calamine

from shegong.intake import package_guard
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.sheets import FORMS, NIL_HEADERS, Sheet

INFO_SHEET = "_shegong"  # the template's hidden sheet: sheet name, table, contract version
NOT_DATA = "-"  # there: the table of a receipt's own sheets, which come back with its returned rows
_CHUNK_ROWS = 10_000  # so that one chunk is staged while the next is checked
_HEADER_WITHIN = 12  # rows that may stand above the data: title, labels, header, and some to spare
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"


def is_workbook(head: bytes) -> bool:
    return head.startswith((_OLE, _ZIP))


def read(content: bytes, known_headers: frozenset[str], limits: Limits) -> list[Sheet | FileRefused]:
    """All sheets with anything in them, in order; a sheet that can't be read stands as its FileRefused.

    `known_headers` finds the header row: the row among the first dozen with most of them. Raises FileRefused
    where the whole file can't be read.
    """
    workbook = _open(content, limits)
    info = _info(workbook)
    sheets: list[Sheet | FileRefused] = []
    for name in workbook.sheet_names:
        if name == INFO_SHEET or info.get(name, ("",))[0] == NOT_DATA:
            continue
        try:
            if info.get(name, ("",))[0] in FORMS:
                sheet = _form(workbook, name)
            else:
                sheet = _sheet(workbook, name, known_headers, limits)
        except FileRefused as refused:
            sheets.append(refused)
            continue
        if sheet is not None:
            sheet.table, sheet.version, sheet.parent = info.get(name, (None, None, None))
            sheets.append(sheet)
    if not sheets:
        raise FileRefused("empty", "工作簿里没有数据", "请检查文件内容后重新报送")
    return sheets


def _open(content: bytes, limits: Limits) -> calamine.CalamineWorkbook:
    if content.startswith(_ZIP):
        package_guard.guard(content, limits)
    try:
        with _answered():
            return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except FileRefused as refused:
        if content.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in content:
            raise _encrypted() from refused
        raise


@contextmanager
def _answered(sheet: str = "") -> Iterator[None]:
    """Whatever the reading library makes of damaged content is an answer to the clerk and ends nothing."""
    try:
        yield
    except calamine.PasswordError as error:
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
) -> Sheet | None:
    with _answered(name):
        raw = workbook.get_sheet_by_name(name)
    rows, columns = raw.total_height, raw.total_width
    if not rows or not columns:
        return None
    if columns > limits.max_columns:
        raise FileRefused(
            "too_many_columns",
            f"工作表有 {columns} 列，超过上限 {limits.max_columns} 列",
            "请使用省里的模板，删去多余的列",
            sheet=name,
        )
    if rows * columns > limits.max_sheet_cells:
        raise package_guard.too_many_cells(rows, columns, limits.max_sheet_cells, name)
    with _answered(name):
        grid = raw.to_python(skip_empty_area=False)
    found = _find_header(grid[:_HEADER_WITHIN], known_headers)
    if found is None:
        if not any(cell != "" for row in grid for cell in row):
            return None
        raise FileRefused(
            "header_missing",
            "找不到表头行：没有一行写着规定的列名",
            "请使用省里的模板，不要改动表头",
            sheet=name,
        )
    header = [_text(cell).strip() for cell in grid[found]]
    while header and not header[-1]:
        header.pop()
    labels = [_text(cell) for row in grid[:found] for cell in row if cell != ""]
    first = found + 2  # Excel counts rows from 1, and the row after the header
    merged = _merged(raw, first)
    size = len(grid) if merged else _CHUNK_ROWS  # a merged cell's value stands in its first row only
    return Sheet(
        name, header, found + 1, _chunks(grid[found + 1 :], len(header), first, size), labels, merged=merged
    )


def _form(workbook: calamine.CalamineWorkbook, name: str) -> Sheet | None:
    """A sheet of ours that a clerk signs or writes on: all its rows, without a header."""
    grid = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    width = max(map(len, grid), default=0)
    return Sheet(name, [], 0, _chunks(grid, width, 1, max(len(grid), 1))) if width else None


def _merged(raw: calamine.CalamineSheet, first: int) -> dict[int, list[tuple[int, int]]]:
    """Cells merged downwards below the header, by column: first and last row as Excel counts them."""
    merged: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in raw.merged_cell_ranges or ():
        if left == right and bottom > top and top + 1 >= first:
            merged.setdefault(left, []).append((top + 1, bottom + 1))
    return merged


def _find_header(rows: list[list], known_headers: frozenset[str]) -> int | None:
    # a nil report may have no other column than the one that names the tables
    scores = [
        sum((cell in known_headers) + 2 * (cell in NIL_HEADERS) for cell in (str(c).strip() for c in row))
        for row in rows
    ]
    best = max(scores, default=0)
    return scores.index(best) if best >= 2 else None


def _chunks(rows: list[list], columns: int, first: int, size: int) -> Iterator[pl.DataFrame]:
    for at in range(0, max(len(rows), 1), size):
        yield _chunk(rows[at : at + size], columns, first + at)


def _chunk(rows: list[list], columns: int, first: int) -> pl.DataFrame:
    series: list[pl.Series] = [
        pl.int_range(first, first + len(rows), dtype=pl.Int32, eager=True).alias("_row_number")
    ]
    for at, cells in enumerate(zip(*rows, strict=False)):
        kinds = set(map(type, cells))
        if kinds <= {str}:
            values = cells
        else:
            values = [cell if type(cell) is str else _TEXTS[type(cell)](cell) for cell in cells]
            if kinds & {float, int}:
                series.append(
                    pl.Series(f"n{at}", [type(cell) in (float, int) for cell in cells], dtype=pl.Boolean)
                )
        if at < columns:
            series.append(pl.Series(str(at), values, dtype=pl.String).replace("", None))
    frame = pl.DataFrame(series).with_columns(pl.lit(False).alias("_misshapen"))
    missing = [
        pl.lit(None, dtype=pl.String).alias(str(at)) for at in range(columns) if str(at) not in frame.columns
    ]
    return frame.with_columns(missing)


def _text(cell: object) -> str:
    """A cell as a clerk sees it, whatever the type that the workbook library gave it."""
    return _TEXTS[type(cell)](cell)


def _number(cell: float) -> str:
    """Numbers keep Excel's 15 digits, so that 0.1 + 0.2 is 0.3."""
    if cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return f"{Decimal(format(cell, '.15g')):f}"


def _moment(cell: datetime) -> str:
    return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")


# asked of every cell that is no text: a look-up by type takes a third of the time of a chain of tests
_TEXTS: dict[type, Callable[..., str]] = {
    str: str,
    bool: lambda cell: "是" if cell else "否",
    int: str,
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: str,
    timedelta: str,
    type(None): lambda _: "",
}

"""Refused rows from the archived file, as the template's sheet that the county corrects and sends back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import polars as pl

from shegong import contract
from shegong.archive import Archive
from shegong.intake import clerk_days, clerk_numbers, layout
from shegong.intake.layout import REASON_HEADER
from shegong.intake.load import open_archived
from shegong.intake.receipt_ledger import Delivery, Refused, Submission
from shegong.intake.sheets import Sheet as FileSheet
from shegong.render.sheet_content import Sheet
from shegong.settings import Settings

Cells = dict[int, list[str | None]]
_NEW = "新增"


def sheets(delivery: Delivery, archive: Archive, settings: Settings) -> list[tuple[Submission, Sheet]]:
    """A sheet of returned rows for each table that has any; none for a delivery without.

    Raises what the archive raises: a receipt without its rows would be a wrong one.
    """
    if not delivery.refused:
        return []
    by_submission: dict[int, list[Refused]] = {}
    for row in delivery.refused:
        by_submission.setdefault(row.submission_id, []).append(row)
    # headings that were approved are known by how they were printed
    printed = {header for submission in delivery.submissions for _, header in submission.layout.values()}
    cells = read_cells(archive, delivery.content_hash, settings, delivery.refused, printed)
    several = len(by_submission) > 1
    return [
        (submission, _sheet(submission, refused, cells, several=several))
        for submission in delivery.submissions
        if (refused := by_submission.get(submission.submission_id))
    ]


def read_cells(
    archive: Archive,
    content_hash: str,
    settings: Settings,
    wanted: Iterable[Refused],
    printed: Iterable[str] = (),
) -> dict[str, Cells]:
    """Cells of the wanted rows by sheet and row number. A large file is read in chunks, never held whole."""
    numbers: dict[str, list[int]] = {}
    for row in wanted:
        numbers.setdefault(row.sheet_name, []).append(row.row_number)
    headers = layout.all_headers().union(printed)
    return {
        sheet.name: _cells(sheet, numbers[sheet.name])
        for sheet in open_archived(archive, content_hash, headers, settings)
        if isinstance(sheet, FileSheet) and sheet.name in numbers
    }


def _cells(sheet: FileSheet, numbers: list[int]) -> Cells:
    columns = [pl.col(str(at)) for at in range(len(sheet.header))]
    wanted: Cells = {}
    for chunk in sheet.chunks:
        rows = chunk.filter(pl.col("_row_number").is_in(numbers))
        cells = (list(row) for row in rows.select(columns).iter_rows())
        wanted |= dict(zip(rows["_row_number"].to_list(), cells, strict=True))
        _unmerge(sheet, chunk, wanted)
    return wanted


def _unmerge(sheet: FileSheet, chunk: pl.DataFrame, wanted: Cells) -> None:
    """A merged cell's value in each wanted row that it stands for; a sheet with any comes as one chunk."""
    tables = contract.load().values()
    for at, ranges in sheet.merged.items():
        named = (layout.field_of(sheet.header[at], table) for table in tables if at < len(sheet.header))
        if not any(found and found[0].mergeable for found in named):
            continue
        by_row = dict(zip(chunk["_row_number"].to_list(), chunk[str(at)].to_list(), strict=True))
        for first, last in ranges:
            for row in range(first + 1, last + 1):
                if row in wanted and wanted[row][at] is None:
                    wanted[row][at] = by_row.get(first)


def _sheet(
    submission: Submission, refused: list[Refused], cells: dict[str, Cells], *, several: bool
) -> Sheet:
    table = contract.load(on=submission.report_date)[submission.table_name]
    rows = []
    for row in refused:
        found = cells.get(row.sheet_name, {}).get(row.row_number, [])
        said = by_field(table, submission.layout, found)
        # a roster's rows come back as changes, which say what they do
        action = {"row_action": _NEW} if submission.mode == "S" else {}
        rows.append({REASON_HEADER: f"第 {row.row_number} 行：{row.reason}"} | action | said)
    return Sheet(
        contract=table,
        rows=rows,
        headers=(REASON_HEADER, *(field.name for field in table.fields)),
        sheet_name=f"退回行-{table.title}" if several else "退回行",
        # as printed in their file: a heading in 万元 says what its figures mean
        printed={name: header for name, (_, header) in submission.layout.items()},
    )


def by_field(
    table: contract.Contract, places: Mapping[str, list[str]], cells: Sequence[str | None]
) -> dict[str, object]:
    """A row's cells by field, as the template holds them. `places`: field -> column letter and header (the ledger's layout)."""
    said = {}
    for name, (letter, _) in places.items():
        at = _index(letter)
        if at < len(cells) and cells[at] is not None:
            said[name] = _value(table.field(name), cells[at])
    return said


def _value(field: contract.Field, text: str) -> str | float | date:
    """A cell as the template holds it: numbers and days as such where they read well, the rest as written."""
    if field.type in ("integer", "decimal") and (number := clerk_numbers.read_number(text)):
        return float(number)
    if field.type == "date" and (day := clerk_days.read_date(text)):
        return day
    return text


def _index(letter: str) -> int:
    index = 0
    for character in letter:
        index = index * 26 + ord(character) - ord("A") + 1
    return index - 1

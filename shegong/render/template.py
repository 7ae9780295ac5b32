"""Contracts as the workbook that counties fill, empty or with data: what is in it, sheet by sheet.

The receipt's refused rows and the sample's files are written through here too, so that what we hand out and
what the reader accepts can't drift apart. A sheet's layout is in sheet_layout.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import BinaryIO

import xlsxwriter

from shegong.contract import Contract
from shegong.render.code_ranges import LISTS_SHEET, add_lists, ranges
from shegong.render.cover import COVER, COVER_SHEET, add_cover
from shegong.render.instructions import INSTRUCTIONS_SHEET, add_instructions
from shegong.render.sheet_content import Envelope, Sheet
from shegong.render.sheet_layout import add_sheet
from shegong.render.workbook_style import Styles

__all__ = ["Envelope", "Sheet", "add_info", "add_sheet", "empty_template", "open_workbook", "write"]

INFO_SHEET = "_shegong"
NOT_DATA = "-"  # the table of a sheet that the reader passes over, in the info sheet


def write(
    target: BinaryIO | Path,
    sheets: Sequence[Sheet],
    *,
    unit_code: str,
    unit_name: str,
    report_date: date | None,
    mode: str,
    sequence: int = 1,
    version: int = 1,
    totals: bool = True,
    plain: bool = False,
    cover: bool = False,
    instructions: bool = False,
) -> None:
    """Write one workbook. `plain` leaves out notes and input limits: nobody types in a file that is full.

    `cover` puts the 报送封面 before the tables, `instructions` the 填表说明. Values are written by their type: str as text, int, float and Decimal as numbers, date as a date cell,
    bool as 是 or 否. The same arguments always give the same bytes; an existing file is written over.
    """
    envelope = Envelope(unit_code, unit_name, report_date, mode, sequence, version)
    with open_workbook(target, report_date) as workbook:
        styles = Styles(workbook)
        tables = {sheet.name: (sheet.contract.table, sheet.contract.version) for sheet in sheets}
        if cover:
            add_cover(workbook, styles, sheets, envelope)
            tables[COVER_SHEET] = (COVER, NOT_DATA)
        if instructions:
            add_instructions(workbook, styles, [sheet.contract for sheet in sheets])
            tables[INSTRUCTIONS_SHEET] = (NOT_DATA, NOT_DATA)
        lists = {} if plain else ranges(sheets)
        made = [
            add_sheet(workbook, styles, sheet, envelope, totals=totals, plain=plain, ranges=lists)
            for sheet in sheets
        ]
        made[0].activate()
        if lists and add_lists(workbook, sheets):
            tables[LISTS_SHEET] = (NOT_DATA, NOT_DATA)
        add_info(workbook, tables)


def empty_template(
    target: BinaryIO | Path,
    contracts: Iterable[Contract],
    *,
    unit_code: str = "",
    unit_name: str = "",
    report_date: date | None = None,
    mode: str = "D",
) -> None:
    """Write the workbook that a clerk fills, a sheet per contract; what isn't given is left for the clerk."""
    sheets = [Sheet(contract) for contract in contracts]
    envelope = {"unit_code": unit_code, "unit_name": unit_name, "report_date": report_date, "mode": mode}
    write(target, sheets, **envelope, totals=False, cover=True, instructions=True)


def open_workbook(target: BinaryIO | Path, day: date | None) -> xlsxwriter.Workbook:
    """A workbook whose bytes depend on nothing but its content; `day` is its date of making."""
    workbook = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, {"in_memory": True})
    workbook.set_properties({"created": datetime.combine(day or date(2026, 1, 1), time(), tzinfo=UTC)})
    workbook.set_size(2400, 1400)
    return workbook


def add_info(workbook: xlsxwriter.Workbook, tables: Mapping[str, tuple[str, ...]]) -> None:
    """Add the hidden sheet that tells the reader each sheet's table and contract version.

    Of returned rows also the submission that they were refused of.
    """
    info = workbook.add_worksheet(INFO_SHEET)
    for at, (sheet, words) in enumerate(tables.items()):
        for column, word in enumerate((sheet, *words)):
            info.write_string(at, column, word)
    info.very_hidden()

"""Code lists too long for a validation of their own: kept on a hidden sheet that the drop-downs point to."""

from collections.abc import Mapping, Sequence

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from shegong.contract import CodeList
from shegong.render import clerk_words
from shegong.render.sheet_content import Sheet

LISTS_SHEET = "_codes"


def ranges(sheets: Sequence[Sheet]) -> dict[str, str]:
    """The formula that names each long list's cells, by the list's name; in the order of the hidden sheet's columns."""
    return {
        name: f"='{LISTS_SHEET}'!${xl_col_to_name(at)}$1:${xl_col_to_name(at)}${len(codes.codes)}"
        for at, (name, codes) in enumerate(_long(sheets).items())
    }


def add_lists(workbook: xlsxwriter.Workbook, sheets: Sequence[Sheet]) -> bool:
    """Add the hidden sheet where any list is long; whether it was added."""
    found = _long(sheets)
    if not found:
        return False
    worksheet = workbook.add_worksheet(LISTS_SHEET)
    for at, codes in enumerate(found.values()):
        for row, label in enumerate(codes.codes.values()):
            worksheet.write_string(row, at, label)
    worksheet.hide()
    return True


def _long(sheets: Sequence[Sheet]) -> Mapping[str, CodeList]:
    specs = (
        spec for sheet in sheets for _, spec in sheet.columns if spec and spec.codes and spec.type == "code"
    )
    return {spec.codes.name: spec.codes for spec in specs if not clerk_words.fits_validation(spec.codes)}

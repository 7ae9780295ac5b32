"""How a receipt's own sheets are written cell by cell: lists with a header, wrapped rows, page set-up. No content."""

from collections.abc import Iterable, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from shegong.contract import LEVELS
from shegong.render.workbook_style import Styles, cut, is_risky, shown_width


def list_head(sheet: Worksheet, styles: Styles, columns: dict[str, int], rows: int) -> None:
    """Header, widths, filter and frozen header of a list of `rows` rows; the header repeats on each printed page."""
    for at, width in enumerate(columns.values()):
        sheet.set_column(at, at, width)
    head(sheet, styles, 0, columns)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(rows, 1), len(columns) - 1)
    sheet.repeat_rows(0)
    page(sheet, landscape=True)


def head(sheet: Worksheet, styles: Styles, row: int, columns: Iterable[str]) -> None:
    sheet.set_row(row, 26)
    for at, header in enumerate(columns):
        sheet.write_string(row, at, header, styles.header())


def height(said: Sequence[object], widths: Iterable[int]) -> int:
    """Height of a row with wrapped texts, in points; a viewer that doesn't fit rows by itself needs it."""
    lines = (
        1 + shown_width(str(value)) // max(width - 3, 1)
        for value, width in zip(said, widths, strict=True)
        if value
    )
    return min(16 * max(lines, default=1) + 6, 400)  # Excel takes 409 at most


def list_row(
    sheet: Worksheet, styles: Styles, row: int, said: Sequence[object], widths: Iterable[int]
) -> None:
    """One row of a list; a level is written apart by `level`."""
    sheet.set_row(row, height(said, widths))
    for at, value in enumerate(said):
        cell(sheet, row, at, value, styles)


def level(sheet: Worksheet, styles: Styles, row: int, column: int, word: str, suffix: str = "") -> None:
    sheet.write_string(row, column, LEVELS[word] + suffix, styles.level(word))


def cell(sheet: Worksheet, row: int, column: int, value: object, styles: Styles) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, styles.cell())
    elif isinstance(value, int):
        sheet.write_number(row, column, value, styles.cell(align="center"))
    else:
        text(sheet, row, column, str(value), styles, styles.cell(text_wrap=True, indent=1))


def text(sheet: Worksheet, row: int, column: int, said: str, styles: Styles, style: Format) -> None:
    """Text that a county wrote is never a formula, neither here nor after somebody edits the cell."""
    if is_risky(said):
        style = styles.cell(text_wrap=True, indent=1, num_format="@", quote_prefix=True)
    sheet.write_string(row, column, cut(said), style)


def page(sheet: Worksheet, *, landscape: bool) -> None:
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")

"""The look of one sheet of a county's workbook: the official form, with notes and limits of the contract.

What a column asks of a clerk is worded in clerk_words.py, what stands on the sheet in sheet_content.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from shegong.contract import Contract, Field
from shegong.render import clerk_words, workbook_style
from shegong.render.sheet_content import Envelope, Sheet, is_additive
from shegong.render.workbook_style import BODY_FONT, Styles, cut, is_risky, shown_width

TOTAL = "合计"
LEGEND = "表头橙色为必填，黄色为按条件必填"
HEADER_ROW, FIRST_ROW = 2, 3  # counted from 0; Excel shows 3 and 4
_LAST_ROW = 1_048_575
_RULED_ROWS = 20
_A4_WIDTH = 220  # characters that A4 across shows in 7 points; a wider table is printed on A3
_WIDTHS = {"date": 12, "month": 10, "boolean": 8, "integer": 10, "decimal": 16, "document": 22, "name": 12}
_NUMBER_FORMATS = {"date": "yyyy-mm-dd", "month": "yyyy-mm", "integer": "0"}


def add_sheet(
    workbook: xlsxwriter.Workbook,
    styles: Styles,
    sheet: Sheet,
    envelope: Envelope,
    *,
    totals: bool = True,
    plain: bool = False,
    ranges: Mapping[str, str] | None = None,
) -> Worksheet:
    """Add one table's sheet: title, labels, header, rows, 合计. `ranges`: where long code lists lie in the workbook."""
    worksheet = workbook.add_worksheet(sheet.name)
    columns = sheet.columns
    widths = [_width(sheet.header(name, spec), spec) for name, spec in columns]
    labels = envelope.labels if plain else [*envelope.labels, LEGEND]
    _title(worksheet, styles, f"{envelope.unit_name}{sheet.contract.title}报送表", labels, widths)
    _header(worksheet, styles, sheet, widths, plain=plain)
    formats = [_cell_format(styles, spec) for _, spec in columns]
    for at, width in enumerate(widths):
        worksheet.set_column(at, at, width, _column_format(styles, columns[at][1]))
    _rows(worksheet, styles, sheet.rows, [name for name, _ in columns], formats)
    if not sheet.rows and not plain:
        _blank_rows(worksheet, formats)
    if totals:
        _totals(worksheet, styles, sheet, columns, FIRST_ROW + len(sheet.rows))
    if not plain:
        _limits(worksheet, sheet.contract, columns, ranges)
    _page(worksheet, sum(widths))
    return worksheet


def _title(sheet: Worksheet, styles: Styles, title: str, labels: list[str], widths: list[int]) -> None:
    sheet.set_row(0, 36)
    sheet.set_row(1, 22)
    _merge(sheet, 0, 0, len(widths) - 1, title, styles.title())
    # each label takes as many columns as it is wide, the last ones one each where columns run short
    at = 0
    for left, label in zip(range(len(labels) - 1, -1, -1), labels, strict=True):
        last = at
        while last + 1 < len(widths) - left and sum(widths[at : last + 1]) < shown_width(label) + 2:
            last += 1
        _merge(sheet, 1, at, last, label, styles.get())
        at = last + 1


def _merge(sheet: Worksheet, row: int, first: int, last: int, text: str, style: Format) -> None:
    if last > first:
        sheet.merge_range(row, first, row, last, text, style)
    else:
        sheet.write_string(row, first, text, style)


def _header(
    worksheet: Worksheet, styles: Styles, sheet: Sheet, widths: Sequence[int], *, plain: bool
) -> None:
    headers = [sheet.header(name, spec) for name, spec in sheet.columns]
    broken = (
        1 + (shown_width(header) - 1) // (width - 2) for header, width in zip(headers, widths, strict=True)
    )
    worksheet.set_row(HEADER_ROW, max(36, 15 * max(broken) + 6))
    for at, (name, spec) in enumerate(sheet.columns):
        worksheet.write_string(HEADER_ROW, at, sheet.header(name, spec), styles.header(_fill(spec)))
        if spec and not plain:
            text = clerk_words.note(sheet.contract, spec)
            lines = sum(1 + shown_width(line) // 36 for line in text.split("\n"))
            look = {"font_name": BODY_FONT, "font_size": 9, "width": 230, "height": 16 * lines + 12}
            worksheet.write_comment(HEADER_ROW, at, text, look)


def _fill(spec: Field | None) -> str:
    if spec and spec.required:
        return workbook_style.REQUIRED_FILL
    return workbook_style.CONDITIONAL_FILL if spec and spec.required_when else workbook_style.HEADER_FILL


def _rows(
    sheet: Worksheet,
    styles: Styles,
    rows: Sequence[Mapping[str, object]],
    names: list[str],
    formats: list[Format],
) -> None:
    dates, risky = (
        styles.cell(num_format="yyyy-mm-dd", align="center"),
        styles.cell(num_format="@", quote_prefix=True),
    )
    for row_at, row in enumerate(rows, FIRST_ROW):
        for at, name in enumerate(names):
            value = row.get(name)
            match value:
                case None | "":
                    sheet.write_blank(row_at, at, None, formats[at])
                case str():
                    # shown as it is and never a formula, also after somebody edits the cell
                    sheet.write_string(row_at, at, cut(value), risky if is_risky(value) else formats[at])
                case bool():
                    sheet.write_string(row_at, at, "是" if value else "否", formats[at])
                case int() | float() | Decimal():
                    sheet.write_number(row_at, at, value, formats[at])
                case date():
                    sheet.write_datetime(row_at, at, value, dates)
                case _:
                    raise TypeError(f"{name}: no cell for {value!r}")


def _blank_rows(sheet: Worksheet, formats: list[Format]) -> None:
    """Rules for the first rows of an empty form; the cells hold nothing and the reader sees none."""
    for row_at in range(FIRST_ROW, FIRST_ROW + _RULED_ROWS):
        sheet.set_row(row_at, 20)
        for at, style in enumerate(formats):
            sheet.write_blank(row_at, at, None, style)


def _totals(
    sheet: Worksheet, styles: Styles, content: Sheet, columns: list[tuple[str, Field | None]], row_at: int
) -> None:
    for at, (name, spec) in enumerate(columns):
        bold = {"bold": True, "top": 2, "bg_color": "#F2F2F2"}
        if at == 0:
            sheet.write_string(row_at, at, TOTAL, styles.cell(align="center", **bold))
        elif spec and is_additive(spec):
            total = content.totals.get(name, _sum(row.get(name) for row in content.rows))
            sheet.write_number(row_at, at, total, styles.cell(num_format=_number_format(spec), **bold))
        else:
            sheet.write_blank(row_at, at, None, styles.cell(**bold))


def _sum(values: Iterable[object]) -> Decimal:
    # in decimals: a sum of cents in binary would differ from the reader's by a hair
    return sum(
        (Decimal(str(v)) for v in values if isinstance(v, int | float | Decimal) and not isinstance(v, bool)),
        Decimal(0),
    )


def _limits(
    sheet: Worksheet,
    contract: Contract,
    columns: list[tuple[str, Field | None]],
    ranges: Mapping[str, str] | None,
) -> None:
    for at, (_, spec) in enumerate(columns):
        if spec and (limits := clerk_words.validation(contract, spec, ranges)):
            sheet.data_validation(FIRST_ROW, at, _LAST_ROW, at, limits)


def _page(sheet: Worksheet, width: int) -> None:
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.set_landscape()
    sheet.set_paper(8 if width > _A4_WIDTH else 9)  # A3, A4
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEADER_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _width(header: str, spec: Field | None) -> int:
    """Width that the column's content needs; a header may break into three lines."""
    return max(_content_width(spec), (shown_width(header) + 2) // 3 + 3, 8)


def _content_width(spec: Field | None) -> int:
    if spec is None:
        return 30
    if spec.codes:
        return max(map(shown_width, spec.codes.codes.values())) + 3
    return _WIDTHS.get(spec.type) or min(max((spec.max_length or 12) + 4, 10), 24)


def _number_format(spec: Field) -> str:
    if spec.type == "decimal":
        return "#,##0" + ("." + "0" * spec.scale if spec.scale else "")
    return _NUMBER_FORMATS.get(spec.type, "@")


def _look(spec: Field | None) -> dict[str, object]:
    if spec is None:
        return {"num_format": "@", "text_wrap": True}
    centred = spec.type in ("date", "month", "boolean", "code")
    return {"num_format": _number_format(spec)} | ({"align": "center"} if centred else {})


def _cell_format(styles: Styles, spec: Field | None) -> Format:
    return styles.cell(**_look(spec))


def _column_format(styles: Styles, spec: Field | None) -> Format:
    """For the cells that are still to be filled: an ID number typed there stays text."""
    return styles.get(**_look(spec))

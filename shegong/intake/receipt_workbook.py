"""A receipt as a workbook: summary, what to do, every finding, returned rows. Lays out; decides nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from shegong.calendar import SHANGHAI
from shegong.contract import LEVELS
from shegong.intake import receipt_words
from shegong.intake.receipt_ledger import MOST_ROWS, Delivery, Submission
from shegong.render.sheet_content import Envelope, Sheet
from shegong.render.sheet_layout import FIRST_ROW, HEADER_ROW
from shegong.render.template import NOT_DATA, add_info, add_sheet, open_workbook
from shegong.render.workbook_style import REQUIRED_FILL, Styles, shown_width

SUMMARY, TO_DO, FINDINGS = "摘要", "需办理", "问题清单"
_SUMMARY_COLUMNS = {
    "数据表": 26, "报送方式": 10, "填报日期": 12, "序号": 14, "结果": 16, "数据行": 9, "接收": 9, "退回": 9,
    "应报时间": 26,
}  # fmt: skip
_TO_DO_COLUMNS = {
    "序号": 6,
    "级别": 9,
    "数据表": 22,
    "问题": 46,
    "处数": 8,
    "涉及行": 24,
    "怎样办理": 48,
    "规则": 34,
}
_FINDING_COLUMNS = {
    "级别": 11, "工作表": 20, "行": 8, "列": 6, "表头": 20, "填写的值": 24, "原因": 44, "怎样更正": 44,
    "说明": 28, "规则": 34,
}  # fmt: skip
_RISKY = ("=", "+", "-", "@")


def write(
    target: BinaryIO, delivery: Delivery, returned: Sequence[tuple[Submission, Sheet]], now: datetime
) -> None:
    """Write the receipt of one delivery as it stands at `now`; the same ledger gives the same bytes."""
    day = now.astimezone(SHANGHAI).date()
    with open_workbook(target, day) as workbook:
        styles = Styles(workbook)
        names = [SUMMARY]
        _summary(workbook.add_worksheet(SUMMARY), styles, delivery, now)
        if delivery.original is None:
            _to_do(workbook.add_worksheet(TO_DO), styles, delivery)
            _findings(workbook.add_worksheet(FINDINGS), styles, delivery)
            names += [TO_DO, FINDINGS]
        for submission, sheet in returned:
            _returned(workbook, styles, sheet, _envelope(delivery, submission, day))
        tables = {sheet.name: (sheet.contract.table, sheet.contract.version) for _, sheet in returned}
        add_info(workbook, dict.fromkeys(names, (NOT_DATA, NOT_DATA)) | tables)


def _envelope(delivery: Delivery, submission: Submission, day: date) -> Envelope:
    """Returned rows are a change file of their own, numbered apart from the files that the county counts."""
    sequence = min((submission.sequence or 1) + 50, 99)
    parent = f"补正：{delivery.file_name}"
    return Envelope(delivery.place_unit_code, delivery.unit_name, day, "D", sequence, remark=parent)


def _summary(sheet: Worksheet, styles: Styles, delivery: Delivery, now: datetime) -> None:
    for at, width in enumerate(_SUMMARY_COLUMNS.values()):
        sheet.set_column(at, at, width)
    last = len(_SUMMARY_COLUMNS) - 1
    sheet.set_row(0, 40)
    sheet.merge_range(0, 0, 0, last, f"{delivery.unit_name}报送回执", styles.title())
    row = _facts(sheet, styles, delivery, now, last)
    row = _tables(sheet, styles, delivery.original or delivery, row + 1)
    row = _levels(sheet, styles, delivery, row + 1, last)
    _steps(sheet, styles, delivery, row + 1, last)
    _page(sheet, landscape=True)


def _facts(sheet: Worksheet, styles: Styles, delivery: Delivery, now: datetime, last: int) -> int:
    facts = {
        "填报单位": f"{delivery.unit_name}（{delivery.place_unit_code}）",
        "文件": delivery.file_name,
        "收到时间": receipt_words.moment(delivery.received_at),
        "回执时间": receipt_words.moment(now),
        "处理结果": receipt_words.overall(delivery),
    }
    for row, (what, said) in enumerate(facts.items(), 1):
        sheet.set_row(row, 22)
        sheet.write_string(row, 0, what, styles.header())
        bold = {"bold": True} if what == "处理结果" else {}
        sheet.merge_range(row, 1, row, last, "", styles.cell(indent=1, **bold))
        _text(sheet, row, 1, said, styles, styles.cell(indent=1, **bold))
    return len(facts) + 1


def _tables(sheet: Worksheet, styles: Styles, delivery: Delivery, row: int) -> int:
    _head(sheet, styles, row, _SUMMARY_COLUMNS)
    for at, submission in enumerate(delivery.submissions, row + 1):
        checked = submission.is_checked
        counts = (submission.rows_total, submission.rows_accepted, submission.rows_refused)
        said = (
            receipt_words.table_title(submission),
            receipt_words.mode(submission),
            submission.report_date.isoformat() if submission.report_date else "",
            receipt_words.edition(submission),
            receipt_words.result(submission),
            *(counts if checked and submission.rows_total else ("", "", "")),
            receipt_words.punctuality(submission),
        )
        sheet.set_row(at, 22)
        for column, value in enumerate(said):
            _cell(sheet, at, column, value, styles)
    return row + 1 + len(delivery.submissions)


def _levels(sheet: Worksheet, styles: Styles, delivery: Delivery, row: int, last: int) -> int:
    """How many findings there are of each level, and what the level asks for."""
    totals: Counter[str] = Counter()
    for group in delivery.groups:
        totals[group.level] += group.findings
    for level in (level for level in LEVELS if totals[level]):
        sheet.set_row(row, 22)
        sheet.write_string(row, 0, LEVELS[level], styles.level(level))
        sheet.write_number(row, 1, totals[level], styles.cell(align="center"))
        sheet.merge_range(row, 2, row, last, receipt_words.LEVEL_MEANINGS[level], styles.cell(indent=1))
        row += 1
    return row


def _steps(sheet: Worksheet, styles: Styles, delivery: Delivery, row: int, last: int) -> None:
    sheet.set_row(row, 26)
    sheet.merge_range(row, 0, row, last, "下一步", styles.header())
    for at, step in enumerate(receipt_words.next_steps(delivery), 1):
        sheet.set_row(row + at, 40)
        style = styles.cell(text_wrap=True, indent=1)
        sheet.merge_range(row + at, 0, row + at, last, f"{at}. {step}", style)


def _to_do(sheet: Worksheet, styles: Styles, delivery: Delivery) -> None:
    asking = [group for group in delivery.groups if group.level in receipt_words.ASKING]
    titles = {s.submission_id: receipt_words.table_title(s) for s in delivery.submissions}
    _list_head(sheet, styles, _TO_DO_COLUMNS, len(asking))
    for row, group in enumerate(asking, 1):
        rows = "、".join(map(str, group.rows)) + (" 等" if group.findings > len(group.rows) > 0 else "")
        table = titles[group.submission_id]
        said = (row, group.level, table, group.text, group.findings, rows, group.mend, group.rule_id)
        _list_row(sheet, styles, row, said, _TO_DO_COLUMNS.values(), level_at=1)
    if not asking:
        sheet.merge_range(1, 0, 1, len(_TO_DO_COLUMNS) - 1, "没有需要办理的问题。", styles.cell())


def _findings(sheet: Worksheet, styles: Styles, delivery: Delivery) -> None:
    titles = {s.submission_id: receipt_words.table_title(s) for s in delivery.submissions}
    _list_head(sheet, styles, _FINDING_COLUMNS, len(delivery.findings))
    for row, f in enumerate(delivery.findings, 1):
        place = (f.sheet_name or titles[f.submission_id], f.row_number, f.column_letter, f.header)
        said = (f.level, *place, f.value_shown, f.text, f.mend, None, f.rule_id)
        _list_row(sheet, styles, row, said, _FINDING_COLUMNS.values(), level_at=0)
    unlisted = sum(group.findings for group in delivery.groups) - len(delivery.findings)
    if unlisted > 0:
        text = f"另有 {unlisted} 处没有列出：最多列 {MOST_ROWS} 处，请先更正以上各处。"
        sheet.merge_range(
            len(delivery.findings) + 1, 0, len(delivery.findings) + 1, 9, text, styles.cell(bold=True)
        )


def _returned(workbook: xlsxwriter.Workbook, styles: Styles, sheet: Sheet, envelope: Envelope) -> None:
    worksheet = add_sheet(workbook, styles, sheet, envelope, totals=False)
    reason = next(iter(sheet.headers))
    worksheet.write_string(HEADER_ROW, 0, reason, styles.header(REQUIRED_FILL))
    worksheet.set_column(0, 0, 48)
    worksheet.freeze_panes(FIRST_ROW, 1)
    worksheet.autofilter(HEADER_ROW, 0, HEADER_ROW + len(sheet.rows), len(sheet.headers) - 1)


def _list_head(sheet: Worksheet, styles: Styles, columns: dict[str, int], rows: int) -> None:
    for at, width in enumerate(columns.values()):
        sheet.set_column(at, at, width)
    _head(sheet, styles, 0, columns)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(rows, 1), len(columns) - 1)
    sheet.repeat_rows(0)
    _page(sheet, landscape=True)


def _height(said: Sequence[object], widths: Iterable[int]) -> int:
    """Height of a row with wrapped texts, in points; a viewer that doesn't fit rows by itself needs it."""
    lines = (1 + shown_width(str(value)) // width for value, width in zip(said, widths, strict=True) if value)
    return 16 * max(lines, default=1) + 6


def _list_row(
    sheet: Worksheet,
    styles: Styles,
    row: int,
    said: Sequence[object],
    widths: Iterable[int],
    *,
    level_at: int,
) -> None:
    sheet.set_row(row, _height(said, widths))
    for at, value in enumerate(said):
        if at == level_at:
            sheet.write_string(row, at, LEVELS[value], styles.level(value))
        else:
            _cell(sheet, row, at, value, styles)


def _head(sheet: Worksheet, styles: Styles, row: int, columns: dict[str, int]) -> None:
    sheet.set_row(row, 26)
    for at, header in enumerate(columns):
        sheet.write_string(row, at, header, styles.header())


def _cell(sheet: Worksheet, row: int, column: int, value: object, styles: Styles) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, styles.cell())
    elif isinstance(value, int):
        sheet.write_number(row, column, value, styles.cell(align="center"))
    else:
        _text(sheet, row, column, str(value), styles, styles.cell(text_wrap=True, indent=1))


def _text(sheet: Worksheet, row: int, column: int, text: str, styles: Styles, style: Format) -> None:
    """Text that a county wrote is never a formula, neither here nor after somebody edits the cell."""
    if text.startswith(_RISKY):
        style = styles.cell(text_wrap=True, indent=1, num_format="@", quote_prefix=True)
    sheet.write_string(row, column, text, style)


def _page(sheet: Worksheet, *, landscape: bool) -> None:
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")

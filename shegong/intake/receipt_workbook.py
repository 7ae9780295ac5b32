"""A receipt as a workbook: summary, what to do, every finding, returned rows. Lays out; decides nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from shegong.calendar import SHANGHAI
from shegong.contract import LEVELS
from shegong.intake import receipt_cells as cells
from shegong.intake import receipt_lists, receipt_words
from shegong.intake.explanations import EXPLANATIONS
from shegong.intake.receipt_ledger import Delivery, Submission
from shegong.render.code_ranges import LISTS_SHEET, add_lists, ranges
from shegong.render.sheet_content import Envelope, Sheet
from shegong.render.sheet_layout import FIRST_ROW, HEADER_ROW
from shegong.render.template import NOT_DATA, add_info, add_sheet, open_workbook
from shegong.render.workbook_style import REQUIRED_FILL, Styles

SUMMARY, TO_DO, FINDINGS, ANSWERS, MISSING = "摘要", "需办理", "问题清单", "说明答复", "未列入全量表"
_SUMMARY_COLUMNS = {
    "数据表": 26, "报送方式": 10, "填报日期": 12, "序号": 14, "结果": 16, "数据行": 9, "接收": 9, "退回": 9,
    "应报时间": 26,
}  # fmt: skip
# of a full roster beside what was in force; the last one takes all columns that are left
_ROSTER_COLUMNS = ("全量表与在册对照", "原在册", "新增", "有变化", "无变化", "未列入", "未列入的行")
_NOTE_AT = len(_ROSTER_COLUMNS) - 1
_REASON_WIDTH = 48


def write(
    target: BinaryIO, delivery: Delivery, returned: Sequence[tuple[Submission, Sheet]], now: datetime
) -> None:
    """Write the receipt of one delivery as it stands at `now`; the same ledger gives the same bytes."""
    day = now.astimezone(SHANGHAI).date()
    with open_workbook(target, day) as workbook:
        styles = Styles(workbook)
        info = {SUMMARY: (NOT_DATA, NOT_DATA)}
        _summary(workbook.add_worksheet(SUMMARY), styles, delivery, now)
        if delivery.answers:
            receipt_lists.answers(workbook.add_worksheet(ANSWERS), styles, delivery)
            info[ANSWERS] = (NOT_DATA, NOT_DATA)
        if delivery.original is None and delivery.submissions:
            receipt_lists.to_do(workbook.add_worksheet(TO_DO), styles, delivery)
            receipt_lists.findings(workbook.add_worksheet(FINDINGS), styles, delivery)
            if any(roster.missing for roster in delivery.rosters):
                receipt_lists.missing(workbook.add_worksheet(MISSING), styles, delivery)
                info[MISSING] = (NOT_DATA, NOT_DATA)
            info |= {TO_DO: (NOT_DATA, NOT_DATA), FINDINGS: (EXPLANATIONS, str(delivery.delivery_id))}
        lists = ranges([sheet for _, sheet in returned])
        for submission, sheet in returned:
            _returned(workbook, styles, sheet, _envelope(delivery, submission, day), lists)
        if lists and add_lists(workbook, [sheet for _, sheet in returned]):
            info[LISTS_SHEET] = (NOT_DATA, NOT_DATA)
        tables = {
            sheet.name: (sheet.contract.table, sheet.contract.version, str(submission.submission_id))
            for submission, sheet in returned
        }
        add_info(workbook, info | tables)


def _envelope(delivery: Delivery, submission: Submission, day: date) -> Envelope:
    """Returned rows are a change file of their own, numbered apart from the files that the county counts."""
    sequence = 100 + delivery.delivery_id % 900
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
    if delivery.rosters:
        row = _rosters(sheet, styles, delivery, row + 1)
    row = _levels(sheet, styles, delivery, row + 1, last)
    _steps(sheet, styles, delivery, row + 1, last)
    cells.page(sheet, landscape=True)


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
        cells.text(sheet, row, 1, said, styles, styles.cell(indent=1, **bold))
    return len(facts) + 1


def _tables(sheet: Worksheet, styles: Styles, delivery: Delivery, row: int) -> int:
    cells.head(sheet, styles, row, _SUMMARY_COLUMNS)
    if not delivery.submissions:
        sheet.merge_range(
            row + 1, 0, row + 1, len(_SUMMARY_COLUMNS) - 1, "本文件没有数据表。", styles.cell(indent=1)
        )
        return row + 2
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
            cells.cell(sheet, at, column, value, styles)
    return row + 1 + len(delivery.submissions)


def _rosters(sheet: Worksheet, styles: Styles, delivery: Delivery, row: int) -> int:
    """Each full roster beside what was in force before it."""
    titles = {s.submission_id: receipt_words.table_title(s) for s in delivery.submissions}
    cells.head(sheet, styles, row, _ROSTER_COLUMNS)
    last = len(_SUMMARY_COLUMNS) - 1
    sheet.merge_range(row, _NOTE_AT, row, last, list(_ROSTER_COLUMNS)[-1], styles.header())
    for at, roster in enumerate(delivery.rosters, row + 1):
        counts = (
            roster.rows_before,
            roster.rows_new,
            roster.rows_changed,
            roster.rows_same,
            roster.rows_gone,
        )
        said = (titles[roster.submission_id], *counts)
        sheet.set_row(at, 22)
        for column, value in enumerate(said):
            cells.cell(sheet, at, column, value, styles)
        note = styles.cell(indent=1)
        sheet.merge_range(at, _NOTE_AT, at, last, receipt_words.gone(roster), note)
    return row + 1 + len(delivery.rosters)


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
    if explained := sum(group.explained for group in delivery.groups):
        sheet.set_row(row, 22)
        sheet.merge_range(row, 0, row, last, receipt_words.explained(explained), styles.cell(indent=1))
        row += 1
    return row


def _steps(sheet: Worksheet, styles: Styles, delivery: Delivery, row: int, last: int) -> None:
    sheet.set_row(row, 26)
    sheet.merge_range(row, 0, row, last, "下一步", styles.header())
    for at, step in enumerate(receipt_words.next_steps(delivery), 1):
        sheet.set_row(row + at, cells.height([step], [sum(_SUMMARY_COLUMNS.values()) - 6]) + 6)
        style = styles.cell(text_wrap=True, indent=1)
        sheet.merge_range(row + at, 0, row + at, last, f"{at}. {step}", style)


def _returned(
    workbook: xlsxwriter.Workbook, styles: Styles, sheet: Sheet, envelope: Envelope, lists: dict[str, str]
) -> None:
    worksheet = add_sheet(workbook, styles, sheet, envelope, totals=False, ranges=lists)
    reason = next(iter(sheet.headers))
    worksheet.write_string(HEADER_ROW, 0, reason, styles.header(REQUIRED_FILL))
    worksheet.set_column(0, 0, _REASON_WIDTH)
    for at, row in enumerate(sheet.rows, FIRST_ROW):
        worksheet.set_row(at, cells.height([row[reason]], [_REASON_WIDTH]))
    worksheet.freeze_panes(FIRST_ROW, 1)
    worksheet.autofilter(HEADER_ROW, 0, HEADER_ROW + len(sheet.rows), len(sheet.headers) - 1)

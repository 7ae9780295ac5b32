"""The lists of a receipt: what must be done, every finding with room for a 说明, and the answers to those sent before."""

from xlsxwriter.worksheet import Worksheet

from shegong.intake import receipt_cells as cells
from shegong.intake import receipt_rosters, receipt_words
from shegong.intake.explanations import LONGEST, NUMBER_HEADER, RULE_HEADER, TEXT_HEADER
from shegong.intake.receipt_ledger import MOST_ROWS, Delivery, Finding
from shegong.render.workbook_style import Styles

_TO_DO_COLUMNS = {
    "序号": 6, "级别": 9, "数据表": 22, "问题": 46, "处数": 8, "涉及行": 24, "怎样办理": 48, "规则": 34,
}  # fmt: skip
FINDING_COLUMNS = {
    "级别": 15, "工作表": 20, "行": 8, "列": 6, "表头": 20, "填写的值": 24, "原因": 44, "怎样更正": 44,
    TEXT_HEADER: 32, RULE_HEADER: 34, NUMBER_HEADER: 12,
}  # fmt: skip
_ANSWER_COLUMNS = {"序号": 6, "回执中的行": 12, "规则": 34, "说明": 50, "结果": 10, "答复": 56}
_MISSING_COLUMNS = {
    "序号": 6, "数据表": 22, "对象": 36, "上次报送的文件": 40, "工作表": 20, "行": 8, "怎样办理": 52,
}  # fmt: skip
_MISSING_MEND = "不再属于本单位或已注销的，报送撤销；仍在册的，以“变更”补报。下次全量表仍没有的，将要求核实"
_TEXT_AT, _NUMBER_AT = (list(FINDING_COLUMNS).index(name) for name in (TEXT_HEADER, NUMBER_HEADER))


def to_do(sheet: Worksheet, styles: Styles, delivery: Delivery) -> None:
    """What the county has to act on, a line a rule, the most frequent first."""
    asking = [g for g in delivery.groups if g.level in receipt_words.ASKING and g.findings]
    titles = {s.submission_id: receipt_words.table_title(s) for s in delivery.submissions}
    cells.list_head(sheet, styles, _TO_DO_COLUMNS, len(asking))
    for row, group in enumerate(asking, 1):
        rows = "、".join(map(str, group.rows)) + (" 等" if group.findings > len(group.rows) > 0 else "")
        table = titles[group.submission_id]
        said = (row, group.level, table, group.text, group.findings, rows, group.mend, group.rule_id)
        cells.list_row(sheet, styles, row, said, _TO_DO_COLUMNS.values())
        cells.level(sheet, styles, row, 1, group.level)
    if not asking:
        sheet.merge_range(1, 0, 1, len(_TO_DO_COLUMNS) - 1, "没有需要办理的问题。", styles.cell())


def findings(sheet: Worksheet, styles: Styles, delivery: Delivery) -> None:
    """Every finding; the hidden last column says which one a returned line is of, and moves with it when sorted."""
    titles = {s.submission_id: receipt_words.table_title(s) for s in delivery.submissions}
    cells.list_head(sheet, styles, FINDING_COLUMNS, len(delivery.findings))
    for row, finding in enumerate(delivery.findings, 1):
        cells.list_row(sheet, styles, row, _told(finding, titles), FINDING_COLUMNS.values())
        cells.level(sheet, styles, row, 0, finding.level, "（已说明）" if finding.explanation else "")
        if finding.level == "W" and not finding.explanation:
            sheet.write_blank(row, _TEXT_AT, None, styles.room())
    limit_explanations(sheet, 1, len(delivery.findings), _TEXT_AT)
    sheet.set_column(_NUMBER_AT, _NUMBER_AT, FINDING_COLUMNS[NUMBER_HEADER], None, {"hidden": True})
    unlisted = sum(g.findings + g.explained for g in delivery.groups) - len(delivery.findings)
    if unlisted > 0:
        row = len(delivery.findings) + 1
        text = f"另有 {unlisted} 处没有列出：最多列 {MOST_ROWS} 处，请先更正以上各处。"
        sheet.merge_range(row, 0, row, _TEXT_AT - 1, text, styles.cell(bold=True))


def limit_explanations(sheet: Worksheet, first: int, last: int, column: int) -> None:
    """What may be written into the cells of a 说明 column, in these rows if there are any."""
    if last >= first:
        sheet.data_validation(first, column, last, column, {
            "validate": "length", "criteria": "<=", "value": LONGEST,
            "input_title": "说明", "input_message": "只有黄色格可以填写。属实的写明原因，不要写证件号码和电话。",
            "error_title": "说明过长", "error_message": f"最多 {LONGEST} 个字。",
        })  # fmt: skip


def answers(sheet: Worksheet, styles: Styles, delivery: Delivery) -> None:
    """What became of each 说明 that this file brought."""
    cells.list_head(sheet, styles, _ANSWER_COLUMNS, len(delivery.answers))
    for row, answer in enumerate(delivery.answers, 1):
        result = "已登记" if answer.is_accepted else "未登记"
        said = (row, answer.row_number, answer.rule_id, answer.text, result, answer.answer)
        cells.list_row(sheet, styles, row, said, _ANSWER_COLUMNS.values())


def missing(sheet: Worksheet, styles: Styles, delivery: Delivery) -> None:
    """Keys in force that a full roster lacks for the first time, with their old places."""
    titles = {s.submission_id: receipt_words.table_title(s) for s in delivery.submissions}
    lines = [(titles[roster.submission_id], gone) for roster in delivery.rosters for gone in roster.missing]
    cells.list_head(sheet, styles, _MISSING_COLUMNS, len(lines))
    for row, (title, gone) in enumerate(lines, 1):
        said = (row, title, gone.shown, gone.file_name, gone.sheet_name, gone.row_number, _MISSING_MEND)
        cells.list_row(sheet, styles, row, said, _MISSING_COLUMNS.values())
    unlisted = sum(roster.gone_first for roster in delivery.rosters) - len(lines)
    if unlisted > 0:
        text = f"另有 {unlisted} 行没有列出：每张表最多列 {receipt_rosters.MOST_MISSING} 行。"
        last = len(_MISSING_COLUMNS) - 1
        sheet.merge_range(len(lines) + 1, 0, len(lines) + 1, last, text, styles.cell(bold=True))


def _told(finding: Finding, titles: dict[int, str]) -> tuple:
    mend = finding.mend
    if finding.explained_at:
        mend = f"已于 {receipt_words.moment(finding.explained_at)} 登记说明，无需再办"
    return (
        finding.level, finding.sheet_name or titles[finding.submission_id], finding.row_number, finding.column_letter,
        finding.header, finding.value_shown, finding.text, mend, finding.explanation, finding.rule_id, finding.finding_id,
    )  # fmt: skip

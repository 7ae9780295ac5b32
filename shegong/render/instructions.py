"""The 填表说明 of a template: how to report, every column, code and rule of its tables, in a clerk's words.

Everything is made from the contracts; nothing about a column may be written here.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from shegong.contract import LEVELS, CodeList, Contract
from shegong.render import clerk_words
from shegong.render.workbook_style import HEADING_FONT, Styles, shown_width

INSTRUCTIONS_SHEET = "填表说明"
_WIDTHS = (24, 26, 20, 62)
_HOW = (
    "填报单位、填报日期、报送方式、序号写在各表标题下的一行；同一天同一张表报送第二份时序号填 02，以此类推。",
    "报送方式填“变更”：只报有变化的行，每行填写操作类型（新增、变更、撤销），以前报送的其他行继续有效。",
    "报送方式填“全量”：报送本单位全部在册的行，操作类型留空；名册中没有的行不会被删除，须另行撤销。",
    "更正已报送的行：再报一份“变更”；主键填错的，在“更正原主键”填写原来的主键。整份文件有误的，在“替换”填 2 重报整份，前一份随即停止计算。",
    "当天没有变化的，报送零报告：工作表第一列表头写“数据表”，下面每行写一张没有变化的表。",
    "不要改写、合并或删除表头；橙色列必填，黄色列按条件必填；列的顺序可以调整，不用的选填列可以删去。",
    "证件号码、信用代码、编号一律用文本格式。金额单位以表头为准；表头写（万元）的按万元读取。",
    "日期写作 2026-05-06。不知道的选填内容留空，不要填“无”“/”“同上”。",
    "收到回执后：强制类问题在“退回行”更正后发回；核实类问题属实的，在“问题清单”的说明列写明原因后发回。",
)  # fmt: skip
_LEVEL_WORDS = {
    "E": "这一行不接收，退回更正", "W": "接收，但须更正或说明", "N": "接收，供参考", "I": "接收，已自动修正",
    "P": "接收，由主管部门处理", "F": "整表退回",
}  # fmt: skip


class _Line(NamedTuple):
    """One line: up to four cells. `look` is section, head, text (one merged cell) or row."""

    look: str
    cells: tuple[str, ...]


def add_instructions(
    workbook: xlsxwriter.Workbook, styles: Styles, contracts: Sequence[Contract]
) -> Worksheet:
    """Add the sheet that explains these tables."""
    sheet = workbook.add_worksheet(INSTRUCTIONS_SHEET)
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 40)
    sheet.merge_range(0, 0, 0, len(_WIDTHS) - 1, INSTRUCTIONS_SHEET, styles.title())
    for row, line in enumerate(_lines(contracts), 1):
        _write(sheet, styles, row, line)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    return sheet


def _lines(contracts: Sequence[Contract]) -> Iterable[_Line]:
    yield _Line("section", ("一、怎样报送",))
    for number, text in enumerate(_HOW, 1):
        yield _Line("text", (f"{number}. {text}",))
    yield _Line("section", ("二、报送时间",))
    yield _Line("head", ("数据表", "一行是什么", "版本", "什么时候报"))
    for table in contracts:
        yield _Line("row", (table.title, table.description, table.version, clerk_words.cadence_words(table)))
    yield _Line("section", ("三、各表的列",))
    for table in contracts:
        yield _Line("head", (table.title, "列", "是否必填", "怎样填"))
        for field in table.fields:
            said = "；".join(clerk_words.note(table, field).split("\n"))
            must = clerk_words.necessity(table, field) or "选填"
            yield _Line("row", ("主键" if field.name in _key_fields(table) else "", field.header, must, said))
    yield _Line("section", ("四、核对规则",))
    for table in contracts:
        yield _Line("head", (table.title, "问题", "级别", "怎样更正"))
        for rule in table.all_rules:
            level = f"{LEVELS[rule.level]}：{_LEVEL_WORDS[rule.level]}"
            yield _Line("row", ("", rule.text, level, rule.mend))
    yield _Line("section", ("五、代码",))
    for codes in _lists(contracts):
        yield _Line("head", (codes.title, "名称", "代码", "也可以写作"))
        for code, label in codes.codes.items():
            also = "、".join(word for word, meant in codes.aliases.items() if meant == code)
            yield _Line("row", ("", label, code, also))


def _key_fields(table: Contract) -> set[str]:
    """The fields of the file that make the key; a person is known by the document."""
    return {
        field for name in table.key for field in (("id_type", "id_no") if name == "person_key" else (name,))
    }


def _lists(contracts: Sequence[Contract]) -> list[CodeList]:
    found = {field.codes.name: field.codes for table in contracts for field in table.fields if field.codes}
    return list(found.values())


def _write(sheet: Worksheet, styles: Styles, row: int, line: _Line) -> None:
    last = len(_WIDTHS) - 1
    match line.look:
        case "section":
            sheet.set_row(row, 28)
            sheet.merge_range(
                row, 0, row, last, line.cells[0], styles.get(font_name=HEADING_FONT, font_size=14)
            )
        case "text":
            sheet.set_row(row, _height(line.cells, (sum(_WIDTHS),)))
            sheet.merge_range(row, 0, row, last, line.cells[0], styles.cell(text_wrap=True, indent=1))
        case _:
            is_head = line.look == "head"
            sheet.set_row(row, 22 if is_head else _height(line.cells, _WIDTHS))
            style = styles.header() if is_head else styles.cell(text_wrap=True)
            for at, text in enumerate(line.cells):
                sheet.write_string(row, at, text, style)


def _height(cells: Sequence[str], widths: Sequence[int]) -> int:
    """Height in points of a row whose texts wrap."""
    lines = (1 + shown_width(text) // (width - 2) for text, width in zip(cells, widths, strict=True))
    return 15 * max(lines) + 6

"""The counties' workbooks: a layout that the reader knows, values by their type, notes and input limits."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from shegong import contract
from shegong.errors import ShegongError
from shegong.intake import layout, workbook_reader
from shegong.intake.limits import Limits
from shegong.render import clerk_words
from shegong.render.sheet_content import is_additive
from shegong.render.template import Sheet, empty_template, write

CONTRACTS = contract.load()
TALENT, FUNDING = CONTRACTS["talent"], CONTRACTS["funding"]
FUND = {
    "year": 2026, "source_type": "财政预算", "batch_no": "000123456789012345", "budget_yuan": 0.1,
    "received_yuan": Decimal("0.20"), "book_date": date(2026, 3, 1), "is_special_fund": True,
    "project_no": "=1+1",
}  # fmt: skip


def made(*sheets: Sheet, **more: object) -> bytes:
    content = io.BytesIO()
    said = {"unit_code": "330106", "unit_name": "西湖区", "report_date": date(2026, 5, 6), "mode": "D"} | more
    write(content, sheets, **said)
    return content.getvalue()


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def read(content: bytes) -> list:
    headers = layout.known_headers(tuple(CONTRACTS.values()))
    return workbook_reader.read(content, headers, Limits())


def test_the_reader_finds_what_was_written() -> None:
    (sheet,) = read(made(Sheet(FUNDING, [FUND]), sequence=3, version=2))
    assert (sheet.table, sheet.version, sheet.header_row) == ("funding", FUNDING.version, 3)
    said = ["填报单位：西湖区（330106）", "填报日期：2026-05-06", "报送方式：变更", "序号：03", "替换：2"]
    assert [label for label in sheet.labels if label in said] == said
    assert sheet.header == [f.header for f in FUNDING.fields]
    row = next(iter(sheet.chunks)).to_dicts()[0]
    cells = {f.name: row[str(at)] for at, f in enumerate(FUNDING.fields)}
    assert cells["batch_no"] == "000123456789012345"
    assert (cells["budget_yuan"], cells["book_date"], cells["is_special_fund"]) == ("0.1", "2026-03-01", "是")


def test_values_are_written_by_their_type_and_never_as_formulas() -> None:
    sheet = opened(made(Sheet(FUNDING, [FUND | {"batch_no": 330106199001010018}])))[FUNDING.title]
    cells = {f.name: sheet.cell(4, at) for at, f in enumerate(FUNDING.fields, 1)}
    kinds = {
        name: cells[name].data_type for name in ("year", "batch_no", "book_date", "project_no", "donor_name")
    }
    assert kinds == {"year": "n", "batch_no": "n", "book_date": "d", "project_no": "s", "donor_name": "n"}
    assert (cells["project_no"].value, cells["project_no"].quotePrefix) == ("=1+1", True)
    assert cells["donor_name"].value is None


def test_a_value_that_no_cell_can_hold_is_an_error() -> None:
    with pytest.raises(TypeError, match="batch_no"):
        made(Sheet(FUNDING, [FUND | {"batch_no": object()}]))


def test_the_last_row_has_sums_of_money_and_counts() -> None:
    sheet = opened(made(Sheet(FUNDING, [FUND, FUND, FUND], totals={"spent_yuan": 99})))[FUNDING.title]
    total = {f.name: sheet.cell(7, at).value for at, f in enumerate(FUNDING.fields, 1)}
    assert (total["row_action"], total["budget_yuan"], total["received_yuan"]) == ("合计", 0.3, 0.6)
    assert (total["spent_yuan"], total["year"]) == (99, None)
    labels = {
        f.name for c in CONTRACTS.values() for f in c.fields if f.type == "integer" and not is_additive(f)
    }
    years, numbers = {"year", "exam_year", "check_year"}, {"reg_seq", "slot_no", "appoint_no"}
    assert labels == years | numbers | {"post_grade", "satisfaction_grade"}


def test_columns_can_be_left_out_doubled_and_added() -> None:
    chosen = Sheet(FUNDING, [FUND], headers=("year", "year", "联系人"), printed={"year": "年份"})
    sheet = opened(made(chosen))[FUNDING.title]
    assert [cell.value for cell in sheet[3]][:3] == ["年份", "年份", "联系人"]


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert made(Sheet(TALENT), Sheet(FUNDING, [FUND])) == made(Sheet(TALENT), Sheet(FUNDING, [FUND]))


def test_a_clerk_is_told_and_held_to_what_the_contract_asks() -> None:
    content = io.BytesIO()
    empty_template(content, CONTRACTS.values())
    book = opened(content.getvalue())
    assert book["_shegong"].sheet_state == "veryHidden"
    for table in CONTRACTS.values():
        sheet = book[table.title]
        assert sheet.freeze_panes == "A4"
        for at, field in enumerate(table.fields, 1):
            cell = sheet.cell(3, at)
            assert field.description in cell.comment.text, (table.table, field.name)
            assert ("必填" in cell.comment.text.split("\n")) == field.required
    sheet = book[TALENT.title]
    letter = {f.name: openpyxl.utils.get_column_letter(at) for at, f in enumerate(TALENT.fields, 1)}
    rules = {
        str(v.sqref).split(":")[0].rstrip("0123456789"): v for v in sheet.data_validations.dataValidation
    }
    assert "研究生" in rules[letter["education"]].formula1
    assert rules[letter["community_code"]].formula1 == "12"
    assert rules[letter["sw_major"]].formula1 == '"是,否"'
    assert sheet.column_dimensions[letter["id_no"]].number_format == "@"


def test_a_merged_cell_is_known_to_the_reader() -> None:
    book = opened(made(Sheet(FUNDING, [FUND, FUND, FUND]), totals=False))
    book[FUNDING.title].merge_cells("C5:C6")
    book[FUNDING.title].merge_cells("D4:E4")
    content = io.BytesIO()
    book.save(content)
    (sheet,) = read(content.getvalue())
    assert sheet.merged == {2: [(5, 6)]}


def test_a_plain_file_has_no_notes() -> None:
    sheet = opened(made(Sheet(FUNDING, [FUND]), plain=True))[FUNDING.title]
    assert sheet["A3"].comment is None
    assert not sheet.data_validations.dataValidation


def test_every_condition_of_the_contracts_has_words() -> None:
    said = {
        clerk_words.condition_words(table, field.required_when)
        for table in CONTRACTS.values()
        for field in table.fields
        if field.required_when
    }
    assert {"单位类型为 城乡社区", "是否政府购买为 是", "证件类型不是 居民身份证"} <= said
    assert "是否专业技术岗位为 是，且单位类型为 事业单位" in said


def test_a_condition_without_words_is_an_error() -> None:
    field = replace(TALENT.field("head_role"), required_when="length(employer_id) > 3")
    with pytest.raises(ShegongError, match="no words"):
        clerk_words.note(TALENT, field)

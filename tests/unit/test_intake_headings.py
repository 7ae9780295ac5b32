"""Unknown headings: which field they seem to be, what is said of them, and what an approved one does."""

from datetime import date

import polars as pl
import pytest

from shegong import contract
from shegong.header_aliases import Decided
from shegong.intake import heading_words, headings, layout
from shegong.intake.envelope import FileRefused
from shegong.intake.headings import NONE, Known
from shegong.intake.sheets import Sheet

TALENT, FUNDING = (contract.load()[table] for table in ("talent", "funding"))
LEAST = {
    "证件号码": "330106199001010018", "姓名": "王明", "学历": "本科", "是否社会工作专业": "是", "单位类型": "企业",
    "单位代码": "91330106732443202J", "工作单位": "某公司", "是否直接从事社会服务": "否", "最高证书等级": "无", "在岗状态": "在岗",
}  # fmt: skip


def sheet(cells: dict[str, str | None], rows: int = 3) -> Sheet:
    columns = {str(at): pl.Series([cell] * rows, dtype=pl.String) for at, cell in enumerate(cells.values())}
    return Sheet("人才", list(cells), 3, iter([pl.DataFrame(columns)]))


def renamed(**headers: str) -> dict[str, str]:
    return {headers.get(header, header): cell for header, cell in LEAST.items()}


def proposed(cells: dict, known: Known = NONE, contract=TALENT) -> dict[str, str]:
    """Heading -> field of what is proposed, whether the sheet is refused or not."""
    try:
        made = headings.lay_out(sheet(cells), contract, "S", known)[1].values()
    except FileRefused as refused:
        made = refused.proposals
    return {proposal.column.header: proposal.field.name for proposal in made}


@pytest.mark.parametrize(
    ("header", "written", "field"),
    [
        ("姓名", "社工姓名", "person_name"),
        ("姓名", "职工姓名（必填）", "person_name"),
        ("证件号码", "身份证件号", "id_no"),
        ("学历", "文化程度（学历）", "education"),
        ("工作单位", "工作单位名称", "employer_name"),
        ("最高证书等级", "证书等级", "highest_level"),
        ("在岗状态", "目前状态", "status"),
    ],
)
def test_a_heading_is_proposed_for_the_field_that_it_resembles(header: str, written: str, field: str) -> None:
    assert proposed(renamed(**{header: written})) == {written: field}


def test_cells_that_do_not_read_as_the_field_speak_against_it() -> None:
    cells = renamed(证件号码="证件号")
    assert proposed(cells) == {"证件号": "id_no"}
    assert proposed(cells | {"证件号": "王明"}) == {}


def test_cells_that_only_one_field_reads_speak_for_it_whatever_the_heading() -> None:
    assert proposed(renamed(证件号码="号")) == {"号": "id_no"}


@pytest.mark.parametrize(
    "header",
    [
        "联系人",
        "照片",
        "",
        "电话",
        "330106199001010018",
        "第一季度应由乡镇（街道）社会事务办公室填写的其他有关情况说明，不超过二百字，没有可以不填",
    ],
)
def test_what_resembles_nothing_or_is_no_heading_is_not_proposed(header: str) -> None:
    assert proposed(LEAST | {header: "某"}) == {}


def test_a_field_that_the_sheet_has_is_not_proposed_again() -> None:
    assert proposed(LEAST | {"社工姓名": "王明"}) == {}


def test_the_refusal_names_what_is_missing_and_what_it_may_be() -> None:
    with pytest.raises(FileRefused) as told:
        headings.lay_out(sheet(renamed(姓名="社工姓名")), TALENT, "S")
    assert told.value.rule_id == "file.header_missing"
    assert "缺少必需的列：姓名" in told.value.text and "“社工姓名”（B 列）看来是“姓名”" in told.value.text


def test_a_sheet_keeps_its_cells() -> None:
    read = sheet(LEAST | {"社工专长": "某"})
    headings.lay_out(read, TALENT, "S")
    assert sum(chunk.height for chunk in read.chunks) == 3


def test_an_approved_heading_is_the_field() -> None:
    placed, left = headings.lay_out(
        sheet(renamed(姓名=" 社工 姓名")), TALENT, "S", Known({"社工姓名": "person_name"})
    )
    assert placed[1].field is TALENT.field("person_name") and placed[1].header == " 社工 姓名" and not left


def test_a_rejected_heading_is_not_proposed_again() -> None:
    assert proposed(renamed(姓名="社工姓名"), Known(rejected=frozenset(["社工姓名"]))) == {}


def test_an_approved_heading_beside_the_field_itself_is_told_with_both() -> None:
    with pytest.raises(FileRefused) as told:
        headings.lay_out(sheet(LEAST | {"社工姓名": "王明"}), TALENT, "S", Known({"社工姓名": "person_name"}))
    assert told.value.rule_id == "file.header_duplicate"
    assert "“姓名”（B 列）和“社工姓名”（K 列）都是“姓名”" in told.value.text


def test_a_contracts_own_header_goes_before_an_approval() -> None:
    placed = layout.columns(sheet(LEAST), TALENT, {"姓名": "remark"})
    assert placed[1].field.name == "person_name"


@pytest.mark.parametrize(
    ("header", "factor"), [("本年预算", 1), ("本年预算（万元）", 10_000), ("本年预算（元）", 1)]
)
def test_an_approved_heading_declares_its_unit(header: str, factor: int) -> None:
    [placed] = layout.columns(
        Sheet("", [header], 1, iter(())), FUNDING, {layout.normal(header): "budget_yuan"}
    )
    assert (placed.field.name, placed.factor) == ("budget_yuan", factor)


def test_a_units_own_decision_goes_before_the_one_for_all() -> None:
    day = date(2026, 5, 6)
    decided = Decided((
        ("talent", "社工", "person_name", None, "approved", day),
        ("talent", "社工", "remark", "330106", "approved", day),
        ("talent", "专长", "remark", None, "approved", day),
        ("talent", "专长", "remark", "330106", "rejected", None),
        ("funding", "资金", "budget_yuan", None, "approved", day),
    ))  # fmt: skip
    assert decided.of("talent", "330106", day) == Known({"社工": "remark"}, frozenset(["专长"]))
    assert decided.of("talent", "330110", day) == Known({"社工": "person_name", "专长": "remark"})
    assert decided.of("talent", "330110", date(2026, 5, 5)) == NONE


@pytest.mark.parametrize(
    "heading",
    ["联系电话", "照片", "毕业院校（全日制）", "2025年预算", "目前状态", "QQ号", "费用/人员费用/其他", "id_no", "号", "", "第1季度 / 人数"],
)  # fmt: skip
def test_a_heading_of_offices_words_is_quoted(heading: str) -> None:
    assert heading_words.told(heading) == heading


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("王明", "王*"), ("张　三", "张**"), ("欧阳明华", "欧***"), ("高明", "高*"), ("金华", "金*"), ("王明的学历", "王****"), ("王社工", "王**"),
        ("阿卜杜拉·买买提", "阿*******"), ("John Smith", "J*********"), ("费用/王明", "费用/王*"), ("330106199001010018", "3" + "*" * 17),
        ("联系电话13800000000", "联" + "*" * 14), ("联系电话138 0000 0000", "联" + "*" * 16), ("𬍛某人", "𬍛**"),
    ],
)  # fmt: skip
def test_a_heading_that_may_be_somebodys_is_not(heading: str, told: str) -> None:
    assert heading_words.told(heading) == told


def test_what_is_told_of_columns_quotes_nobody() -> None:
    """Unknown columns, groups over known ones, and what a column seems to be."""
    upper = ["李建国", "", *LEAST, "王明学历", "330106199001010018"]
    lower = ["联系电话", "李建国的备注", *LEAST, "王明学历", "330106199001010018"]
    read = Sheet("人才", ["李建国/联系电话", "李建国/备注", *lower[2:]], 3, iter(()))
    read.paths = [("李建国", "联系电话"), ("李建国", "备注"), *((word,) for word in upper[2:])]
    placed, proposals = headings.lay_out(read, TALENT, "S")
    assert [c.header for c in placed if c.header not in LEAST] == [
        "李**/联系电话",
        "李**/备注",
        "王***",
        "3" + "*" * 17,
    ]
    assert placed[1].field.name == "remark" and not proposals
    assert not [word for word in ("李建国", "王明", "3301") if word in str(layout.printed(placed))]


def test_a_refusal_quotes_nobody() -> None:
    with pytest.raises(FileRefused) as told:
        headings.lay_out(sheet(renamed(学历="王明学历") | {"王明": "甲"}), TALENT, "S")
    assert "王明" not in told.value.text + told.value.mend and not told.value.proposals

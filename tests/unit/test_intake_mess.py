"""The mess that offices' workbooks hold, each case a real file: what is read, what is told, what is refused.

Written as .xlsx by openpyxl; the other formats in test_intake_formats.py.
"""

import io
from datetime import date, datetime

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from shegong import contract
from shegong.intake import layout, number_runs, sheet_cells, workbook_reader
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.rows import Context, RowChecker
from shegong.intake.sheets import Sheet
from shegong.people import Hasher

CONTRACTS = contract.load()
LIMITS = Limits()
ID = ["330106199001010018", "330106199001020013", "330106199001030019"]
FUNDING = [
    "年度",
    "资金来源",
    "资金层级",
    "资金用途",
    "批次/文号",
    "预算金额（元）",
    "到位金额（元）",
    "支出金额（元）",
    "上年结转（元）",
    "入账日期",
]
GOOD = [2026, "财政预算", "县级", "宣传", "浙财1", 10, 5, 1, 0, "2026-04-01"]


def saved(fill, *names: str) -> bytes:
    """A workbook whose sheets `fill` writes."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    fill(*(book.create_sheet(name) for name in names or ("表",)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def opened(content: bytes) -> list[Sheet | FileRefused]:
    return workbook_reader.read(content, layout.all_headers(), LIMITS)


def sheet_of(*rows: list, then=None) -> Sheet:
    def fill(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(row)
        if then:
            then(sheet)

    return opened(saved(fill))[0]


class Result:
    """A sheet after all checks: accepted rows, and findings as (row, column letter, rule)."""

    def __init__(self, table: str, sheet: Sheet) -> None:
        checker = RowChecker(
            CONTRACTS[table], layout.place(sheet, CONTRACTS[table]), Context("330106", "330106", date(2026, 5, 6), "S"), Hasher(b"k" * 32)
        )  # fmt: skip
        chunks = [checker.check(chunk) for chunk in sheet.chunks]
        self.rows = pl.concat([chunk.rows for chunk in chunks])
        told = pl.concat([*(chunk.findings for chunk in chunks), checker.totals()])
        self.findings = sorted(
            (f["row_number"], f["column_letter"] or "", f["rule_id"]) for f in told.to_dicts()
        )
        self.texts = {(f["rule_id"], f["row_number"]): f["text"] + f["mend"] for f in told.to_dicts()}
        self.total = sum(chunk.total for chunk in chunks)


def funding(*rows: list, header: list = FUNDING, above: list[list] = [], then=None) -> Result:  # noqa: B006 read only
    return Result("funding", sheet_of(*above, header, *rows, then=then))


def amounts(result: Result) -> list[str]:
    return [str(value) for value in result.rows["budget_yuan"]]


def check_digit(body: str) -> str:
    """GB 11643's, by powers of two."""
    return "0123456789X"[(12 - sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))) % 11]


def good(batch: str, budget: object = 10) -> list:
    return [*GOOD[:4], batch, budget, *GOOD[6:]]


def test_title_rows_and_notes_are_no_data() -> None:
    result = funding(
        GOOD, [None] * 10, ["注：金额含上级补助"], ["1、不含捐赠"], ["审核人：", None, None, "填表人：", "某某"],
        above=[["西湖区资金报送表"], ["填报单位：西湖区", None, "填报日期：2026年5月6日"], ["表号：浙社工3表"]],
    )  # fmt: skip
    assert (result.total, result.findings) == (1, [])


def test_repeated_headers_and_headings_of_parts_are_no_data() -> None:
    result = funding(["一、财政资金"], GOOD, FUNDING, ["（二）其他"], good("浙财2"))
    assert (result.total, result.findings) == (2, [])


@pytest.mark.parametrize(
    "word", ["合计", "合　计", "总 计", "合计：", "本页小计", "平均", "平均值", "共计", "全县合计"]
)
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_total_is_no_row_wherever_its_word_stands(word: str, at: int) -> None:
    row = [*[None] * at, word, *[None] * (9 - at)]
    result = funding(GOOD, row)
    assert (result.total, result.findings) == (1, [])


def test_totals_are_compared_with_the_rows_and_parts_with_theirs() -> None:
    def total(word: str, value: object) -> list:
        return [word, None, None, None, None, value, *[None] * 4]

    right = funding(
        good("1", 10), good("2", 20), total("小计", 30), good("3", 5), total("小 计", 5), total("合计", 35)
    )
    assert (right.total, right.findings) == (3, [])
    above = funding(
        total("合计", 35), total("小计", 30), good("1", 10), good("2", 20), total("小计", 5), good("3", 5)
    )
    assert (above.total, above.findings) == (3, [])
    wrong = funding(
        good("1", 10), good("2", 20), total("小计", 31), good("3", 5), total("小计", 5), total("合计", 36)
    )
    assert wrong.findings == [(4, "F", "file.subtotal_mismatch"), (7, "F", "file.total_mismatch")]
    assert "30" in wrong.texts["file.subtotal_mismatch", 4] and "35" in wrong.texts["file.total_mismatch", 7]


def test_a_code_that_reads_total_is_data() -> None:
    header = ["操作类型", "考试年份", "报考等级", "参考人员来源", "报考人数"]
    rows = [[None, 2025, "社会工作师", "合计", 9], [None, None, None, "合计", 9]]
    names = {f.header for f in CONTRACTS["exam"].fields}
    assert set(header) <= names
    assert Result("exam", sheet_of(header, *rows)).total == 2


@pytest.mark.parametrize(
    ("above", "header", "expected"),
    [
        ([["（单位：万元）"]], "预算金额", "100000.00"),
        ([["某表", None, "金额单位：万元"]], "预算金额", "100000.00"),
        ([["单位：元"]], "预算金额", "10.00"),
        ([["填报单位：万元镇"]], "预算金额", "10.00"),
        ([["单位：万元"]], "预算金额（元）", "10.00"),
        ([["单位：元"]], "预算金额（万元）", "100000.00"),
        ([], "预算金额万元", "100000.00"),
        ([], "预算金额:万元", "100000.00"),
        ([], "预算金额\n（万元）", "100000.00"),
    ],
)
def test_the_unit_of_money_is_the_nearest_that_is_declared(above: list, header: str, expected: str) -> None:
    assert amounts(funding(GOOD, above=above, header=[*FUNDING[:5], header, *FUNDING[6:]])) == [expected]


def test_a_unit_that_is_not_known_is_refused_and_a_figure_never_tells_one() -> None:
    with pytest.raises(FileRefused) as refused:
        funding(GOOD, above=[["单位：千元"]], header=[name.removesuffix("（元）") for name in FUNDING])
    assert refused.value.rule_id == "file.unit_unclear"
    assert funding(good("1", "1.2万")).findings == [(2, "F", "funding.budget_yuan.type")]


def test_a_group_over_columns_declares_their_unit() -> None:
    upper = [*FUNDING[:5], "金额（万元）", None, None, None, "入账日期"]
    lower = [*[None] * 5, "预算金额", "到位金额", "支出金额", "上年结转", None]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("F1:I1")
        for column in "ABCDEJ":
            sheet.merge_cells(f"{column}1:{column}2")

    result = Result("funding", sheet_of(upper, lower, GOOD, then=merge))
    assert (amounts(result), result.findings) == (["100000.00"], [])


def test_a_header_of_three_rows_is_named_by_its_paths() -> None:
    rows = [
        ["某县费用表"],
        ["项目编号", "费用", None, None, None, "备注"],
        [None, "人员费用", None, "日常费用", None, None],
        [None, "工资", "其他", "办公", "其他", None],
        ["甲", 1, 2, 3, 4, "无"],
    ]

    def merge(sheet: Worksheet) -> None:
        for place in ("A1:F1", "A2:A4", "B2:E2", "B3:C3", "D3:E3", "F2:F4"):
            sheet.merge_cells(place)

    sheet = sheet_of(*rows, then=merge)
    assert sheet.header == ["项目编号", "工资", "费用/人员费用/其他", "办公", "费用/日常费用/其他", "备注"]
    assert (sheet.header_row, sheet.labels) == (4, ["某县费用表"])
    assert [chunk.rows()[0][0] for chunk in sheet.chunks] == [5]


def talent(*people: tuple, **more) -> Result:
    header = [
        "证件号码",
        "姓名",
        "学历",
        "是否社会工作专业",
        "单位类型",
        "单位代码",
        "工作单位",
        "是否直接从事社会服务",
        "最高证书等级",
        "在岗状态",
    ]
    rows = [[number, name, "本科", "是", "企业", *at, "否", "无", "在岗"] for number, name, *at in people]
    return Result("talent", sheet_of(header, *rows, **more))


AT = ("91330106732443202J", "某公司")


def test_merged_cells_fill_down_where_the_template_allows_it_and_are_refused_where_not() -> None:
    people = [(ID[0], "王明", *AT), (ID[1], "李明", None, None), (ID[2], "赵明", None, None)]

    def allowed(sheet: Worksheet) -> None:
        sheet.merge_cells("F2:F4")
        sheet.merge_cells("G2:G4")

    result = talent(*people, then=allowed)
    assert (result.rows["employer_name"].to_list(), result.findings) == (["某公司"] * 3, [])

    def forbidden(sheet: Worksheet) -> None:
        allowed(sheet)
        sheet.merge_cells("C2:C3")

    result = talent(*people, then=forbidden)
    assert (result.rows.height, result.findings) == (2, [(3, "C", "talent.education.merged")])
    assert "合并单元格" in result.texts["talent.education.merged", 3]


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (330106199001010018, "number_cell"), (3.30106199001010e17, "number_cell"), (330106900101001, "number_cell"), ("3.30106E+17", "scientific"),
        ("3.3E17", "scientific"), ("330106199001010000", "damaged"), ("330106900101001", "old_15_digit"), ("330106199001010018.0", "fixed"),
        ("'330106199001010018", "fixed"), ("３３０１０６１９９００１０１００１８", "fixed"), ("330106 19900101 0018", "fixed"),
        ("330106199001010018\t", "fixed"), ("330106199001010019", "check_digit"), ("=A9", "formula"), ("########", "formula"),
    ],
)  # fmt: skip
def test_numbers_that_excel_damaged(number: object, rule: str) -> None:
    result = talent((number, "王明", *AT))
    assert result.findings == [(2, "A", f"talent.id_no.{rule}")]
    assert result.rows.height == (rule == "fixed")


def test_a_number_that_ends_in_zeros_and_still_fits_is_to_be_looked_at() -> None:
    body = next(f"3301061990{month:02d}{day:02d}{place}00" for month in range(1, 10) for day in range(10, 29) for place in range(10) if check_digit(f"3301061990{month:02d}{day:02d}{place}00") == "0")  # fmt: skip
    result = talent((body + "0", "王明", *AT))
    assert (result.rows.height, result.findings) == (1, [(2, "A", "talent.id_no.rounded")])


def test_numbers_that_were_dragged_down_are_told_once_where_they_begin() -> None:
    dragged = [str(330106199001010018 + at) for at in range(5)]
    result = talent((ID[1], "赵明", *AT), *((number, "王明", *AT) for number in dragged))
    told = [(row, rule) for row, _, rule in result.findings if rule.endswith("filled_down")]
    assert told == [(3, "talent.id_no.filled_down")]
    assert "filled_down" not in str(talent(*((number, "王明", *AT) for number in dragged[:3])).findings)


def run_starts(numbers: pl.Series, size: int) -> list[int]:
    """Where runs begin, told while the numbers come in chunks of `size`."""
    runs, rows = number_runs.Runs(), pl.int_range(len(numbers), dtype=pl.Int32, eager=True)
    told = [runs.starts(numbers[at : at + size], rows[at : at + size]) for at in range(0, len(numbers), size)]
    return pl.concat(told)["row"].to_list()


@pytest.mark.parametrize(
    ("last_digits", "expected"),
    [
        ([18, 19, 20, 21], [0]), ([18, 19, 20], []), ([18, 20, 21, 22, 23, 30, 31, 32, 33], [1, 5]), ([None, 18, 19, 20, 21, None], [1]),
        ([18, 18, 18, 18, 18], []), ([21, 20, 19, 18], []),
        (list(range(10, 30)), [0]), ([*range(10, 20), *range(10, 15), 70, *range(15, 20)], [0, 10, 16]),
    ],
)  # fmt: skip
def test_runs_of_numbers(last_digits: list[int | None], expected: list[int]) -> None:
    numbers = pl.Series([f"3301061990010100{at}" if at else None for at in last_digits])
    assert run_starts(numbers, len(numbers)) == expected
    # the same, whatever rows the chunks are cut at
    assert [run_starts(numbers, size) for size in (1, 2, 3, 4, 5)] == [expected] * 5


def test_a_run_over_the_end_of_a_workbooks_chunk_is_told_once() -> None:
    people = [(f"33010619{1950 + at:04d}01010018", "王明", *AT) for at in range(sheet_cells.CHUNK_ROWS - 2)]
    dragged = [(str(330106199001010018 + at), "李明", *AT) for at in range(5)]
    result = talent(*people, *dragged)
    told = [row for row, _, rule in result.findings if rule == "talent.id_no.filled_down"]
    assert told == [sheet_cells.CHUNK_ROWS]


def test_runs_before_the_check_digit() -> None:
    bodies = [33010619900101001 + at for at in range(5)]
    numbers = pl.Series([f"{body}{check_digit(str(body))}" for body in bodies])
    assert run_starts(numbers, 5) == run_starts(numbers, 2) == [0]


def test_a_formula_without_its_result_refuses_its_cell_and_not_the_file() -> None:
    result = funding(GOOD, [*GOOD[:4], "浙财2", "=F2*2", *GOOD[6:]], [*GOOD[:4], "=E2&1", 1, *GOOD[6:]])
    assert (result.rows.height, result.findings) == (
        1,
        [
            (3, "F", "funding.budget_yuan.formula"),
            (4, "E", "funding.batch_no.formula"),
            (4, "G", "funding.received_over_budget"),
        ],
    )


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"])
def test_a_formula_that_failed_refuses_its_cell(error: str) -> None:
    def fail(sheet: Worksheet) -> None:
        for place in ("E3", "F3"):
            sheet[place].value, sheet[place].data_type = error, "e"

    result = funding(GOOD, good("浙财2"), then=fail)
    assert (result.rows.height, result.findings) == (
        1,
        [(3, "E", "funding.batch_no.formula"), (3, "F", "funding.budget_yuan.formula")],
    )


def test_days_in_all_their_forms() -> None:
    forms = [
        date(2026, 4, 1),
        datetime(2026, 4, 1, 8, 30),
        46113,
        "2026.4.1",
        "2026年4月1日 00:00:00",
        20260401,
        "二〇二六年四月一日",
        "2026-4",
    ]
    result = funding(*([*good(str(at))[:9], form] for at, form in enumerate(forms)))
    assert result.rows["book_date"].to_list() == [date(2026, 4, 1)] * len(forms)
    doubtful = ["26/4/1", "4/1/2026", "2026-13-01", "4月1日"]
    result = funding(*([*good(str(at))[:9], form] for at, form in enumerate(doubtful)))
    assert [rule for _, _, rule in result.findings] == ["funding.book_date.type"] * 4


def test_a_workbook_that_counts_from_1904_has_the_same_days() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.parent.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        sheet.append(FUNDING)
        sheet.append([*GOOD[:9], date(2026, 4, 1)])
        sheet.append([*good("2")[:9], 44651])

    (sheet,) = opened(saved(fill))
    assert Result("funding", sheet).rows["book_date"].to_list() == [date(2026, 4, 1)] * 2


def test_hidden_rows_and_sheets_are_read_and_told() -> None:
    def fill(shown: Worksheet, hidden: Worksheet) -> None:
        for sheet in (shown, hidden):
            sheet.append(FUNDING)
            sheet.append(GOOD)
        shown.append(good("2"))
        shown.row_dimensions[2].hidden = True
        hidden.sheet_state = "hidden"

    first, second = opened(saved(fill, "资金", "资金 (2)"))
    assert [notice.rule_id for notice in first.notices] == ["file.hidden_rows"] and "1 行" in first.notices[
        0
    ].text
    assert [notice.rule_id for notice in second.notices] == ["file.hidden_sheet"]
    assert (Result("funding", first).total, Result("funding", second).total) == (2, 1)


def test_instructions_and_empty_sheets_are_left_alone_and_others_are_not() -> None:
    def fill(guide: Worksheet, empty: Worksheet, data: Worksheet, other: Worksheet) -> None:
        guide.append(["一、请如实填写"])
        data.append(FUNDING)
        data.append(GOOD)
        other.append(["随手记", 3])

    data, other = opened(saved(fill, "填表说明", "Sheet2", "资金", "草稿"))
    assert [(notice.rule_id, notice.level) for notice in data.notices] == [("file.sheet_left_alone", "N")]
    assert "填表说明" in data.notices[0].text
    assert (other.rule_id, other.sheet) == ("file.header_missing", "草稿")

"""One workbook with all that offices' sheets hold, in every format: the same rows, findings and notices whatever it is.

Made by openpyxl, turned by LibreOffice into the formats that it writes. Formulas have results only in what LibreOffice
wrote; a text of cells has neither merged cells nor hidden rows nor sheets.
"""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from shegong import contract
from shegong.intake import layout, ods_traits, opening
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.rows import Context, RowChecker
from shegong.intake.sheets import Sheet
from shegong.people import Hasher

FUNDING = contract.load()["funding"]
UPPER = ["年度", "资金来源", "资金层级", "资金用途", "批次/文号", "金额（万元）", None, None, None, "入账日期", "备注"]  # fmt: skip
LOWER_ALONE = [*UPPER[:5], "预算金额", "到位金额", "支出金额", "上年结转", "入账日期"]
LOWER = [*[None] * 5, "预算金额", "到位金额", "支出金额", "上年结转", None, None]
SOFFICE = shutil.which("soffice")
CONVERTED = ("xlsx", "xls", "ods")
WORKBOOKS = ("source", "source.xlsx", "source.xls", "source.ods")  # the first as openpyxl wrote it


def row(batch: object, budget: object = 10, source: str | None = "财政预算", **more: object) -> list[object]:
    said = {"year": 2026, "received": 5, "day": date(2026, 4, 1), "remark": None} | more
    return [said["year"], source, "县级", "宣传", batch, budget, said["received"], 1, 0, said["day"], said["remark"]]  # fmt: skip


def total(word: str, budget: object) -> list[object]:
    return [word, None, None, None, None, budget, *[None] * 5]


ROWS = {
    1: ["某区资金报送表"],
    2: ["填报单位：某区", None, None, None, "填报日期：2026年5月6日"],
    3: UPPER,
    4: LOWER,
    5: row("甲1"),
    6: row("甲2", year=None),  # merged with the year above it, which may be
    7: row("甲3", year=None),
    8: row("甲4", "=F5*2"),
    9: total("小计", 50),
    10: UPPER,  # a page's end
    11: LOWER,
    12: row("乙1", "=1/0"),
    13: row("乙2", source=None),  # merged with the source above it, which may not be
    14: row("=NA()"),
    15: row("乙4", remark='=IF(F5=10,"","高")'),
    16: row("乙5", received="５", day="2026.4.1."),
    17: row("乙6", day="二〇二六年四月"),
    18: total("小　计", 51),
    19: ["合计：", None, None, None, None, 100, *[None] * 5],
    21: ["注：1. 金额含上级补助"],
    22: ["2. 不含捐赠"],
    23: ["审核人：", None, None, "填表人："],
}
FAILED = [(12, "F", "budget_yuan.formula"), (13, "B", "source_type.merged"), (14, "E", "batch_no.formula")]
FIXED = [(16, "G", "received_yuan.fixed"), (16, "J", "book_date.fixed"), (17, "J", "book_date.fixed")]
DATA = [5, 6, 7, 8, 12, 13, 14, 15, 16, 17]
# 50 is the first part's sum and 100 the whole's; the second's is 50
TOTALS = [(18, "F", "subtotal_mismatch")]
WITHOUT_TOTALS = [(19, "F", "total_mismatch")]  # 50 may be the part's that stands below it
WITHOUT_RESULTS = [(8, "F", "budget_yuan.formula"), (15, "K", "remark.formula")]


def fill(sheet: Worksheet) -> None:
    for number, cells in ROWS.items():
        for column, cell in enumerate(cells, 1):
            sheet.cell(number, column, cell)
    sheet.merge_cells("A1:K1")
    for top in (3, 10):
        sheet.merge_cells(start_row=top, end_row=top, start_column=6, end_column=9)
        for column in (*range(1, 6), 10, 11):
            sheet.merge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=column)
    sheet.merge_cells("A5:A7")
    sheet.merge_cells("B12:B13")
    for number in (6, 16):
        sheet.row_dimensions[number].hidden = True


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    if SOFFICE is None:
        pytest.skip("Debian package libreoffice-calc")
    folder = tmp_path_factory.mktemp("files")
    book = openpyxl.Workbook()
    book.active.title = "资金"
    fill(book.active)
    guide, hidden = book.create_sheet("填表说明"), book.create_sheet("资金 (2)")
    guide.append(["请如实填写"])
    fill(hidden)
    hidden.sheet_state = "hidden"
    book.save(folder / "source.xlsx")
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for cells in (LOWER_ALONE, row("甲"), row("乙", day=44651)):
        book.active.append(cells)
    book.save(folder / "from 1904.xlsx")
    csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    made = {name.stem: name.read_bytes() for name in folder.glob("*.xlsx")}
    for kind in (*CONVERTED, csv):
        command = [SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind, "--outdir", folder / "made", *folder.glob("*.xlsx")]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    return made | {name.name: name.read_bytes() for name in (folder / "made").iterdir()}


def opened(content: bytes) -> list[Sheet]:
    sheets = opening.open_sheets(io.BufferedReader(io.BytesIO(content)), layout.all_headers(), Limits())
    assert not [sheet for sheet in sheets if isinstance(sheet, FileRefused)]
    return sheets


def checked(sheet: Sheet) -> tuple[pl.DataFrame, int, list[tuple[int, str, str]]]:
    """Accepted rows, how many there are in all, and the findings as (row, column letter, rule)."""
    context = Context("330106", "330106", date(2026, 5, 6), "S")
    checker = RowChecker(FUNDING, layout.place(sheet, FUNDING), context, Hasher(b"k" * 32))
    chunks = [checker.check(chunk) for chunk in sheet.chunks]
    told = pl.concat([*(chunk.findings for chunk in chunks), checker.totals()]).rows(named=True)
    findings = sorted((f["row_number"], f["column_letter"], f["rule_id"].split(".", 1)[1]) for f in told)
    return pl.concat([chunk.rows for chunk in chunks]), sum(chunk.total for chunk in chunks), findings


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_rows_and_findings_are_the_same(files: dict[str, bytes], kind: str) -> None:
    rows, count, findings = checked(opened(files[kind])[0])
    expected, left = [*FAILED, *FIXED, *TOTALS], {12, 13, 14}
    if kind == "source":
        expected, left = [*expected, *WITHOUT_RESULTS, *WITHOUT_TOTALS], left | {8, 15}
    assert findings == sorted(expected)
    assert count == len(DATA) and rows["_row_number"].to_list() == [at for at in DATA if at not in left]
    # a heading over a group of columns declares their unit, and a merged cell may stand for all its rows
    assert set(rows["year"]) == {2026} and str(rows["budget_yuan"].min()) == "100000.00"


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_what_is_told_of_a_sheet_is_the_same(files: dict[str, bytes], kind: str) -> None:
    shown, hidden = opened(files[kind])
    assert (shown.header_row, hidden.header_row) == (4, 4)
    assert shown.labels == [cell for at in (1, 2) for cell in ROWS[at] if cell]
    told = {notice.rule_id: notice.text for notice in shown.notices}
    blank = [] if kind == "source" else ["file.formula_blank"]
    assert sorted(told) == sorted(["file.hidden_rows", "file.sheet_left_alone", *blank])
    assert "2 行" in told["file.hidden_rows"] and "1 个" in told.get("file.formula_blank", "1 个")
    assert "file.hidden_sheet" in [notice.rule_id for notice in hidden.notices]


def test_a_text_of_cells_lacks_what_was_merged_and_says_so(files: dict[str, bytes]) -> None:
    _, count, findings = checked(opened(files["source.csv"])[0])
    unmerged = [(6, "A", "year.required"), (7, "A", "year.required"), (13, "B", "source_type.required")]
    as_shown = [found for found in [*FAILED, *FIXED, *TOTALS] if found[2] != "source_type.merged"]
    assert (count, findings) == (len(DATA), sorted([*unmerged, *as_shown]))


def rewritten(content: bytes, pattern: str, change: str | Callable[[re.Match], str]) -> bytes:
    """The .ods with what the pattern finds in its cells changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "content.xml":
                text, count = re.subn(pattern, change, data.decode())
                assert count, pattern
                data = text.encode()
            new.writestr(name, data)
    return out.getvalue()


def findings_of_rows(content: bytes, *numbers: int) -> list[tuple[int, str, str]]:
    return [found for found in checked(opened(content)[0])[2] if found[0] in numbers]


@pytest.mark.parametrize("within", ["", "<office:annotation><text:p>请核对</text:p></office:annotation>"])
def test_an_ods_that_was_never_calculated(files: dict[str, bytes], within: str) -> None:
    """As libraries write it that don't calculate: formulas with neither value nor text, whatever comment they have."""
    bare = r'(<table:table-cell[^>]*table:formula="[^"]*")[^>]*>.*?</table:table-cell>'
    content = rewritten(files["source.ods"], bare, rf"\1>{within}</table:table-cell>")
    assert findings_of_rows(content, 8, 12, 14, 15) == sorted([FAILED[0], FAILED[2], *WITHOUT_RESULTS])


@pytest.mark.parametrize(
    "cell",
    [
        'office:value-type="string"><text:p>#DIV/0!</text:p>',
        'office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p>',
        'office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>错误:503</text:p>',
    ],
)
def test_errors_in_an_ods_of_other_programs(files: dict[str, bytes], cell: str) -> None:
    content = rewritten(
        files["source.ods"], r'(formula="of:=1/0") [^>]*><text:p>[^<]*</text:p>', rf"\1 {cell}"
    )
    assert findings_of_rows(content, 12) == [FAILED[0]]


def test_one_cell_of_an_ods_that_stands_for_many(files: dict[str, bytes]) -> None:
    """Errors in a block, and hidden rows below the last content, which are only the rest of the sheet."""
    content = rewritten(
        files["source.ods"],
        r"(<table:table-row)([^>]*>)(?=(?:(?!</table:table-row>).)*#DIV/0!)",
        r'\1 table:number-rows-repeated="3"\2',
    )
    assert [found for found in findings_of_rows(content, 12, 13, 14) if found[1] == "F"] == [
        (at, "F", "budget_yuan.formula") for at in (12, 13, 14)
    ]
    end = '<table:table-row table:visibility="collapse" table:number-rows-repeated="1000000"><table:table-cell/></table:table-row></table:table>'
    content = rewritten(files["source.ods"], "</table:table>", end)
    assert [n.text[:6] for n in opened(content)[0].notices if n.rule_id == "file.hidden_rows"] == [
        "表中有 2 "
    ]


def test_a_comment_on_an_ods_cell_is_not_its_text(files: dict[str, bytes]) -> None:
    note = r"\1<office:annotation><text:p>#N/A</text:p></office:annotation>"
    content = rewritten(files["source.ods"], r"(<table:table-cell[^>]*>)(?=<text:p>甲1)", note)
    assert checked(opened(content)[0])[0]["batch_no"][0] == "甲1"


@pytest.mark.parametrize("kind", CONVERTED)
def test_days_that_are_counted_from_1904(files: dict[str, bytes], kind: str) -> None:
    rows, _, findings = checked(opened(files[f"from 1904.{kind}"])[0])
    assert rows["book_date"].to_list() == [date(2026, 4, 1)] * 2
    assert findings == [(3, "J", "book_date.fixed")]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_rows_of_nothing_but_formulas_at_the_end_are_not_lost(kind: str, files: dict[str, bytes]) -> None:
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for cells in (LOWER_ALONE, row("甲"), [f"={letter}2" for letter in "ABCDEFGHIJ"]):
            book.active.append(cells)
        book.save(out := io.BytesIO())
        content, last = out.getvalue(), 3
    else:
        cells = '<table:table-cell table:formula="of:=[.A5]" table:number-columns-repeated="10"/>'
        content = rewritten(
            files["source.ods"],
            "(填表人：.*?</table:table-row>)",
            rf"\1<table:table-row>{cells}</table:table-row>",
        )
        last = 24
    assert {rule for _, _, rule in findings_of_rows(content, last)} >= {"year.formula", "budget_yuan.formula"}


def test_a_table_within_a_table_is_no_sheet() -> None:
    table = 'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    with pytest.raises(ValueError, match="within"):
        ods_traits.look(io.BytesIO(f"<t:table {table}><t:table/></t:table>".encode()))

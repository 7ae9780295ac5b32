"""CSVs and workbooks as sheets of text: row numbers as Excel shows them, and files that are no tables."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import polars as pl
import pytest

from shegong.intake import csv_reader, package_guard, workbook_reader
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.sheets import Sheet

HEADERS = frozenset({"甲", "乙", "丙"})


def read_csv(content: bytes) -> tuple[list[str], dict[int, list[str | None] | None]]:
    """Header, and cells by row number; None for a row of another shape."""
    sheet = csv_reader.read(io.BytesIO(content), "", 80)
    rows = {}
    for chunk in sheet.chunks:
        for row in chunk.iter_rows(named=True):
            cells = [row[str(at)] for at in range(len(sheet.header))]
            rows[row["_row_number"]] = None if row["_misshapen"] else cells
    return sheet.header, rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends_make_no_difference(encoding: str, end: str) -> None:
    content = end.join(["甲,乙", "一,二㐀", "三,"]).encode(encoding)
    assert read_csv(content) == (["甲", "乙"], {2: ["一", "二㐀"], 3: ["三", None]})


def test_rows_are_counted_as_excel_counts_them() -> None:
    content = '甲,乙\n"一\n行",2\n\n3\n4,5,6\n"a""b",7\n,\n'.encode()
    assert read_csv(content)[1] == {
        2: ["一\n行", "2"],
        3: [None, None],
        4: None,
        5: None,
        6: ['a"b', "7"],
        7: [None, None],
    }


def test_row_numbers_run_on_across_blocks(monkeypatch) -> None:
    monkeypatch.setattr(csv_reader, "BLOCK", 4096)
    kinds = ((997, "{0}"), (7, '{0},"x\ny"'), (1, "{0},字"))
    rows = [
        next(form for each, form in kinds if number % each == 0).format(number) for number in range(2, 5000)
    ]
    _, rows = read_csv("\n".join(["甲,乙", *rows]).encode("gb18030"))
    assert {number for number, cells in rows.items() if cells is None} == {
        n for n in range(2, 5000) if n % 997 == 0
    }
    assert all(cells[0] == str(number) for number, cells in rows.items() if cells)
    assert set(rows) == set(range(2, 5000))


def test_a_character_cut_by_the_sample_is_whole(monkeypatch) -> None:
    monkeypatch.setattr(csv_reader, "_SAMPLE", 10)
    for encoding in ("utf-8", "gb18030"):
        assert read_csv("甲,乙\n一二三四五,六\n".encode(encoding))[1] == {2: ["一二三四五", "六"]}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        ("甲,乙\n1,2\n".encode("utf-32"), "encoding"),
        ("甲,乙\n".encode() + bytes(10), "encoding"),
        ("甲,乙\n".encode() + b"\xff,2\n", "encoding"),
        ("甲,乙\n".encode() + "一,二\n".encode() * 300_000 + b"\xff,2\n", "encoding"),
        ("甲,乙\n".encode("gb18030") + "一,二\n".encode("gb18030") * 300_000 + b"\x81\n", "encoding"),
        (b'"a,b\n1,2\n', "header_missing"),
        (b"a," * 100 + b"\n", "too_many_columns"),
        (b"a," * 3000 + b"\n", "too_many_columns"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "row_shape"),
        (b'a,b\n1,"2\n' + b"3,4\n" * 2_000_000, "row_shape"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_table_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_csv(content)
    assert refused.value.rule_id == f"file.{rule}"


def test_a_quote_within_a_cell_is_a_character() -> None:
    assert read_csv('甲,乙\n5寸",2\n3,4\n'.encode())[1] == {2: ['5寸"', "2"], 3: ["3", "4"]}


def test_a_header_without_rows_is_a_table_without_rows() -> None:
    assert read_csv("甲,乙".encode()) == (["甲", "乙"], {})


def workbook(*sheets: list[list]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for at, rows in enumerate(sheets):
        sheet = book.create_sheet(f"表{at}")
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_workbook(content: bytes) -> list[Sheet | FileRefused]:
    return workbook_reader.read(content, HEADERS, Limits(max_sheet_cells=1_000_000))


def cells(sheet: Sheet) -> pl.DataFrame:
    return pl.concat(list(sheet.chunks))


def test_labels_header_and_rows_have_their_places() -> None:
    (sheet,) = read_workbook(
        workbook(
            [
                ["某表"],
                ["填报单位：西湖区", None, "序号：01"],
                ["甲", "乙"],
                [1, "一"],
                [None, None],
                ["x", None],
            ]
        )
    )
    assert (sheet.header, sheet.header_row, sheet.labels) == (
        ["甲", "乙"],
        3,
        ["某表", "填报单位：西湖区", "序号：01"],
    )
    assert cells(sheet).select("0", "1", "_row_number").rows() == [
        ("1", "一", 4),
        (None, None, 5),
        ("x", None, 6),
    ]


def test_values_read_as_a_clerk_sees_them_and_numbers_are_known_as_such() -> None:
    values = [
        330106199001010018,
        0.1 + 0.2,
        12.0,
        True,
        date(2026, 5, 6),
        datetime(2026, 5, 6, 8, 30),
        "文本",
        "=1/0",
        1e20,
    ]
    frame = cells(read_workbook(workbook([["甲", "乙"], *([value, "x"] for value in values)]))[0])
    shown = ["330106199001010000", "0.3", "12", "是", "2026-05-06", "2026-05-06 08:30:00", "文本"]
    assert frame["0"].to_list()[:7] == shown
    assert frame["n0"].to_list()[:7] == [True, True, True, False, False, False, False]


def test_a_package_has_its_sheets_one_of_them_refused() -> None:
    sheets = read_workbook(
        workbook([["甲", "乙"], [1, 2]], [["某", "物"], [1, 2]], [], [["乙", "丙"], [3, 4]])
    )
    assert [s.rule_id if isinstance(s, FileRefused) else s.name for s in sheets] == [
        "表0",
        "file.header_missing",
        "表3",
    ]


def test_the_hidden_sheet_names_tables_and_versions() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["甲", "乙"], [1, 2]], [["甲", "乙"], [1, 2]])))
    hidden = book.create_sheet("_shegong")
    hidden.append(["表0", "talent", "2026.1"])
    hidden.append(["表1", "-", ""])
    hidden.sheet_state = "veryHidden"
    (sheet,) = read_workbook(saved(book))
    assert (sheet.name, sheet.table, sheet.version) == ("表0", "talent", "2026.1")


def far(place: str, value: str = " ") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["甲", "乙"], [1, 2]])))
    book.active[place] = value
    return saved(book)


@pytest.mark.parametrize(
    ("place", "rule"),
    [("A1048576", "too_many_cells"), ("XFD1048576", "too_many_cells"), ("CZ2", "too_many_columns")],
)
def test_a_cell_far_away_is_refused_before_room_is_made_for_it(place: str, rule: str) -> None:
    try:
        (found,) = read_workbook(far(place))
    except FileRefused as refused:
        found = refused
    assert found.rule_id == f"file.{rule}"


@pytest.mark.parametrize(
    ("place", "reach"),
    [
        ("A1048576", (1_048_576, 2)),
        ("XFD1048576", (1_048_576, 16_384)),
        ("CZ2", (0, 0)),
        ("CZ100000", (100_000, 104)),
    ],
)
def test_how_far_a_sheet_reaches_is_asked_of_the_package(place: str, reach: tuple[int, int]) -> None:
    with zipfile.ZipFile(io.BytesIO(far(place))) as package:
        assert package_guard.largest(package, [], 1_000_000) == reach


@pytest.mark.parametrize(
    ("markup", "is_far"),
    [
        (b'<worksheet xmlns:r="http://schemas.openxmlformats.org"><row r="99999"><c r="CB99999"><v>1</v></c></row>', False),
        (b'<row r="2"><c r="CC2"><v>1</v></c></row>', True),
        (b'<row r="2"><c r="AAA2"><v>1</v></c></row>', True),
        (b'<row r="2"><c r="AAAA2"><v>1</v></c></row>', True),
        (b'<row r="2"><c r="AAAA"><v>1</v></c></row>', True),
        (b'<row r="100000"><c><v>1</v></c></row>', True),
    ],
)  # fmt: skip
def test_only_a_sheet_with_far_places_is_looked_at_cell_by_cell(markup: bytes, is_far: bool) -> None:
    assert package_guard._has_far(markup) is is_far


def test_a_million_formatted_rows_without_content_are_nothing() -> None:
    with zipfile.ZipFile(io.BytesIO(far("A9", "x"))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = "xl/worksheets/sheet1.xml"
    empty = b"".join(b'<row r="%d"><c r="AB%d" s="0"/></row>' % (row, row) for row in range(10, 200_000))
    parts[name] = (
        parts[name]
        .replace(b"</sheetData>", empty + b"</sheetData>")
        .replace(b'ref="A1:B9"', b'ref="A1:AB199999"')
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts.items():
            package.writestr(part, content)
    with zipfile.ZipFile(out) as package:
        assert package_guard.largest(package, [], 1_000_000) == (0, 0)
    (sheet,) = read_workbook(out.getvalue())
    assert cells(sheet).height == 8


def spoilt() -> dict[str, bytes]:
    good = workbook([["甲", "乙"], [1, 2]])
    return {
        "half": good[: len(good) // 2], "head": good[:100], "no zip": b"PK\x03\x04" + bytes(500),
        "an xls that is none": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
        "another version": good.replace(b"PK\x03\x04\x14", b"PK\x03\x04\xf4").replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xf4"),
    }  # fmt: skip


@pytest.mark.parametrize("how", spoilt())
def test_a_broken_workbook_is_refused_and_never_ends_the_process(how: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_workbook(spoilt()[how])
    assert refused.value.rule_id == "file.not_a_workbook"

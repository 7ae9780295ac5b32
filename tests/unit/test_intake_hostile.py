"""Files made to break the reader: each is answered, in a process whose memory is limited, and the refusal names the limit."""

import io
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from intake_files import as_csv, as_workbook, good, sheet

CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus"
SHEET = "xl/worksheets/sheet1.xml"
MEMORY = 6 << 30  # address space: polars' threads reserve some 2 GiB of it
READ = """
import sys
from datetime import date
from pathlib import Path
from shegong.intake.check import check
for report in check(Path(sys.argv[1]), date(2026, 5, 6), unit="330106"):
    print(report.rows, *(f"{f['rule_id']} {f['text']}" for f in report.findings), sep="\\n")
"""


def answer(folder: Path, name: str, content: bytes) -> str:
    """Rows and findings of a file, a line each, read by a process of its own within MEMORY."""
    path = folder / name
    path.write_bytes(content)
    ended = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return out.getvalue()


def good_workbook() -> dict[str, bytes]:
    return parts(as_workbook(sheet("talent", good("talent"))))


def with_rows(rows: bytes) -> bytes:
    """The good workbook with XML rows after its own; its <dimension> still says that it is small."""
    entries = good_workbook()
    return packed(entries | {SHEET: entries[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")})


def with_doctype(name: str, entries: dict[str, bytes]) -> bytes:
    """External entities and a billion laughs at the head of one part."""
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    body = entries[name].split(b"?>", 1)[1]
    return packed(entries | {name: head + re.sub(rb"(<t[^>]*>|<text:p>)", rb"\1&e;&b;", body, count=3)})


def ods() -> dict[str, bytes]:
    return parts((CORPUS / "330106_certificate_D20260506_01.ods").read_bytes())


def ods_in(encoding: bytes) -> bytes:
    """The .ods whose content says that it is in another encoding."""
    entries = ods()
    return packed(entries | {"content.xml": entries["content.xml"].replace(b"UTF-8", encoding, 1)})


def ods_with_errors_without_end() -> bytes:
    """One error that stands for a million columns in each of a million rows."""
    entries = ods()
    row = (
        b'<table:table-row table:number-rows-repeated="99999999999"><table:table-cell table:formula="of:=1/0"'
        b' table:number-columns-repeated="99999999999"/></table:table-row></table:table>'
    )
    return packed(entries | {"content.xml": entries["content.xml"].replace(b"</table:table>", row, 1)})


def ods_with_a_table_within() -> bytes:
    entries = ods()
    within = b'<table:table-row><table:table table:name="x"></table:table></table:table-row></table:table>'
    return packed(entries | {"content.xml": entries["content.xml"].replace(b"</table:table>", within, 1)})


def ods_with_a_million_rows() -> bytes:
    entries = ods()
    row = (
        b'<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="60"'
        b' office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
    )
    return packed(entries | {"content.xml": entries["content.xml"].replace(b"</table:table>", row, 1)})


def thousands_of_sheets() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for number in range(11_000):
        book.add_worksheet(f"s{number}").write(0, 0, "x")
    book.close()
    return out.getvalue()


def merged_over_and_over() -> bytes:
    """Two thousand merged cells that all reach from the first row of data to the last of the sheet, down one column."""
    merges = b"".join(b'<mergeCell ref="H%d:H1048576"/>' % row for row in range(8, 2008))
    merges = b'<mergeCells count="2000">' + merges + b"</mergeCells>"
    entries = good_workbook()
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(10, 60_000))
    text = re.sub(rb"<mergeCells.*?</mergeCells>", b"", entries[SHEET])
    return packed(entries | {SHEET: text.replace(b"</sheetData>", rows + b"</sheetData>" + merges)})


def lies_about_its_size() -> bytes:
    """The package says that a part of 300 MiB unpacks to 1,000 bytes."""
    big = b" " * (300 << 20)
    content = packed(good_workbook() | {"xl/worksheets/sheet9.xml": big})
    return content.replace(len(big).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


ROW_FAR = b'<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>'
COLUMNS = [chr(letter) for letter in range(ord("A"), ord("L"))]
MANY = b"".join(
    b'<row r="%d">' % row + b"".join(b'<c r="%s%d"><v>1</v></c>' % (c.encode(), row) for c in COLUMNS) + b"</row>"
    for row in range(10, 500_000)
)  # fmt: skip

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "far.xlsx": (lambda: with_rows(ROW_FAR), "file.too_many_cells .*10000000"),
    "far without its row's word.xlsx": (
        lambda: with_rows(b'<row><c s="1" r="XFD1048576" t="str"><v>x</v></c></row>'),
        "file.too_many_cells .*10000000",
    ),
    "many.xlsx": (lambda: with_rows(MANY), "file.too_many_cells .*10000000"),
    "bomb.xlsx": (lambda: with_rows(b" " * (900 << 20)), "file.too_large .*超过上限 100 倍"),
    "lies.xlsx": (lies_about_its_size, "file.not_a_workbook"),
    "parts.xlsx": (
        lambda: packed(good_workbook() | {f"junk/{at}": b"" for at in range(10_001)}),
        "file.too_large .*超过上限 10000 个",
    ),
    "sheets.xlsx": (thousands_of_sheets, "file.too_large .*超过上限 10000 个"),
    "entities.xlsx": (lambda: with_doctype(SHEET, good_workbook()), "file.not_a_workbook .*外部实体"),
    "entities in strings.xlsx": (
        lambda: with_doctype("xl/sharedStrings.xml", good_workbook()),
        "file.not_a_workbook .*外部实体",
    ),
    "entities.ods": (lambda: with_doctype("content.xml", ods()), "file.not_a_workbook .*外部实体"),
    "encoding.ods": (lambda: ods_in(b"UTF-99"), "file.not_a_workbook"),
    "another encoding.ods": (lambda: ods_in(b"GB18030"), "file.not_a_workbook"),
    "errors.ods": (ods_with_errors_without_end, "file.too_many_cells .*10000000"),
    "nested.ods": (ods_with_a_table_within, "file.not_a_workbook"),
    "repeats.ods": (ods_with_a_million_rows, "file.too_many_cells .*10000000"),
    "binary.xlsb": (lambda: packed({"xl/workbook.bin": b"x", "[Content_Types].xml": b"<x/>"}), "xlsb"),
    "cut.xls": (lambda: (CORPUS / "330106_certificate_D20260506_01.xls").read_bytes()[:3000], "file.not_a_workbook"),
    "page.xls": (lambda: "\n <html><table><tr><td>姓名".encode(), "file.not_a_workbook .*网页"),
    "paper.xlsx": (lambda: b"%PDF-1.7 ...", "file.not_a_workbook .*PDF"),
    "photo.xlsx": (lambda: b"\x89PNG\r\n...", "file.not_a_workbook .*图片"),
    "330106_talent_D20260506_01.csv": (lambda: b"a" * (200 << 20), "file.line_too_long .*2 MiB"),
    "330106_talent_D20260506_02.csv": (lambda: b",".join([b"x"] * 1_000_000) + b"\n", "file.too_many_columns .*80"),
    "330106_talent_D20260506_03.csv": (lambda: bytes(50 << 20), "file.encoding"),
    "330106_talent_D20260506_04.csv": (
        lambda: as_csv("talent", good("talent")) + b'"' + b"a\n" * 10_000_000,
        "file.row_shape .*引号",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_with_the_limit(tmp_path: Path, name: str) -> None:
    make, told = REFUSED[name]
    assert re.search(told, answer(tmp_path, name, make()))


READ_ALL_THE_SAME = {
    "paths.xlsx": lambda: packed(good_workbook() | {"../../../../tmp/slip": b"x", "/etc/slip": b"x"}),
    "macros.xlsm": lambda: packed(good_workbook() | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(5000)}),
    "lies about its name.csv": lambda: packed(good_workbook()),
}


@pytest.mark.parametrize("name", READ_ALL_THE_SAME)
def test_what_can_do_no_harm_is_read(tmp_path: Path, name: str) -> None:
    """Nothing is unpacked to a path, and nothing in a workbook is run."""
    assert answer(tmp_path, name, READ_ALL_THE_SAME[name]()).splitlines() == ["1"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_formula_in_a_cell_is_text_that_is_refused_and_not_run(tmp_path: Path) -> None:
    content = as_csv("talent", good("talent", employer_name="=cmd|' /C calc'!A0", education="=1+1"))
    said = answer(tmp_path, "330106_talent_D20260506_01.csv", content)
    assert "talent.education.formula" in said


def test_merged_cells_that_overlap_are_no_work_without_end(tmp_path: Path) -> None:
    assert answer(tmp_path, "merged.xlsx", merged_over_and_over()).startswith("59991\n")

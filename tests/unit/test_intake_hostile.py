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

from shegong.intake import xls_store

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


def xls() -> bytes:
    return (CORPUS / "330106_certificate_D20260506_01.xls").read_bytes()


def xls_with(kind: int, change: Callable[[bytearray, int], None], after: int = 0) -> bytes:
    """The .xls with its first record of this kind (behind `after`) changed in place; `change` gets the place of its data."""
    stream = bytearray(xls_store.read(xls()))
    at = after
    while int.from_bytes(stream[at : at + 2], "little") != kind:
        at += 4 + int.from_bytes(stream[at + 2 : at + 4], "little")
    change(stream, at + 4)
    return xls_store.pack(bytes(stream))


def sheet_of_xls() -> int:
    """Where the first sheet begins."""
    stream, at = xls_store.read(xls()), 0
    while int.from_bytes(stream[at : at + 2], "little") != 0x85:
        at += 4 + int.from_bytes(stream[at + 2 : at + 4], "little")
    return int.from_bytes(stream[at + 4 : at + 8], "little")


def lock(stream: bytearray, at: int) -> None:
    """The record becomes the one that says how the rest is locked."""
    stream[at - 4 : at] = b"\x2f\x00" + stream[at - 2 : at]


def put(offset: int, value: int, size: int) -> Callable[[bytearray, int], None]:
    """Writes `value` in `size` bytes at `offset` of a record."""

    def change(stream: bytearray, at: int) -> None:
        stream[at + offset : at + offset + size] = value.to_bytes(size, "little")

    return change


def xls_in_a_circle(at: int) -> bytes:
    """The .xls in a file system of which one chain never ends: the directory's, or the list of tables'."""
    content = bytearray(xls_store.pack(xls_store.read(xls())))
    if at == 68:  # the list of tables is sector 2, which names itself as its next
        content[68:76] = (2).to_bytes(4, "little") + (1).to_bytes(4, "little")
        content[3 * 512 : 4 * 512] = (2).to_bytes(4, "little") * 128
    else:
        content[512 + 4 : 512 + 8] = (1).to_bytes(4, "little")
    return bytes(content)


def xls_with_tables_of_gigabytes() -> bytes:
    content = bytearray(xls())
    content[44:48] = content[64:68] = b"\xff\xff\xff\x7f"
    return bytes(content)


def strings_without_number(said: bytes) -> bytes:
    entries = good_workbook()
    strings = re.sub(rb'uniqueCount="[0-9]+"', b"uniqueCount=" + said, entries["xl/sharedStrings.xml"])
    return packed(entries | {"xl/sharedStrings.xml": strings})


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
    "strings.xlsx": (lambda: strings_without_number(b'"99999999999"'), "file.not_a_workbook"),
    "strings behind blanks.xlsx": (lambda: strings_without_number(b" " * 5000 + b"'+99999999999'"), "file.not_a_workbook"),
    "a row of 500 digits.xlsx": (
        lambda: with_rows(b'<row r="9"><c r="A%s" t="str"><v>x</v></c></row>' % (b"3" * 500)),
        "file.not_a_workbook",
    ),
    "a column of 9 letters.xlsx": (
        lambda: with_rows(b'<row r="9"><c r="AAAAAAAAA9" t="str"><v>x</v></c></row>'),
        "file.not_a_workbook",
    ),
    "far behind blanks.xlsx": (
        lambda: with_rows(b" " * ((4 << 20) - 15_300) + b"<row><c" + b" " * 5000 + b'r="XFD1048576" t="str"><v>x</v></c></row>'),
        "file.too_many_cells .*10000000",
    ),
    "a tag without end.xlsx": (lambda: with_rows(b"<c " + b" " * (9 << 20) + b"/>"), "file.not_a_workbook"),
    "far.xls": (lambda: xls_with(0xFD, put(0, 0xFFFF_FFFF, 4), sheet_of_xls()), "file.too_many_cells .*10000000"),
    "lists in a circle.xls": (lambda: xls_in_a_circle(68), "file.not_a_workbook"),
    "tables.xls": (xls_with_tables_of_gigabytes, "file.not_a_workbook"),
    "no workbook.doc": (lambda: xls().replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le")), "file.not_a_workbook"),
    "locked.xls": (lambda: xls_with(0x42, lock), "file.password"),
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
    "size.xls": lambda: xls_with(0x200, put(0, 0xFFFF_FFFF, 4), sheet_of_xls()),
    "in a circle.xls": lambda: xls_in_a_circle(0),
    "another system.xls": lambda: xls_store.pack(xls_store.read(xls())),
    "macros.xlsm": lambda: packed(good_workbook() | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(5000)}),
    "lies about its name.csv": lambda: packed(good_workbook()),
}


@pytest.mark.parametrize("name", READ_ALL_THE_SAME)
def test_what_can_do_no_harm_is_read(tmp_path: Path, name: str) -> None:
    """Nothing is unpacked to a path, and nothing in a workbook is run."""
    assert answer(tmp_path, name, READ_ALL_THE_SAME[name]()).splitlines() == [
        "2" if name.endswith(".xls") else "1"
    ]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_formula_in_a_cell_is_text_that_is_refused_and_not_run(tmp_path: Path) -> None:
    content = as_csv("talent", good("talent", employer_name="=cmd|' /C calc'!A0", education="=1+1"))
    said = answer(tmp_path, "330106_talent_D20260506_01.csv", content)
    assert "talent.education.formula" in said


def test_merged_cells_that_overlap_are_no_work_without_end(tmp_path: Path) -> None:
    assert answer(tmp_path, "merged.xlsx", merged_over_and_over()).startswith("59991\n")


@pytest.mark.parametrize("size", [1, 4096, 5000, 7_000_000, 7_200_000, 25_000_000])
def test_a_system_of_our_own_holds_the_stream(size: int) -> None:
    """From about 7 MB on the head has no room for the list of tables."""
    stream = (b"0123456789abcdef!" * (size // 17 + 1))[:size]
    assert xls_store.read(xls_store.pack(stream)).rstrip(b"\0") == stream

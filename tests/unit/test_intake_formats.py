"""The same table in every format of offices' programs, each file made by a program that writes it, reads the same."""

import csv
import io
import shutil
import subprocess
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from shegong.intake import layout, opening
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.sheets import Sheet

HEADER = ["证件号码", "姓名", "年度", "预算金额（元）", "入账日期", "备注"]
ROWS = [
    ["330106199001010018", "刘䶮", 2026, 1234.5, date(2026, 4, 1), "甲，乙"],
    ["330106199001020013", "𬍛某", 2026, 0.1, date(1999, 12, 31), None],
    [330106199001030019, "阿卜杜拉·买买提", None, -3, None, "两\n行"],
]
READ = [
    ["330106199001010018", "刘䶮", "2026", "1234.5", "2026-04-01", "甲，乙"],
    ["330106199001020013", "𬍛某", "2026", "0.1", "1999-12-31", None],
    ["330106199001030000", "阿卜杜拉·买买提", None, "-3", None, "两\n行"],
]
SOFFICE = shutil.which("soffice")


def by_openpyxl(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["某表"], HEADER, *ROWS):
        book.active.append(row)
    book.save(path)


def by_xlsxwriter(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("资金 (2)"), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate((["某表"], HEADER, *ROWS)):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, cell, day)
                elif cell is not None:
                    sheet.write(at, column, cell)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table in LibreOffice's own hand: .xls (which WPS calls .et too), .ods and .xlsx."""
    if SOFFICE is None:
        pytest.skip("Debian package libreoffice-calc")
    folder = tmp_path_factory.mktemp("converted")
    by_openpyxl(folder / "source.xlsx")
    for suffix in ("xls", "ods", "xlsx"):
        command = [SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", suffix, "--outdir", f"{folder}/{suffix}", f"{folder}/source.xlsx"]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder


def opened(path: Path) -> Sheet:
    stream = io.BufferedReader(io.BytesIO(Path(path).read_bytes()))
    (sheet,) = opening.open_sheets(stream, layout.all_headers(), Limits())
    assert isinstance(sheet, Sheet), sheet
    return sheet


def rows(sheet: Sheet) -> list[list[str | None]]:
    frame = pl.concat(list(sheet.chunks))
    return [list(row) for row in frame.select(str(at) for at in range(len(sheet.header))).rows()]


@pytest.mark.parametrize("write", [by_openpyxl, by_xlsxwriter])
def test_xlsx_of_two_libraries(write, tmp_path: Path) -> None:
    write(path := tmp_path / "表.xlsx")
    assert (opened(path).header, rows(opened(path))) == (HEADER, READ)


@pytest.mark.parametrize("suffix", ["xls", "ods", "xlsx"])
def test_what_libreoffice_writes(converted: Path, suffix: str) -> None:
    sheet = opened(converted / suffix / f"source.{suffix}")
    assert (sheet.header, sheet.header_row, sheet.labels) == (HEADER, 2, ["某表"])
    assert rows(sheet) == READ


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_wps_files_are_known_by_what_they_are_and_not_by_their_name(
    converted: Path, tmp_path: Path, suffix: str
) -> None:
    path = shutil.copy(converted / suffix / f"source.{suffix}", tmp_path / "上城区 人才 3月2日.et")
    assert rows(opened(path)) == READ
    wrong = shutil.copy(converted / suffix / f"source.{suffix}", tmp_path / "表.csv")
    assert rows(opened(wrong)) == READ


def test_numbers_are_known_as_numbers_in_every_workbook(converted: Path) -> None:
    for suffix in ("xls", "ods", "xlsx"):
        frame = pl.concat(list(opened(converted / suffix / f"source.{suffix}").chunks))
        assert frame["n0"].to_list() == [False, False, True], suffix


@pytest.mark.parametrize("suffix", ["txt", "csv", "xls"])
def test_a_text_is_a_text_whatever_its_name(tmp_path: Path, suffix: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter="\t").writerows([HEADER, *READ])
    path = tmp_path / f"表.{suffix}"
    path.write_bytes(text.getvalue().encode("utf-16"))
    assert (opened(path).header, rows(opened(path))) == (HEADER, READ)


def test_a_sheet_of_one_column_and_one_of_one_row_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["数据表"], ["人才"], ["资金"]):
        book.active.append(row)
    book.save(path := tmp_path / "零报告.xlsx")
    assert rows(opened(path)) == [["人才"], ["资金"]]


def test_a_workbook_without_any_table_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(path := tmp_path / "空.xlsx")
    with pytest.raises(FileRefused) as refused:
        opened(path)
    assert refused.value.rule_id == "file.empty"

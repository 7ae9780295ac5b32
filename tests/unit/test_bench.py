"""The bench's input must pass every check, or it would measure something else; and its bars must be able to fail."""

import io
from pathlib import Path

import pytest

from bench import contenders, report, rows
from shegong import contract
from shegong.intake import csv_reader, layout, workbook_reader
from shegong.intake.limits import Limits
from shegong.intake.rows import Context, RowChecker
from shegong.people import Hasher

CONTRACTS = contract.load()


def findings_and_rows(sheet) -> tuple[int, int]:
    placed = layout.place(sheet, CONTRACTS["talent"], "S")
    context = Context(rows.UNIT, rows.UNIT, rows.DAY, "S")
    checker = RowChecker(CONTRACTS["talent"], placed, context, Hasher(b"k" * 32))
    checked = [checker.check(chunk) for chunk in sheet.chunks]
    return sum(c.findings.height for c in checked), sum(c.rows.height for c in checked)


def test_the_generated_csv_gives_no_finding(tmp_path: Path) -> None:
    content = rows.write(tmp_path / rows.file_name(), 2000).read_bytes()
    assert findings_and_rows(csv_reader.read(io.BytesIO(content), "", 80)) == (0, 2000)


def test_the_generated_workbook_gives_no_finding(tmp_path: Path) -> None:
    content = rows.write_workbook(tmp_path / rows.file_name(2, "xlsx"), 200).read_bytes()
    headers = layout.known_headers(tuple(CONTRACTS.values()))
    (sheet,) = workbook_reader.read(content, headers, Limits())
    assert findings_and_rows(sheet) == (0, 200)


def test_no_number_comes_twice() -> None:
    assert rows.frame(5000)["证件号码"].n_unique() == 5000


@pytest.mark.parametrize(("seconds", "is_met"), [(2.4, True), (2.6, False)])
def test_a_bar_is_missed_beyond_its_limit(seconds: float, is_met: bool) -> None:
    run = {"rows": 1000, "seconds": 1.0, "peak_mib": 1.0, "files": 1, "cpu": 0.01}
    measured = dict.fromkeys(
        ("copy", "staged", "intake", "dlt", "to_sql", "to_sql_psycopg3", "workbook", "calamine", "small"), run
    )
    measured["staged"] = run | {"seconds": seconds}
    assert report.bars(measured)[0].is_met is is_met


def test_every_contender_can_be_called_by_its_name() -> None:
    assert {"copy", "staged", "intake", "small", "calamine", "to_sql", "to_sql_psycopg3", "dlt"} == set(
        contenders.CONTENDERS
    )

"""The bench's input must pass every check, or it would measure something else; and its bars must be able to fail."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from bench import __main__ as bench_main
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


@pytest.mark.parametrize(("seconds", "is_met"), [(1.4, True), (1.6, False)])
def test_a_bar_is_missed_beyond_its_limit(seconds: float, is_met: bool) -> None:
    measured = {"copy": {"rows": 1000, "seconds": 1.0}, "staged": {"rows": 1000, "seconds": seconds}}
    (bar,) = report.bars(measured)
    assert bar.is_met is is_met


@pytest.mark.parametrize(
    ("after_month", "missed"), [(40.0, []), (30.0, ["a usual day's dbt: five years over 30 days"])]
)
def test_years_of_history_may_cost_a_day_a_fifth(after_month: float, missed: list[str]) -> None:
    measured = {
        "month": {"rows": 1, "seconds": after_month},
        "five_years": {"rows": 1, "seconds": 45.0, "rebuild": 500.0, "queries": {"gap list": 20.0}},
    }
    assert [bar.claim for bar in report.bars(measured) if not bar.is_met] == missed


def test_every_part_has_its_bar_and_its_title() -> None:
    run = {"rows": 1000, "seconds": 1.0, "peak_mib": 1.0, "files": 1, "cpu": 1.0, "server_cpu": 1.0}
    names = [name for runs in bench_main.RUNS.values() for name, *_ in runs]
    years = {"stages": {"load": 1.0}, "rebuild": 1.0, "queries": {"gap list": 1.0}}
    pages = {"pages": {"one day": {"drawn": 900.0}, "everything": {"drawn": 900.0}}}
    measured = dict.fromkeys(names, run | years | pages)
    assert len(report.bars(measured)) == 15
    report.show(Console(file=io.StringIO()), measured, report.bars(measured))


def test_a_large_file_ends_with_a_whole_row(tmp_path: Path) -> None:
    path = rows.write_large(tmp_path / "large.csv", 2)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert 2_000_000 < path.stat().st_size <= 2 << 20
    assert {line.count(",") for line in (lines[0], lines[-1])} == {len(rows.SQL_TYPES) - 1}


def test_every_run_has_its_contender() -> None:
    wanted = {contender for runs in bench_main.RUNS.values() for _, contender, _ in runs}
    assert wanted == set(contenders.CONTENDERS)

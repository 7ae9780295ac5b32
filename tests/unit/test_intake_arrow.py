"""A package read through Arrow holds what it holds cell by cell: texts, numbers, merged cells, row numbers."""

import io
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shegong.intake import arrow_cells, arrow_sheets, layout, package, workbook_reader
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import DEFAULTS, Limits
from tests.fuzz.mutate import mutant

CORPUS = Path(__file__).parent.parent / "fuzz" / "corpus"
PACKAGES = sorted(CORPUS.glob("*.xlsx"))
HEADERS = frozenset({"甲", "乙", "丙", "丁"})
TEXTS = st.text("王李 ·ＡB0.9=<>&'\"\n\t-:T年", max_size=12) | st.sampled_from(
    ["1995-08-23 00:00:00", "true", "1", "1.0", "是", "#N/A", "row>", "_x000D_", 'c r="A1"']
)
CELLS = (
    st.none() | TEXTS | st.booleans() | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-1e6, 1e6).map(lambda figure: round(figure, 2)) | st.just(0.1 + 0.2)
    | st.dates(date(1900, 1, 1), date(2099, 12, 31))
    | st.datetimes(datetime(1900, 3, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(microsecond=0))
)  # fmt: skip


def answers(content: bytes, headers: frozenset[str] = HEADERS, limits: Limits = DEFAULTS) -> list:
    """Everything that a reader says of a package, in a form that compares."""
    try:
        sheets = workbook_reader.read(content, headers, limits)
    except FileRefused as refused:
        return [str(refused), vars(refused)]
    return [
        vars(sheet)
        if isinstance(sheet, FileRefused)
        else vars(sheet) | {"chunks": [chunk.to_dict(as_series=False) for chunk in sheet.chunks]}
        for sheet in sheets
    ]


@pytest.fixture
def both(monkeypatch) -> Iterator:
    """Reads a package both ways; says how many sheets came through Arrow."""
    loaded = []
    load = arrow_cells.load

    def counted(*args):
        found = load(*args)
        loaded.append(found is not None)
        return found

    monkeypatch.setattr(arrow_cells, "load", counted)

    def compare(content: bytes, *args) -> int:
        loaded.clear()
        monkeypatch.setattr(arrow_sheets, "WORTH", 1 << 60)
        plain = answers(content, *args)
        assert not loaded
        monkeypatch.setattr(arrow_sheets, "WORTH", 0)
        assert answers(content, *args) == plain
        return sum(loaded)

    return compare


def by_openpyxl(rows: list[list], merged: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(target := io.BytesIO())
    return target.getvalue()


def by_xlsxwriter(rows: list[list], formula: str = "") -> bytes:
    book = xlsxwriter.Workbook(target := io.BytesIO(), {"in_memory": True})
    sheet = book.add_worksheet()
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": 22})
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(at, column, cell, moment)
            elif isinstance(cell, date):
                sheet.write_datetime(at, column, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(at, column, cell)
            else:
                sheet.write(at, column, cell)
    if formula:
        sheet.write_formula(len(rows), 0, formula, None, 3.5)
        sheet.write_formula(len(rows), 1, formula, None, "三")
        sheet.write_formula(len(rows), 2, formula, None, True)
        sheet.write_formula(len(rows), 3, formula, None, "#DIV/0!")
    book.close()
    return target.getvalue()


HEADER = ["甲", "乙", "丙", "丁"]


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.name)
def test_the_corpus(both, path: Path) -> None:
    assert both(path.read_bytes(), layout.all_headers())


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.name)
def test_what_damage_does(both, path: Path) -> None:
    for number in range(60):
        both(mutant(path.read_bytes(), random.Random(f"arrow:{number}")), layout.all_headers())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=4, max_size=6), max_size=12), write=st.sampled_from([by_openpyxl, by_xlsxwriter]))  # fmt: skip
def test_any_cells(both, rows: list[list], write) -> None:
    illegal = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE
    rows = [[illegal.sub("", cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    rows = [[None if write is by_openpyxl and isinstance(cell, str) and cell[:1] == "=" else cell for cell in row] for row in rows]  # fmt: skip
    both(write([["某表"], HEADER, *rows]))


def test_usual_kinds_come_through_arrow(both) -> None:
    rows = [["一", 1, 1.5, date(1995, 8, 23)], [None, 330106199001010018, True, datetime(2026, 5, 6, 8, 30)]]
    rows += [["三", "1", "", "1995-08-23 00:00:00"], [0.1 + 0.2, -0.0, 1e-12, 12345678901.123456]]
    for content in (
        by_openpyxl([["某表"], [], HEADER, *rows], "A1:D1"),
        by_xlsxwriter([HEADER, *rows], "=1+1"),
    ):
        assert both(content) == 1


def test_merged_cells_and_chunks(both, monkeypatch) -> None:
    rows = [HEADER, *([f"{at}", at, None, None] for at in range(25))]
    assert both(by_openpyxl(rows, "C5:C9")) == 1
    monkeypatch.setattr("shegong.intake.sheet_cells.CHUNK_ROWS", 10)
    rows[15][1] = "某"
    assert both(by_openpyxl(rows)) == 1


@pytest.mark.parametrize(
    "odd",
    [timedelta(days=100, hours=6), time(8, 30), date(1900, 1, 5)],
    ids=["elapsed", "time", "first days"],
)
def test_what_is_not_certain_is_read_cell_by_cell(both, odd: object) -> None:
    assert both(by_openpyxl([HEADER, ["一", odd, None, None]])) == 0


def test_rows_and_columns_left_empty_before_the_table(both) -> None:
    both(by_openpyxl([[], [], HEADER, ["一", 1, 2, 3]]))
    both(by_openpyxl([[None, *HEADER], [None, "一", 1, 2, 3]]))
    both(by_openpyxl([[None, *HEADER], [None, *"一二三四"]]))


def test_empty_sheets_and_sheets_without_a_header(both) -> None:
    both(by_openpyxl([]))
    both(by_openpyxl([["某", "某"], ["一", 1]]))
    both(by_openpyxl([HEADER]))


def test_limits_are_the_same(both) -> None:
    content = by_openpyxl([HEADER, *[["一", 1, 2, 3]] * 20])
    both(content, HEADERS, Limits(max_columns=3))
    both(content, HEADERS, Limits(max_sheet_cells=50))


def test_a_scan_that_fails_is_not_lost(monkeypatch) -> None:
    def fail(*_, **__):
        raise RuntimeError("scan")

    monkeypatch.setattr(arrow_sheets, "WORTH", 0)
    monkeypatch.setattr(package, "traits", fail)
    with pytest.raises(RuntimeError, match="scan"):
        workbook_reader.read(by_openpyxl([HEADER, ["一", 1, 2, 3]]), HEADERS, DEFAULTS)

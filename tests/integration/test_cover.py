"""A workbook's cover: true ones pass, and one that contradicts its table holds the submission for the county."""

import io

import openpyxl
import pytest

from shegong.judge import judge
from tests.intake_files import NOW, Ledger, as_workbook, good, send, settings_of, sheet

FUNDS = [good("funding"), good("funding", batch_no="浙财2", budget_yuan=20.55)]


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database):
    made = Ledger(database)
    made.clear()
    return made


def covered(change=None, **more) -> bytes:
    """A workbook with its cover, as XlsxWriter leaves it, or changed through `change`."""
    content = as_workbook(sheet("funding", *FUNDS), cover=True, instructions=True, **more)
    if change is None:
        return content
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    change(book)
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def cover_cell(book, item: str):
    return next(row[2] for row in book["报送封面"].iter_rows() if row[1].value == item)


def state(ledger, delivery: int) -> tuple:
    return ledger.rows("select state, held_for, reason from ops.submission where delivery_id = %s", delivery)[
        0
    ]


def test_a_true_cover_is_only_agreed_with(ours, ledger) -> None:
    delivery = send(ours, "资金.xlsx", covered())
    assert ledger.states(delivery) == [("funding", "staged", 2, 2, 0)]
    assert ledger.findings(delivery) == []
    judge(ours, NOW)
    assert state(ledger, delivery) == ("accepted", None, None)


@pytest.mark.parametrize(
    ("item", "figure", "rule", "text"),
    [
        ("行数", 3, "file.cover_rows", "封面填报 3 行，表中实有 2 行"),
        (
            "预算金额（元）合计",
            31,
            "file.cover_total",
            "封面的预算金额（元）合计是 31，与表中各行之和 30.55 不符",
        ),
    ],
)
def test_a_cover_that_contradicts_its_table_holds_it(ours, ledger, item, figure, rule, text) -> None:
    def change(book) -> None:
        cover_cell(book, item).value = figure

    delivery = send(ours, "资金.xlsx", covered(change))
    row = next(number for number, said in _cover_rows(change) if said == item)
    assert ledger.findings(delivery) == [(rule, "E", row)]
    judge(ours, NOW)
    assert state(ledger, delivery) == ("held", "county", text)


def test_a_heading_in_wan_yuan_is_summed_as_it_says(ours, ledger) -> None:
    def change(book) -> None:
        heading = next(c for c in book["社会工作资金"][3] if c.value == "预算金额（元）")
        heading.value = "预算金额（万元）"
        figure = cover_cell(book, "预算金额（元）合计")
        book["报送封面"].cell(figure.row, 2).value = "预算金额（万元）合计"

    delivery = send(ours, "资金.xlsx", covered(change))
    assert ledger.findings(delivery) == []


def test_a_cover_without_figures_states_nothing(ours, ledger) -> None:
    def change(book) -> None:
        for row in book["报送封面"].iter_rows(min_row=7, max_row=11):
            row[2].value = None

    assert ledger.findings(send(ours, "资金.xlsx", covered(change))) == []


def test_a_cover_alone_is_an_empty_file(ours, ledger) -> None:
    delivery = send(ours, "资金.xlsx", covered(lambda book: book.remove(book["社会工作资金"])))
    assert [rule for rule, *_ in ledger.findings(delivery)] == ["file.empty"]


def _cover_rows(change):
    book = openpyxl.load_workbook(io.BytesIO(covered(change)), data_only=True)
    return [(row[0].row, row[1].value) for row in book["报送封面"].iter_rows()]


def test_forms_that_nobody_filled_say_nothing(ours, ledger) -> None:
    content = as_workbook(sheet("talent"), sheet("funding", *FUNDS), sheet("post"), cover=True, totals=False)
    assert ledger.states(send(ours, "几张表.xlsx", content)) == [("funding", "staged", 2, 2, 0)]
    empty = as_workbook(sheet("talent"), sheet("post"), cover=True, totals=False, sequence=2)
    refused = send(ours, "空表.xlsx", empty)
    assert [rule for rule, *_ in ledger.findings(refused)] == ["file.no_rows", "file.no_rows"]

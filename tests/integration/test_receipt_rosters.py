"""What the receipt of a full roster says: beside what was in force, what is missing, and who looks at it now."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from intake_files import (
    AGENCY,
    AGENCY_2,
    ID,
    ID_2,
    ID_3,
    NOW,
    UNIT,
    Ledger,
    as_csv,
    csv_name,
    good,
    send,
    settings_of,
)

from shegong.intake import receipt_rosters, receipts
from shegong.judge import judge
from shegong.register import register
from shegong.sample import identity

MARCH, APRIL, MAY = date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 6)
MISSING = "未列入全量表"


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


def numbers(count: int) -> list[str]:
    """Numbers of nobody, with their check digits."""
    bodies = [f"3301061990{1 + at // 28:02d}{1 + at % 28:02d}003" for at in range(count)]
    return identity.with_check_digit(np.array(bodies)).tolist()


def person(id_no: str, **more: object) -> dict[str, object]:
    return good("talent", id_no=id_no, row_action=None, **more)


def answered(ours, day: date, *rows: dict, table: str = "talent") -> openpyxl.Workbook:
    """Send a roster, have it asked, judged and answered; its receipt."""
    now = NOW + timedelta(days=(day - MARCH).days)
    name = csv_name(table, mode="S", day=day)
    send(ours, name, as_csv(table, *rows), now=now)
    register(ours, now)
    judge(ours, now)
    receipts.write_all(ours, now, receipts.touched(ours, now))
    return openpyxl.load_workbook(
        Path(ours.counties_url) / UNIT / "receipts" / f"{name.removesuffix('.csv')}_回执.xlsx"
    )


def compared(book: openpyxl.Workbook) -> list[tuple]:
    """Lines of the summary's comparison: table, before, new, changed, same, gone, and what stands beside it."""
    rows = list(book["摘要"].iter_rows(values_only=True))
    start = next((at for at, row in enumerate(rows) if row[0] == "全量表与在册对照"), None)
    if start is None:
        return []
    return [row[:7] for row in rows[start + 1 :] if isinstance(row[1], int) and row[6]]


def steps(book: openpyxl.Workbook) -> str:
    return "\n".join(str(row[0].value) for row in book["摘要"].iter_rows() if row[0].value)


def test_a_roster_is_compared_with_what_was_in_force(ours, ledger) -> None:
    first = answered(ours, MARCH, person(ID), person(ID_2))
    assert compared(first) == [("社会工作专业人才", 0, 2, 0, 0, 0, "没有")]
    assert MISSING not in first.sheetnames
    second = answered(ours, APRIL, person(ID, education="专科"), person(ID_3))
    assert compared(second) == [("社会工作专业人才", 2, 1, 1, 0, 1, "首次 1 行，连续两次 0 行；仍计入统计")]
    third = answered(ours, MAY, person(ID_3))
    assert compared(third) == [("社会工作专业人才", 3, 0, 0, 1, 2, "首次 1 行，连续两次 1 行；仍计入统计")]


def test_what_is_missing_for_the_first_time_is_listed_with_its_old_place_and_no_name(ours, ledger) -> None:
    answered(ours, MARCH, person(ID), person(ID_2))
    answered(ours, APRIL, person(ID_2), person(ID_3))
    book = answered(ours, MAY, person(ID_2))
    (line,) = list(book[MISSING].iter_rows(min_row=2, values_only=True))
    old = csv_name("talent", mode="S", day=APRIL)
    assert line[:6] == (1, "社会工作专业人才", "3****************9", old, None, 3)
    assert "撤销" in line[6] and "下次全量表" in line[6]
    assert "在册而本次全量表没有的 1 行列在“未列入全量表”（另有 1 行已连续两次没有" in steps(book)
    said = str([[cell.value for cell in row] for row in book[MISSING].iter_rows()])
    assert ID_3 not in said and "王明" not in said
    assert [row[0].value for row in book["_shegong"].iter_rows()].count(MISSING) == 1


def test_a_unit_is_shown_by_its_code(ours, ledger) -> None:
    one, other = (
        good("agency", row_action=None),
        good("agency", row_action=None, uscc=AGENCY_2, org_form="企业"),
    )
    answered(ours, MARCH, one, other, table="agency")
    book = answered(ours, APRIL, other, table="agency")
    assert [row[2].value for row in book[MISSING].iter_rows(min_row=2)] == [AGENCY]


def test_a_longer_list_says_how_much_it_leaves_out(ours, ledger, monkeypatch) -> None:
    answered(ours, MARCH, person(ID), person(ID_2), person(ID_3))
    monkeypatch.setattr(receipt_rosters, "MOST_MISSING", 1)
    book = answered(ours, APRIL, person(ID))
    assert [row[0].value for row in book[MISSING].iter_rows(min_row=2)] == [
        1, "另有 1 行没有列出：每张表最多列 1 行。",
    ]  # fmt: skip


def test_one_held_for_the_bureau_is_compared_and_asks_the_county_for_nothing(ours, ledger) -> None:
    people = [person(number) for number in numbers(30)]
    answered(ours, MARCH, *people)
    book = answered(ours, APRIL, *people[:25], person(ID))
    assert compared(book)[0][1:6] == (30, 1, 0, 25, 5)
    assert "省里核对中的表（全量表 26 行，比在册的 30 行少 13.3%）不是退回" in steps(book)
    assert "暂缓入库" not in steps(book)
    assert len(list(book[MISSING].iter_rows(min_row=2))) == 5


def test_as_many_rows_of_others_are_counted_beside_what_was_in_force(ours, ledger) -> None:
    people = [person(number) for number in numbers(35)]
    answered(ours, MARCH, *people[:30])
    book = answered(ours, APRIL, *people[5:])
    assert "在册的 30 行中有 5 行（16.7%）不在全量表里" in steps(book)


def test_one_that_was_replaced_says_nothing_of_the_present(ours, ledger) -> None:
    answered(ours, MARCH, person(ID), person(ID_2))
    answered(ours, APRIL, person(ID))
    ledger.rows("update ops.submission set state = 'replaced' where report_date = %s", APRIL)
    number = ledger.rows("select max(delivery_id) from ops.delivery")[0][0]
    receipts.write_all(ours, NOW, [number])
    name = csv_name("talent", mode="S", day=APRIL).removesuffix(".csv")
    book = openpyxl.load_workbook(Path(ours.counties_url) / UNIT / "receipts" / f"{name}_回执.xlsx")
    assert compared(book) == [] and MISSING not in book.sheetnames

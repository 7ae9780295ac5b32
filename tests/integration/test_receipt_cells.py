"""A receipt read back cell by cell, by two libraries, against the ledger and the file that it answers."""

from pathlib import Path

import openpyxl
import pytest
import python_calamine

from shegong.intake import receipts
from shegong.judge import judge
from shegong.register import register
from tests.intake_files import (
    CONTRACTS,
    ID,
    ID_2,
    ID_3,
    NOW,
    UNIT,
    Ledger,
    as_workbook,
    good,
    send,
    settings_of,
    sheet,
)

LEVELS = {"F": "退回", "E": "强制", "W": "核实", "N": "提示", "I": "已自动修正", "P": "政策违规"}
BAD_ID = "330106199001010012"
FORMULAS = ("=1+1", "+86", "-5", "@cmd", "＝1+1")
ROWS = [
    *(good("talent", id_no=BAD_ID, remark=None, community_code=None, head_role=None, employer_name=f"{text}公司") for text in FORMULAS[1:]),
    good("talent", id_no=ID, start_month="2001-05", service_domain="其他"),
    good("talent", id_no=ID_2, education="+甲等"),
    good("talent", id_no=ID_3, status=None, employer_type="城乡社区"),
    *(good("talent", id_no=f"3301061990{end}") for end in ("0104001X", "01050017", "01060012", "01070018", "01080015")),
]  # fmt: skip


@pytest.fixture(scope="module")
def answered(database, tmp_path_factory):
    """(path of the receipt, delivery, ledger) of one file with many findings, as the whole way makes it."""
    ours = settings_of(database, tmp_path_factory.mktemp("home"))
    ledger = Ledger(database)
    rows = [*ROWS, *(good("talent", id_no=number) for number in _numbers(40))]
    delivery = send(ours, "人才.xlsx", as_workbook(sheet("talent", *rows)))
    register(ours, NOW)
    judge(ours, NOW)
    receipts.write_all(ours, NOW, [delivery])
    return Path(ours.counties_url) / UNIT / "receipts" / "人才_回执.xlsx", delivery, ledger


def _numbers(count: int) -> list[str]:
    """Valid numbers of nobody, born on the first days of 1980."""
    weights, check = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
    bodies = [f"330106198001{1 + at % 28:02d}{100 + at}" for at in range(count)]
    return [b + check[sum(int(d) * w for d, w in zip(b, weights, strict=True)) % 11] for b in bodies]


def told(ledger: Ledger, delivery: int) -> list[tuple]:
    return ledger.rows(
        "select level, f.sheet_name, row_number, column_letter, header, value_shown, text, mend, rule_id, finding_id"
        " from ops.finding as f inner join ops.submission using (submission_id) where delivery_id = %s",
        delivery,
    )


def grid(path: Path, name: str) -> list[list]:
    """Rows as calamine reads them, and the same as openpyxl does."""
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()
    other = [
        ["" if value is None else value for value in row]
        for row in openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    ]
    assert [row[: len(other[0])] for row in rows] == other
    return rows


def test_every_finding_stands_in_the_list_as_in_the_ledger(answered) -> None:
    path, delivery, ledger = answered
    headers, *rows = grid(path, "问题清单")
    assert headers == [
        "级别",
        "工作表",
        "行",
        "列",
        "表头",
        "填写的值",
        "原因",
        "怎样更正",
        "说明",
        "规则",
        "问题编号",
    ]
    expected = [
        (LEVELS[level], *("" if value is None else value for value in (*rest[:7], "", *rest[7:])))
        for level, *rest in told(ledger, delivery)
    ]
    assert sorted(map(tuple, rows), key=str) == sorted(expected, key=str)
    assert len(rows) > 10
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)


def test_what_must_be_done_counts_by_rule_the_most_frequent_first(answered) -> None:
    path, delivery, ledger = answered
    _, *rows = grid(path, "需办理")
    counted: dict[tuple, list] = {}
    for level, _, row_number, *_, rule, _ in told(ledger, delivery):
        if level in "FEW":
            counted.setdefault((LEVELS[level], rule), []).append(row_number)
    assert {(row[1], row[7]): row[4] for row in rows} == {key: len(found) for key, found in counted.items()}
    assert [row[4] for row in rows] == sorted((len(found) for found in counted.values()), reverse=True)
    for row in rows:
        first = sorted(counted[row[1], row[7]])[:6]
        assert row[5].removesuffix(" 等").split("、") == [str(number) for number in first]


def test_returned_rows_are_the_files_own_cells(answered) -> None:
    path, delivery, ledger = answered
    refused = ledger.rows(
        "select row_number from ops.refused_row inner join ops.submission using (submission_id)"
        " where delivery_id = %s order by 1",
        delivery,
    )
    rows = grid(path, "退回行")
    headers, listed = rows[2], [row for row in rows[3:] if row[0]]
    assert [int(row[0].split()[1]) for row in listed] == [number for (number,) in refused]
    fields = {field.header: field for field in CONTRACTS["talent"].fields}
    for row in listed:
        sent = ROWS[int(row[0].split()[1]) - 4]
        back = {fields[h].name: value for h, value in zip(headers[1:], row[1:], strict=True) if value != ""}
        assert back == {name: value for name, value in sent.items() if value is not None}
    assert openpyxl.load_workbook(path)["退回行"].auto_filter.ref.startswith("A3:")


def test_nothing_in_it_is_a_formula_and_no_number_is_bare(answered) -> None:
    path, *_ = answered
    book = openpyxl.load_workbook(path)
    cells = [
        (sheet.title, cell)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert [place for place, cell in cells if cell.data_type == "f"] == []
    risky = [
        cell
        for _, cell in cells
        if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "＝"))
    ]
    own = [cell for cell in risky if cell.value != "-"]
    assert len(own) >= len(FORMULAS) - 1
    assert all(cell.quotePrefix for cell in own)
    assert "+甲等" in [cell.value for name, cell in cells if name == "问题清单"]
    bare = [cell for name, cell in cells if name != "退回行" and BAD_ID in str(cell.value)]
    assert bare == []


def test_the_summary_counts_rows_and_says_what_is_next(answered) -> None:
    path, delivery, ledger = answered
    ((_, state, total, accepted, refused),) = ledger.states(delivery)
    rows = grid(path, "摘要")
    line = next(row for row in rows if row[0] == CONTRACTS["talent"].title)
    assert state == "partly_accepted"
    assert line[4:8] == ["部分接收", total, accepted, refused]
    assert "2026-05-06 18:00（迟报）" in line
    steps = "\n".join(row[0] for row in rows if str(row[0])[:2] in ("1.", "2.", "3."))
    assert f"未接收的 {refused} 行" in steps
    assert openpyxl.load_workbook(path)["_shegong"].sheet_state == "veryHidden"

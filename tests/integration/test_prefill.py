"""Templates that come with data: a county's rows in force from its own files, and the nil report."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from shegong.errors import ShegongError
from shegong.intake.prefill import write_prefilled
from shegong.intake.template_command import template
from tests.intake_files import (
    CONTRACTS,
    ID,
    ID_2,
    ID_3,
    NOW,
    OTHER_UNIT,
    UNIT,
    Ledger,
    as_workbook,
    good,
    send,
    settings_of,
    sheet,
)


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


def stands(ledger: Ledger, table: str, *rows: tuple) -> None:
    """What dbt's known_<table> would say is in force: (submission, unit, sheet, row) of each key."""
    known = f"core.known_{table}"
    ledger.rows("create schema if not exists core authorization warehouse_owner")
    ledger.rows(f"drop table if exists {known}")
    ledger.rows(
        f"create table {known} (_submission_id bigint, _unit_code text, _sheet_name text, _row_number integer)"
    )
    for row in rows:
        ledger.rows(f"insert into {known} values (%s, %s, %s, %s)", *row)
    ledger.rows(f"grant select on {known} to loader")


def submission(ledger: Ledger, delivery: int) -> int:
    return ledger.rows("select submission_id from ops.submission where delivery_id = %s", delivery)[0][0]


def filled(path: str, title: str) -> list[dict]:
    sheet = openpyxl.load_workbook(path)[title]
    headers = [cell.value for cell in sheet[3]]
    rows = (dict(zip(headers, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True))
    return [row for row in rows if any(row.values())]


def test_nothing_built_is_said(ours) -> None:
    with pytest.raises(ShegongError, match="Nothing is built"):
        write_prefilled(ours, [CONTRACTS["agency"]], UNIT, "西湖区", "S", NOW)


def test_the_unit_gets_its_own_rows_from_the_files_that_have_them(ours, database) -> None:
    ledger = Ledger(database)
    one = send(ours, "一.xlsx", as_workbook(sheet("talent", good("talent"), good("talent", id_no=ID_2))))
    changed = good("talent", id_no=ID_2, row_action="变更", employer_name="+新公司")
    two = send(ours, "二.xlsx", as_workbook(sheet("talent", changed), sequence=2))
    other = send(
        ours, "三.xlsx", as_workbook(sheet("talent", good("talent", id_no=ID_3)), unit=OTHER_UNIT), OTHER_UNIT
    )
    title = CONTRACTS["talent"].title
    stands(
        ledger, "talent",
        (submission(ledger, one), UNIT, title, 4),
        (submission(ledger, two), UNIT, title, 4),
        (submission(ledger, other), OTHER_UNIT, title, 4),
    )  # fmt: skip
    path, count = write_prefilled(ours, [CONTRACTS["talent"]], UNIT, "西湖区", "S", NOW)
    assert Path(path) == Path(ours.counties_url) / UNIT / "receipts" / "社会工作专业人才_预填_20260506.xlsx"
    rows = filled(path, title)
    assert (count, [row["证件号码"] for row in rows]) == (2, [ID, ID_2])
    assert [row["工作单位"] for row in rows] == ["某公司", "+新公司"]
    assert [row["操作类型"] for row in rows] == [None, None]

    roster = send(ours, "名册.xlsx", Path(path).read_bytes())
    assert ledger.states(roster) == [("talent", "staged", 2, 2, 0)]
    assert [rule for rule, level, _ in ledger.findings(roster) if level in "FEW"] == []


def test_money_comes_in_the_templates_own_unit(ours, database) -> None:
    ledger = Ledger(database)
    printed = {"budget_yuan": "预算金额（万元）"}
    funds = sheet("funding", good("funding", budget_yuan=1.5), printed=printed)
    delivery = send(ours, "资金.xlsx", as_workbook(funds))
    title = CONTRACTS["funding"].title
    stands(ledger, "funding", (submission(ledger, delivery), UNIT, title, 4))
    path, _ = write_prefilled(ours, [CONTRACTS["funding"]], UNIT, "西湖区", "D", NOW)
    (row,) = filled(path, title)
    assert (row["预算金额（元）"], row["到位金额（元）"]) == (15000, 5)


def test_a_nil_template_is_read_as_a_nil_report(ours, database, tmp_path) -> None:
    path = tmp_path / "零报告.xlsx"
    run = CliRunner().invoke(template, ["nil", "--unit", UNIT, "--date", "2026-05-06", "--out", str(path)])
    assert run.exit_code == 0, run.output
    book = openpyxl.load_workbook(path)
    book["零报告"]["A4"].value = CONTRACTS["talent"].title
    book["零报告"]["A5"].value = CONTRACTS["post"].title
    content = io.BytesIO()
    book.save(content)
    delivery = send(ours, "零报告.xlsx", content.getvalue())
    found = Ledger(database).rows(
        "select table_name, state, report_date from ops.submission where delivery_id = %s order by 1",
        delivery,
    )
    assert found == [("post", "nil", date(2026, 5, 6)), ("talent", "nil", date(2026, 5, 6))]


def test_prefilled_rows_go_nowhere_else(tmp_path) -> None:
    run = CliRunner().invoke(
        template, ["talent", "--unit", UNIT, "--prefill", "--out", str(tmp_path / "x.xlsx")]
    )
    assert isinstance(run.exception, ShegongError)
    assert not list(tmp_path.iterdir())

"""说明 written in a returned receipt: closes one 核实 for that value, and answers why where it can't."""

import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from shegong.intake import receipts
from shegong.judge import judge
from shegong.register import register
from tests.intake_files import (
    ID,
    ID_2,
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

RULE = "talent.start_before_16"
EARLY, EARLIER = "2001-05", "2000-05"  # the people were born in 1990
BAD_ID = "330106199001010012"


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database):
    made = Ledger(database)
    made.rows("truncate ops.explanation cascade")
    made.clear()
    return made


def person(**more):
    return good("talent", start_month=EARLY, **more)


def answered(
    ours, name: str, content: bytes, unit: str = UNIT, after: int = 0
) -> tuple[int, openpyxl.Workbook]:
    """Send a file and have it asked, judged and answered; its delivery and the receipt."""
    now = NOW + timedelta(minutes=after)
    delivery = send(ours, name, content, unit, now)
    register(ours, now)
    judge(ours, now)
    receipts.write_all(ours, now, receipts.touched(ours, now))
    return delivery, receipt(ours, name, unit)


def receipt(ours, name: str, unit: str = UNIT) -> openpyxl.Workbook:
    path = Path(ours.counties_url) / unit / "receipts" / f"{name.rsplit('.', 1)[0]}_回执.xlsx"
    return openpyxl.load_workbook(path)


def explain(book: openpyxl.Workbook, rule: str, text: str, level: str | None = None) -> None:
    listed = book["问题清单"]
    headers = [cell.value for cell in listed[1]]
    at = {name: headers.index(name) for name in ("规则", "说明", "级别")}
    for row in listed.iter_rows(min_row=2):
        if row[at["规则"]].value == rule and level in (None, row[at["级别"]].value):
            row[at["说明"]].value = text


def saved(book: openpyxl.Workbook, *without: str) -> bytes:
    for name in without:
        book.remove(book[name])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def open_findings(ledger, delivery: int) -> list:
    return ledger.rows(
        "select rule_id from ops.finding inner join ops.submission using (submission_id)"
        " where delivery_id = %s and level = 'W' and explanation_id is null",
        delivery,
    )


def listed(book: openpyxl.Workbook) -> list[dict]:
    headers, *rows = book["问题清单"].iter_rows(values_only=True)
    return [dict(zip(headers, row, strict=True)) for row in rows]


def test_an_explanation_closes_the_finding_and_holds_for_that_value_only(ours, ledger) -> None:
    first, book = answered(ours, "一.xlsx", as_workbook(sheet("talent", person())))
    assert open_findings(ledger, first) == [(RULE,)]
    assert "核实类问题 1 处" in str([c.value for row in book["摘要"] for c in row])
    explain(book, RULE, "少年时在福利院做义工，有证明")

    returned, reply = answered(ours, "一_回执.xlsx", saved(book), after=1)
    assert ledger.states(returned) == []
    assert open_findings(ledger, first) == []
    assert reply.sheetnames == ["摘要", "说明答复", "_shegong"]
    assert "说明已登记" in [c.value for row in reply["摘要"] for c in row]
    (first_told,) = [row for row in listed(receipt(ours, "一.xlsx")) if row["规则"] == RULE]
    assert (first_told["级别"], first_told["说明"]) == ("核实（已说明）", "少年时在福利院做义工，有证明")

    same, book = answered(
        ours, "二.xlsx", as_workbook(sheet("talent", person(row_action="变更")), sequence=2), after=2
    )
    assert open_findings(ledger, same) == []
    assert "没有需要办理的问题。" in [c.value for row in book["需办理"] for c in row]
    changed = person(row_action="变更", id_no=ID) | {"start_month": EARLIER}
    other, _ = answered(ours, "三.xlsx", as_workbook(sheet("talent", changed), sequence=3), after=3)
    assert open_findings(ledger, other) == [(RULE,)]
    someone = person(id_no=ID_2)
    another, _ = answered(ours, "四.xlsx", as_workbook(sheet("talent", someone), sequence=4), after=4)
    assert open_findings(ledger, another) == [(RULE,)]


def test_what_can_not_be_explained_is_answered(ours, ledger) -> None:
    rows = [person(), *(good("talent", id_no=number) for number in (BAD_ID, ID_2, "330106199001030019"))]
    first, book = answered(ours, "五.xlsx", as_workbook(sheet("talent", *rows)))
    explain(book, "talent.id_no.check_digit", "就是这个号码")
    explain(book, RULE, f"本人号码是 {ID}")
    returned, reply = answered(ours, "五_回执.xlsx", saved(book), after=1)
    answers = ledger.rows(
        "select rule_id, is_accepted, text, answer from ops.explanation where delivery_id = %s order by rule_id",
        returned,
    )
    assert [(rule, accepted, text) for rule, accepted, text, _ in answers] == [
        ("talent.id_no.check_digit", False, None),
        (RULE, False, None),
    ]
    assert "不能用说明代替" in answers[0][3]
    assert "证件号码" in answers[1][3]
    assert open_findings(ledger, first) == [(RULE,)]
    assert [row[4].value for row in reply["说明答复"].iter_rows(min_row=2)] == ["未登记", "未登记"]


def test_returned_rows_and_explanations_go_together(ours, ledger) -> None:
    rows = [person(), good("talent", id_no=BAD_ID), *(good("talent", id_no=n) for n in (ID_2,))]
    rows += [good("talent", id_no="330106199001030019"), good("talent", id_no="330106199001040014")]
    first, book = answered(ours, "六.xlsx", as_workbook(sheet("talent", *rows)))
    assert ledger.states(first)[0][:2] == ("talent", "partly_accepted")
    explain(book, RULE, "情况属实")
    headers = [cell.value for cell in book["退回行"][3]]
    book["退回行"].cell(4, headers.index("证件号码") + 1).value = "330106199001010034"
    returned, _ = answered(ours, "六_回执.xlsx", saved(book), after=1)
    assert ledger.states(returned) == [("talent", "accepted", 1, 1, 0)]
    assert open_findings(ledger, first) == []
    parent = ledger.rows(
        "select parent.delivery_id from ops.submission as own inner join ops.submission as parent"
        " on parent.submission_id = own.parent_id where own.delivery_id = %s",
        returned,
    )
    assert parent == [(first,)]


@pytest.mark.parametrize("tampered", ["another unit", "another rule", "no number"])
def test_a_changed_list_closes_nothing(ours, ledger, tampered) -> None:
    first, book = answered(ours, "七.xlsx", as_workbook(sheet("talent", person())))
    explain(book, RULE, "情况属实")
    headers = [cell.value for cell in book["问题清单"][1]]
    cells = next(row for row in book["问题清单"].iter_rows(min_row=2) if row[8].value)
    if tampered == "another rule":
        cells[headers.index("规则")].value = "talent.age_in_post"
    if tampered == "no number":
        cells[headers.index("问题编号")].value = None
    unit = OTHER_UNIT if tampered == "another unit" else UNIT
    returned, _ = answered(ours, "七_回执.xlsx", saved(book), unit, after=1)
    assert ledger.rows("select is_accepted from ops.explanation where delivery_id = %s", returned) == [
        (False,)
    ]
    assert open_findings(ledger, first) == [(RULE,)]


def test_the_same_explanation_again_is_nothing(ours, ledger) -> None:
    _, book = answered(ours, "八.xlsx", as_workbook(sheet("talent", person())))
    explain(book, RULE, "情况属实")
    answered(ours, "八_回执.xlsx", saved(book), after=1)
    again = receipt(ours, "八.xlsx")
    again["摘要"]["A30"].value = "多写一格"
    returned, _ = answered(ours, "八_回执（再发）.xlsx", saved(again), after=2)
    assert ledger.rows("select count(*) from ops.explanation") == [(1,)]
    assert ledger.findings(returned) == [("file.empty", "F", None)]


def test_on_a_row_that_was_refused_it_closes_that_finding_alone(ours, ledger) -> None:
    """No staged row says what the value was: the mended row is asked again."""
    rows = [good("talent", id_no=number) for number in (ID_2, "330106199001030019", "330106199001040014")]
    refused = person(status=None)
    first, book = answered(ours, "九.xlsx", as_workbook(sheet("talent", refused, *rows)))
    assert ledger.states(first) == [("talent", "partly_accepted", 4, 3, 1)]
    told = {(row["规则"], row["级别"]) for row in listed(book)}
    assert {(RULE, "核实"), ("talent.status.required", "强制")} <= told
    explain(book, RULE, "情况属实")
    explain(book, "talent.status.required", "不知道")
    answered(ours, "九_回执.xlsx", saved(book, "退回行"), after=1)
    answers = ledger.rows(
        "select rule_id, is_accepted, key_hash is null from ops.explanation order by rule_id"
    )
    assert answers == [(RULE, True, True), ("talent.status.required", False, True)]
    assert open_findings(ledger, first) == []
    mended, _ = answered(ours, "十.xlsx", as_workbook(sheet("talent", person()), sequence=2), after=2)
    assert open_findings(ledger, mended) == [(RULE,)]


def test_on_a_row_that_the_register_refused_it_holds_for_the_value(ours, ledger) -> None:
    """Such a row is staged, so the same words of a later file are known."""
    rows = [good("talent", id_no=number) for number in (ID_2, "330106199001030019", "330106199001040014")]
    unknown = person(row_action="撤销")
    first, book = answered(ours, "十一.xlsx", as_workbook(sheet("talent", unknown, *rows)))
    assert ledger.states(first) == [("talent", "partly_accepted", 4, 3, 1)]
    explain(book, RULE, "情况属实")
    answered(ours, "十一_回执.xlsx", saved(book, "退回行"), after=1)
    again, _ = answered(ours, "十二.xlsx", as_workbook(sheet("talent", person()), sequence=2), after=2)
    assert open_findings(ledger, again) == []

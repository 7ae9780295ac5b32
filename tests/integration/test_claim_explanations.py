"""A 说明 beside a claim, in the notice or in the receipt: the unit that was asked disputes, and the other is told."""

import io
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import psycopg
import pytest
from intake_files import ID, NOW, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, send, settings_of

from shegong import claims
from shegong.claim_notices import follow_and_tell
from shegong.intake import receipts
from shegong.judge import judge
from shegong.register import register

OLD, NEW = UNIT, OTHER_UNIT
NAMES = {OLD: "西湖", NEW: "余杭"}
RULE = "talent.claimed_elsewhere"
TEXT = "仍在我处社区工作，有劳动合同"


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.rows("truncate ops.explanation cascade")
    ledger.clear()
    for path in Path(ours.counties_url).rglob("*.xlsx"):
        path.unlink()


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def run(ours, now: datetime) -> None:
    """What the load DAG does after loading."""
    register(ours, now)
    judge(ours, now)
    follow_and_tell(ours, now)
    receipts.write_all(ours, now, receipts.touched(ours, now))


def claimed(ours, *, at_once: bool) -> None:
    """Both units send the same person, in one run or a day apart; the first that came is the old unit."""
    send(ours, csv_name("talent", unit=OLD), as_csv("talent", good("talent")), OLD)
    if not at_once:
        run(ours, NOW)
    now = NOW if at_once else day(1)
    send(ours, csv_name("talent", unit=NEW), as_csv("talent", good("talent")), NEW, now)
    run(ours, now)


def place_of(ours, unit: str) -> Path:
    return Path(ours.counties_url) / unit / "receipts"


def notice(ours, unit: str, now: datetime) -> Path:
    return place_of(ours, unit) / f"归属核对通知_{now:%Y%m%d}.xlsx"


def receipt(ours, unit: str) -> Path:
    return place_of(ours, unit) / csv_name("talent", unit=unit).replace(".csv", "_回执.xlsx")


def write_beside(path: Path, rule: str, text: str) -> bytes:
    """The workbook with a 说明 in each line of the rule, as a clerk saves it."""
    book = openpyxl.load_workbook(path)
    for listed in book.worksheets:
        for header in listed.iter_rows(max_row=3):
            places = {cell.value: cell.column - 1 for cell in header}
            if {"说明", "规则"} <= set(places):
                for row in listed.iter_rows(min_row=header[0].row + 1):
                    if row[places["规则"]].value == rule:
                        row[places["说明"]].value = text
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def send_back(ours, unit: str, path: Path, now: datetime, text: str = TEXT, rule: str = RULE) -> int:
    delivery = send(ours, f"{path.stem}_已填.xlsx", write_beside(path, rule, text), unit, now)
    run(ours, now)
    return delivery


def state(ledger: Ledger) -> tuple:
    (found,) = ledger.rows("select state, reason, closed_by like 'explanation %%' from ops.claim")
    return found


def told(ours, unit: str, now: datetime) -> str:
    path = notice(ours, unit, now)
    return str(list(openpyxl.load_workbook(path).active.values)) if path.exists() else ""


DISPUTED = ("disputed", "原单位说明仍属本单位", True)


def test_written_in_the_notice_it_disputes_and_the_other_unit_is_told_without_a_name(ours, ledger) -> None:
    claimed(ours, at_once=False)
    delivery = send_back(ours, OLD, notice(ours, OLD, day(1)), day(2))
    assert state(ledger) == DISPUTED
    for unit, other in ((OLD, NEW), (NEW, OLD)):
        said = told(ours, unit, day(2))
        assert "归属有异议：原单位说明仍属本单位" in said
        assert other not in said and NAMES[other] not in said and TEXT not in said
    answers = ledger.rows(
        "select is_accepted, text, answer from ops.explanation where delivery_id = %s", delivery
    )
    assert answers == [(True, TEXT, "已登记：归属有异议，另一单位将收到通知，由省里协调")]
    (path,) = ledger.rows("select receipt_path from ops.delivery where delivery_id = %s", delivery)[0]
    assert "说明已登记" in str(list(openpyxl.load_workbook(path)["摘要"].values))
    with psycopg.connect(ours.dsn["loader"]) as connection:
        assert [row["written"] for row in claims.listed(connection, OLD)] == [TEXT]


def test_written_beside_the_finding_in_the_receipt_it_disputes(ours, ledger) -> None:
    claimed(ours, at_once=True)
    assert ledger.rows("select state from ops.claim") == [("open",)]
    send_back(ours, OLD, receipt(ours, OLD), day(1))
    assert state(ledger) == DISPUTED
    assert "归属有异议" in told(ours, NEW, day(1))
    assert ledger.rows("select unit_code, explanation_id is not null from ops.finding inner join ops.submission"
                       " using (submission_id) where rule_id = %s order by 1", RULE) == [(OLD, True), (NEW, False)]  # fmt: skip


def test_the_claiming_units_word_closes_its_own_finding_and_leaves_the_other_its_time(ours, ledger) -> None:
    claimed(ours, at_once=False)
    send_back(ours, NEW, receipt(ours, NEW), day(2), "五月调入")
    assert state(ledger) == ("open", "该单位已作说明", None)
    said = told(ours, OLD, day(2))
    assert "该单位已作说明" in said and "五月调入" not in said and NEW not in said
    assert told(ours, NEW, day(2)) == ""
    follow_and_tell(ours, day(3))
    assert not notice(ours, OLD, day(3)).exists()
    send_back(ours, OLD, notice(ours, OLD, day(2)), day(3))
    assert state(ledger) == DISPUTED


def test_another_findings_explanation_is_no_dispute(ours, ledger) -> None:
    early = good("talent", start_month="2001-05")
    send(ours, csv_name("talent", unit=OLD), as_csv("talent", early), OLD)
    send(ours, csv_name("talent", unit=NEW), as_csv("talent", early), NEW)
    run(ours, NOW)
    send_back(ours, OLD, receipt(ours, OLD), day(1), rule="talent.start_before_16")
    assert ledger.rows("select is_accepted from ops.explanation") == [(True,)]
    assert state(ledger) == ("open", None, None)


@pytest.mark.parametrize("by", ["another unit", "a number", "too late"])
def test_what_does_not_count_is_answered_and_changes_nothing(ours, ledger, by) -> None:
    claimed(ours, at_once=False)
    path = notice(ours, OLD, day(1))
    unit = NEW if by == "another unit" else OLD
    text = f"本人号码 {ID}" if by == "a number" else TEXT
    now = day(20) if by == "too late" else day(2)
    if by == "too late":
        follow_and_tell(ours, now - timedelta(hours=1))
    before = state(ledger)
    send_back(ours, unit, path, now, text)
    ((accepted, kept, answer),) = ledger.rows("select is_accepted, text, answer from ops.explanation")
    assert (accepted, kept, state(ledger)) == (False, None, before)
    words = {"another unit": "不是本单位的", "a number": "没有保存", "too late": "已经办结"}
    assert words[by] in answer


def test_the_same_notice_sent_twice_is_noted_once(ours, ledger) -> None:
    claimed(ours, at_once=False)
    path = notice(ours, OLD, day(1))
    send_back(ours, OLD, path, day(2))
    closed = ledger.rows("select closed_at, notified_at from ops.claim")
    send(ours, "再发.xlsx", write_beside(path, RULE, TEXT) + b"\0", OLD, day(3))
    run(ours, day(3))
    assert ledger.rows("select count(*) from ops.explanation") == [(1,)]
    assert ledger.rows("select closed_at, notified_at from ops.claim") == closed


def test_what_was_written_before_is_no_answer_to_a_new_claim(ours, ledger) -> None:
    claimed(ours, at_once=True)
    send_back(ours, OLD, receipt(ours, OLD), day(1))
    send(ours, csv_name("talent", unit="330108"), as_csv("talent", good("talent")), "330108", day(2))
    run(ours, day(2))
    run(ours, day(3))
    states = ledger.rows("select new_unit, state from ops.claim where old_unit = %s order by claim_id", OLD)
    assert states == [(NEW, "disputed"), ("330108", "open")]

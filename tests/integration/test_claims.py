"""Two units with one person, certificate or credit code: who is asked, what an answer does, and what each is told."""

from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from intake_files import (
    ID_2,
    NOW,
    OTHER_UNIT,
    UNIT,
    Ledger,
    as_csv,
    csv_name,
    good,
    send,
    settings_of,
)  # fmt: skip

from shegong import claims
from shegong.calendar import SHANGHAI
from shegong.claim_notices import follow_and_tell
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.judge import replace_earlier
from shegong.register import register

PERSON, CERTIFICATE = good("talent"), good("certificate")
LATER = NOW + timedelta(days=1)
OLD, NEW = UNIT, OTHER_UNIT


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.rows("drop view if exists core.known_talent; drop table if exists core.kept")
    ledger.clear()
    for path in Path(ours.counties_url).rglob("归属核对*"):
        path.unlink()


@pytest.fixture
def accept(ours, ledger):
    """Send one CSV, ask the register, accept it as the judge does, follow the claims; the notices written."""

    def run(unit: str, *rows: dict, table="talent", now=NOW, tell=True, **named) -> int:
        send(ours, csv_name(table, unit=unit, day=now.date(), **named), as_csv(table, *rows), unit, now)
        register(ours, now)
        with connect(ours.dsn["loader"]) as connection:
            connection.execute(
                "update ops.submission set accepted_at = %s, state = 'accepted' where state = 'staged'", [now]
            )
            replace_earlier(connection, now)
            claims.open_new(connection, now)
        return follow_and_tell(ours, now) if tell else 0

    return run


def found(ledger) -> list[tuple]:
    return ledger.rows(
        "select rule_id, old_unit, new_unit, state, closed_by is null from ops.claim order by claim_id"
    )


def notice(ours, unit: str, now=NOW) -> list[tuple]:
    """The texts of the unit's notice, a tuple a line."""
    path = Path(ours.counties_url) / unit / "receipts" / f"归属核对通知_{now:%Y%m%d}.xlsx"
    if not path.exists():
        return []
    return [
        row[1:] for row in openpyxl.load_workbook(path)["归属核对"].iter_rows(min_row=4, values_only=True)
    ]


OPEN = ("talent.claimed_elsewhere", OLD, NEW, "open", True)


@pytest.mark.parametrize("built", [False, True])
def test_the_unit_that_had_a_person_is_asked_with_its_own_row(ours, ledger, accept, built) -> None:
    accept(OLD, PERSON)
    if built:
        ledger.rows("create table core.kept as select * from staging.talent")
        ledger.rows("create view core.known_talent as select * from core.kept")
        ledger.rows("grant select on core.known_talent to loader")
        ledger.rows("update ops.submission set built_by = 1")
    assert accept(NEW, good("talent", id_no=ID_2), PERSON, now=LATER) == 1
    assert found(ledger) == [OPEN]
    (told,) = notice(ours, OLD, LATER)
    assert told[:5] == ("社会工作专业人才", "3****************8", csv_name("talent", unit=OLD), None, 2)
    assert told[6] == "2026-05-13 18:00"  # five working days after 7 May, the make-up Saturday among them
    assert NEW not in str(told)
    assert "余杭" not in str(told)
    assert notice(ours, NEW, LATER) == []


def test_two_files_of_one_run_ask_the_unit_that_came_first(ledger, ours, accept) -> None:
    send(ours, csv_name("talent", unit=OLD), as_csv("talent", PERSON), OLD)
    accept(NEW, PERSON)
    assert found(ledger) == [OPEN]


def test_following_again_opens_and_tells_nothing_twice(ledger, ours, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    with connect(ours.dsn["loader"]) as connection:
        assert claims.open_new(connection, LATER) == 0
    assert follow_and_tell(ours, LATER) == 0
    assert found(ledger) == [OPEN]


def test_a_withdrawal_confirms_and_is_no_fault(ledger, ours, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    after = LATER + timedelta(days=1)
    assert accept(OLD, good("talent", row_action="撤销"), now=after) == 2
    assert found(ledger) == [(*OPEN[:3], "confirmed", False)]
    assert (
        notice(ours, OLD, after)[0][5] == notice(ours, NEW, after)[0][5] == "归属已确认，只按后报的单位计一次"
    )


def test_a_withdrawal_of_what_the_new_unit_has_in_force_is_taken(ledger, ours, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    ledger.rows(f"create table core.kept as select * from staging.talent where _unit_code = '{NEW}'")
    ledger.rows("create view core.known_talent as select * from core.kept")
    ledger.rows("grant select on core.known_talent to loader")
    ledger.rows("update ops.submission set built_by = 1")
    accept(OLD, good("talent", row_action="撤销"), now=LATER + timedelta(days=1))
    told = ledger.rows("select rule_id, level from ops.finding where rule_id like 'talent.withdraw%%'")
    assert told == [("talent.withdraw_passed_on", "N")]
    assert found(ledger) == [(*OPEN[:3], "confirmed", False)]


def test_sending_the_row_again_disputes_and_asks_nobody_anew(ledger, ours, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    after = LATER + timedelta(days=1)
    assert accept(OLD, good("talent", row_action="变更"), now=after) == 2
    assert found(ledger) == [(*OPEN[:3], "disputed", False)]
    assert "归属有异议：原单位再次报送" in notice(ours, NEW, after)[0][5]


def test_the_new_units_own_withdrawal_ends_it(ledger, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    accept(NEW, good("talent", row_action="撤销"), now=LATER + timedelta(days=1))
    assert ledger.rows("select state, reason from ops.claim") == [("disputed", "后报的单位已撤销")]


@pytest.mark.parametrize(("hour", "state"), [(18, "open"), (19, "lapsed")])
def test_silence_lapses_after_the_last_hour(ledger, ours, accept, hour, state) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    follow_and_tell(ours, datetime(2026, 5, 13, hour, tzinfo=SHANGHAI))
    assert found(ledger)[0][3] == state


def test_next_months_roster_of_the_new_unit_asks_nothing_anew(ledger, ours, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    follow_and_tell(ours, LATER + timedelta(days=30))
    accept(NEW, PERSON | {"row_action": None}, mode="S", now=LATER + timedelta(days=31))
    assert [claim[3] for claim in found(ledger)] == ["lapsed"]


def test_a_credit_code_and_a_certificate_are_asked_for_too(ledger, ours, accept) -> None:
    accept(OLD, good("agency"), table="agency")
    accept(NEW, good("agency"), table="agency", now=LATER)
    accept(OLD, CERTIFICATE, table="certificate")
    accept(NEW, good("certificate", id_no=ID_2, reg_seq=1), table="certificate", now=LATER)
    assert found(ledger) == [
        ("agency.claimed_elsewhere", OLD, NEW, "open", True),
        ("certificate.number_on_two_people", OLD, NEW, "open", True),
    ]


def test_a_person_may_write_down_the_answer_once(ledger, ours, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    (number,) = ledger.rows("select claim_id from ops.claim")[0]
    with connect(ours.dsn["loader"]) as connection:
        claims.close(connection, LATER, number, "confirmed", "李科长", "电话确认")
        assert [row["closed_by"] for row in claims.listed(connection, NEW, "confirmed")] == ["李科长"]
        with pytest.raises(ShegongError, match="is open"):
            claims.close(connection, LATER, number, "disputed", "李科长", "电话确认")


def test_nobody_is_named_in_the_ledger_of_claims(ledger, accept) -> None:
    accept(OLD, PERSON)
    accept(NEW, PERSON, now=LATER)
    said = str(ledger.rows("select * from ops.claim"))
    assert PERSON["person_name"] not in said
    assert PERSON["id_no"] not in said

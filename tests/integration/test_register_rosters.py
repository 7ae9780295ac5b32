"""Full rosters beside what is in force: what is new, changed and gone, and what two in a row lack."""

from datetime import date

import pytest
from intake_files import (
    ID,
    ID_2,
    ID_3,
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

from shegong.register import register

APRIL, MAY, JUNE = date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 6)


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.rows("drop view if exists core.known_talent; drop table if exists core.kept")
    ledger.clear()


def person(id_no: str, **more):
    return good("talent", id_no=id_no, row_action=None, **more)


def roster(ours, ledger, day: date, *people: dict, accept: bool = True, **named) -> tuple:
    """Send a roster; (before, new, changed, same, gone), and (rule, value) of what is told of missing keys."""
    delivery = send(
        ours,
        csv_name("talent", mode="S", day=day, **named),
        as_csv("talent", *people),
        named.get("unit", UNIT),
    )
    register(ours, NOW)
    counts = ledger.rows(
        "select rows_before, rows_new, rows_changed, rows_same, rows_gone from ops.roster_change"
        " inner join ops.submission using (submission_id) where delivery_id = %s", delivery,
    )  # fmt: skip
    told = ledger.rows(
        "select value_shown from ops.finding inner join ops.submission using (submission_id)"
        " where delivery_id = %s and rule_id = 'talent.missing_twice' and level = 'W' order by 1", delivery,
    )  # fmt: skip
    if accept:
        ledger.accept()
    return counts[0] if counts else None, [value for (value,) in told]


def change(ours, ledger, day: date, *rows: dict, **named) -> None:
    send(ours, csv_name("talent", day=day, **named), as_csv("talent", *rows))
    register(ours, NOW)
    ledger.accept()


def test_the_first_roster_is_all_new(ours, ledger) -> None:
    assert roster(ours, ledger, APRIL, person(ID), person(ID_2)) == ((0, 2, 0, 0, 0), [])


@pytest.mark.parametrize("built", [False, True])
def test_new_changed_same_and_gone_are_counted(ours, ledger, built) -> None:
    roster(ours, ledger, APRIL, person(ID), person(ID_2))
    if built:
        ledger.rows("create table core.kept as select * from staging.talent")
        ledger.rows("create view core.known_talent as select * from core.kept")
        ledger.rows("grant select on core.known_talent to loader")
        ledger.rows("update ops.submission set built_by = 1")
    assert roster(ours, ledger, MAY, person(ID_2), person(ID_3))[0] == (2, 1, 0, 1, 1)
    assert roster(ours, ledger, JUNE, person(ID_2, education="专科"), accept=False)[0] == (3, 0, 1, 0, 2)


def test_what_was_withdrawn_is_not_gone(ours, ledger) -> None:
    roster(ours, ledger, APRIL, person(ID), person(ID_2))
    change(ours, ledger, APRIL, good("talent", row_action="撤销", id_no=ID_2))
    assert roster(ours, ledger, MAY, person(ID))[0] == (1, 0, 0, 1, 0)


def test_another_units_people_are_not_gone(ours, ledger) -> None:
    roster(ours, ledger, APRIL, person(ID_2), unit=OTHER_UNIT)
    assert roster(ours, ledger, MAY, person(ID))[0] == (0, 1, 0, 0, 0)


def test_a_key_that_two_rosters_lack_is_told_with_its_old_place_and_no_name(ours, ledger) -> None:
    roster(ours, ledger, APRIL, person(ID), person(ID_2))
    assert roster(ours, ledger, MAY, person(ID)) == ((2, 0, 0, 1, 1), [])
    counts, told = roster(ours, ledger, JUNE, person(ID))
    assert counts == (2, 0, 0, 1, 1)
    assert told == [f"3****************3，上次在 {csv_name('talent', mode='S', day=APRIL)} 第 3 行"]
    assert ledger.rows("select count(*) from staging.talent where _row_number = 3") == [(1,)]


def test_a_key_that_came_between_two_rosters_is_missing_for_the_first_time(ours, ledger) -> None:
    roster(ours, ledger, APRIL, person(ID), person(ID_2))
    roster(ours, ledger, MAY, person(ID))
    change(ours, ledger, date(2026, 4, 20), good("talent", id_no=ID_2, row_action="变更"))
    assert roster(ours, ledger, JUNE, person(ID))[1] == []


def test_a_roster_that_was_held_does_not_count_as_one_in_a_row(ours, ledger) -> None:
    roster(ours, ledger, APRIL, person(ID), person(ID_2))
    roster(ours, ledger, MAY, person(ID), accept=False)
    ledger.rows("update ops.submission set state = 'held', held_for = 'bureau' where state = 'staged'")
    assert roster(ours, ledger, JUNE, person(ID))[1] == []


def test_a_roster_older_than_the_last_is_not_compared(ours, ledger) -> None:
    roster(ours, ledger, JUNE, person(ID), person(ID_2))
    assert roster(ours, ledger, MAY, person(ID))[0] is None


def test_comparing_again_gives_the_same(ours, ledger) -> None:
    roster(ours, ledger, APRIL, person(ID), person(ID_2))
    roster(ours, ledger, MAY, person(ID))
    roster(ours, ledger, JUNE, person(ID), accept=False)
    query = "select * from ops.roster_change order by 1; select * from ops.roster_missing order by 1, 2"
    first = [ledger.rows(part) for part in query.split(";")]
    register(ours, NOW)
    assert [ledger.rows(part) for part in query.split(";")] == first
    assert len(ledger.rows("select 1 from ops.finding where rule_id = 'talent.missing_twice'")) == 1

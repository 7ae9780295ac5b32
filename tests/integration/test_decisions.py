"""What is held for a person, and what becomes of it when the person has decided."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from intake_files import settings_of
from quality_rows import agency
from warehouse_rows import Rows, at

from shegong import decisions
from shegong.cli import cli
from shegong.errors import ShegongError
from shegong.judge import judge
from shegong.register import register

DAY, NEXT = "2026-05-06", "2026-06-01"
UNIT, OTHER = "330106", "330102"
LATER = at(NEXT) + timedelta(hours=1)


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ask(database):
    def rows(query: str, *values: object) -> list[tuple]:
        with psycopg.connect(database.superuser_dsn) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    rows("truncate ops.delivery, staging.agency cascade")
    rows("delete from reference.parameter where table_name = 'agency'")
    rows("drop schema core cascade; create schema core authorization warehouse_owner")
    rows("grant usage on schema core to auditor, loader")
    return rows


@pytest.fixture
def send(database, ask):
    """Stages one file of agencies as intake would."""

    def submit(day: str, numbers, **told: object) -> int:
        action = None if told.get("mode") == "S" else "1"
        rows = [agency(n, row_action=action) for n in numbers]
        return Rows(database.superuser_dsn).submit(told.pop("unit", UNIT), "agency", day, rows, **told)

    return submit


@pytest.fixture
def in_force(ask, send):
    """A hundred agencies, accepted and built."""
    number = send(DAY, range(100), mode="S")
    ask("create view core.known_agency as select * from staging.agency where _submission_id = " + str(number))
    ask("grant select on core.known_agency to loader, auditor")
    ask("update ops.submission set built_by = 1")
    return number


@pytest.fixture
def held(ours, in_force, send) -> int:
    """A roster of a hundred, twenty of them not those that were."""
    number = send(NEXT, range(20, 120), mode="S", state="staged")
    register(ours, at(NEXT))
    judge(ours, at(NEXT))
    return number


def state(ask, number: int) -> tuple:
    return ask("select state, held_for from ops.submission where submission_id = %s", number)[0]


def test_a_roster_of_other_keys_is_held_for_the_bureau_though_it_is_as_long(ask, held) -> None:
    assert state(ask, held) == ("held", "bureau")
    assert ask("select reason from ops.submission where submission_id = %s", held) == [
        ("在册的 100 行中有 20 行（20.0%）不在全量表里",)
    ]
    change = ask("select rows_new, rows_gone from ops.roster_change where submission_id = %s", held)
    assert change == [(20, 20)]


@pytest.mark.parametrize(("limit", "expected"), [(0.25, ("accepted", None)), (0.2, ("held", "bureau"))])
def test_a_table_may_have_a_limit_of_its_own(ours, ask, in_force, send, limit, expected) -> None:
    ask(
        "insert into reference.parameter (parameter_name, table_name, value, reason)"
        " values ('roster_fall_share_to_hold', 'agency', %s, '小表')",
        limit,
    )
    number = send(NEXT, range(20, 120), mode="S", state="staged")
    register(ours, at(NEXT))
    judge(ours, at(NEXT))
    assert state(ask, number) == expected


@pytest.mark.parametrize(("count", "expected"), [(20, ("held", "bureau")), (19, ("accepted", None))])
def test_an_old_file_with_a_new_date_is_held_unless_it_is_short(ours, ask, send, count, expected) -> None:
    for day in (DAY, NEXT):
        number = send(day, range(count), state="staged")
        register(ours, at(day))
        judge(ours, at(day))
    assert state(ask, number) == expected


def test_a_released_roster_counts_from_then_on_and_is_answered(ours, ask, held) -> None:
    done = decisions.release(ours, LATER, held, "李科长", "区划调整")
    assert (done.state, done.replaced, done.receipts) == ("accepted", 0, 1)
    assert state(ask, held) == ("accepted", None)
    assert ask("select accepted_at from ops.submission where submission_id = %s", held) == [(LATER,)]
    assert ask("select outcome, held_for, decided_by, reason, decided_at from ops.decision") == [
        ("released", "bureau", "李科长", "区划调整", LATER)
    ]
    path = ask("select receipt_path from ops.delivery where receipt_path is not null")[0][0]
    assert Path(path).exists()


def test_deciding_again_writes_the_receipt_and_nothing_else(ours, ask, held) -> None:
    decisions.release(ours, LATER, held, "李科长", "区划调整")
    before = ask("select * from ops.submission order by 1"), ask("select * from ops.decision")
    done = decisions.release(ours, LATER + timedelta(hours=1), held, "王科长", "再来一次")
    assert (done.state, done.receipts) == ("accepted", 1)
    assert (ask("select * from ops.submission order by 1"), ask("select * from ops.decision")) == before


def test_a_rejected_roster_never_counts(ours, ask, held) -> None:
    assert decisions.reject(ours, LATER, held, "李科长", "用错了文件").state == "rejected"
    assert ask("select accepted_at, reason from ops.submission where submission_id = %s", held) == [
        (None, "在册的 100 行中有 20 行（20.0%）不在全量表里（省里不予接收：用错了文件）")
    ]
    with pytest.raises(ShegongError, match="was rejected already"):
        decisions.release(ours, LATER, held, "李科长", "又可以了")


def test_a_version_that_is_released_after_its_successor_is_replaced_at_once(ours, ask, held, send) -> None:
    newer = send(NEXT, range(100), mode="S", version=2)
    done = decisions.release(ours, LATER, held, "李科长", "区划调整")
    assert (done.state, done.replaced) == ("replaced", 1)
    query = "select replaced_by, replaced_at from ops.submission where submission_id = %s"
    assert ask(query, held) == [(newer, LATER)]


def test_what_waits_for_engineers_or_does_not_wait_is_not_decided(ours, ask, held, in_force) -> None:
    ask("update ops.submission set held_for = 'engineers' where submission_id = %s", held)
    for number, words in ((held, "waits for engineers"), (in_force, "is not held"), (10**9, "no submission")):
        with pytest.raises(ShegongError, match=words):
            decisions.release(ours, LATER, number, "李科长", "区划调整")
    assert ask("select * from ops.decision") == []


def test_the_command_releases(ours, held, monkeypatch) -> None:
    monkeypatch.setattr("shegong.decision_commands.settings.load", lambda _: ours)
    words = ["release", str(held), "--by", "李科长", "--reason", "区划调整"]
    told = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert "is accepted" in told.output
    assert CliRunner().invoke(cli, words[:2]).exit_code == 2

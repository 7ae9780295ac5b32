"""A replay killed for real at its statements and run again leaves what an undisturbed replay leaves."""

import multiprocessing
import signal
from datetime import timedelta

import contracts_folder
import pytest
import replay_child
from intake_files import NOW, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, place, settings_of, take
from left_behind import everything

pytestmark = pytest.mark.fault("replay killed")
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["replay_child"])

LATER = NOW + timedelta(days=3)
KILLS = 12
TIGHTER = "change: {rules: {large_population: {level: E, ok: population <= 4000}}}\n"
_NUMBERS = ("replay_of", "replaced_by")  # numbers of submissions; what they say is looked at apart


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def tightened(tmp_path_factory):
    """Contracts with a diff that reaches into the past."""
    folder = contracts_folder.copy(tmp_path_factory.mktemp("contracts"))
    contracts_folder.change(folder, "community", "2026-05-01", "2026.9", TIGHTER)
    return folder


@pytest.fixture
def ledger(database):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


@pytest.fixture(scope="module")
def files(ours) -> list[dict]:
    """Two that the diff touches, one where it changes nothing, and one without a table."""
    placed = []
    for unit, sequence, populations in (
        (UNIT, 1, (3000, 5000)),
        (UNIT, 2, (10, 20)),
        (OTHER_UNIT, 1, (9000, 1)),
    ):
        town = f"{unit}00{sequence}"
        rows = [
            good("community", community_code=f"{town}{at:03d}", township_code=town, population=people)
            for at, people in enumerate(populations, 1)
        ]
        name = csv_name("community", unit=unit, sequence=sequence)
        placed.append(place(ours, name, as_csv("community", *rows), unit))
    return [*placed, place(ours, csv_name("community", sequence=3), "甲,乙\n1,2\n".encode())]


def come(ours, ledger: Ledger, files: list[dict]) -> None:
    """All that was is forgotten; the files come, are accepted and answered."""
    ledger.clear()
    for file in files:
        take(ours, file)
    ledger.accept()
    ledger.rows("update ops.delivery set receipt_path = 'answered'")


def readings(ledger: Ledger) -> list[tuple]:
    """Each submission by its file, whose reading it is and what took its place."""
    return ledger.rows(
        """select d.file_name, s.state, was.file_name, by_what.file_name from ops.submission as s
        inner join ops.delivery as d on d.delivery_id = s.delivery_id
        left join ops.submission as e on e.submission_id = s.replay_of
        left join ops.delivery as was on was.delivery_id = e.delivery_id
        left join ops.submission as r on r.submission_id = s.replaced_by
        left join ops.delivery as by_what on by_what.delivery_id = r.delivery_id order by 1, s.submission_id"""
    )


def test_killed_at_any_statement_and_run_again(ours, ledger, files, tightened, record_property) -> None:
    come(ours, ledger, files)
    statements = replay_child.run(ours, LATER, tightened)
    expected = everything(ledger, ours, *_NUMBERS), readings(ledger)
    assert [row[1] for row in expected[1]].count("staged") == 2
    points = range(1, statements + 1, max(1, statements // KILLS))
    record_property("points", len(points))
    for kill_at in points:
        come(ours, ledger, files)
        child = processes.Process(target=replay_child.run, args=(ours, LATER, tightened, kill_at))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL, kill_at
        replay_child.run(ours, LATER, tightened)
        assert (everything(ledger, ours, *_NUMBERS), readings(ledger)) == expected, kill_at

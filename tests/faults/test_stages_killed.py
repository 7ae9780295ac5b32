"""Killed in the register, the judge or the receipts and run again, every table and receipt is that of an undisturbed run."""

import multiprocessing
import signal
from pathlib import Path

import loading_child
import psycopg
import pytest
import stages_child
from intake_files import ID_2, NOW, Ledger, as_csv, as_workbook, csv_name, good, place, settings_of, sheet
from left_behind import everything

pytestmark = pytest.mark.fault("register, judge or receipts killed")
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["stages_child"])

STAGES = tuple(stages_child.STAGES)
KILLS = 8  # of each stage's statements, evenly spread


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


@pytest.fixture(scope="module")
def files(ours) -> list[dict]:
    """Every state that a submission can come to in one run: accepted, partly accepted, held, refused, nil; a duplicate."""
    right = [good("talent", effective_date=f"2026-04-{day:02d}") for day in range(1, 9)]
    partly = as_csv("talent", *right, good("talent", id_no="33"))
    package = as_workbook(sheet("funding", good("funding")), sheet("agency", good("agency")), sequence=2)
    return [
        place(ours, csv_name("talent"), partly),
        place(ours, csv_name("talent", sequence=3), as_csv("talent", good("talent", id_no="33"), good("talent", id_no=ID_2))),
        place(ours, csv_name("certificate"), as_csv("certificate", good("certificate", id_no=ID_2))),
        place(ours, csv_name("post"), b"no table at all"),
        place(ours, "合.xlsx", package),
        place(ours, "合 再.xlsx", package),
        place(ours, csv_name("nil", sequence=9), "数据表\r\ncommunity\r\n".encode()),
    ]  # fmt: skip


def remove_receipts(ours) -> None:
    for path in Path(ours.counties_url).glob("*/receipts/*"):
        path.unlink()


@pytest.fixture
def undisturbed(ours, files, ledger) -> tuple[dict, dict[str, int]]:
    """Everything after a run that nothing disturbs, and how many statements each stage takes."""
    loading_child.load(ours, files, NOW)
    statements = {stage: stages_child.run(ours, NOW, (stage,)) for stage in STAGES}
    expected = everything(ledger, ours)
    ledger.clear()
    remove_receipts(ours)
    return expected, statements


def test_the_run_reaches_every_state(undisturbed) -> None:
    expected, _ = undisturbed
    states = {row[0]["state"] for row in expected["ops.submission"]}
    assert states == {"accepted", "partly_accepted", "held", "refused", "nil"}
    assert {row[0]["state"] for row in expected["ops.delivery"]} == {"read", "duplicate"}
    assert len(expected["receipts"]) == 7


@pytest.mark.parametrize("stage", STAGES)
def test_killed_in_a_stage_and_run_again(
    ours, files, ledger, undisturbed, stage: str, record_property
) -> None:
    expected, statements = undisturbed
    before = STAGES[: STAGES.index(stage)]
    step = max(1, statements[stage] // (KILLS if stage != "judge" else 3))
    points = range(1, statements[stage] + 1, step)
    record_property("points", len(points))
    for kill_at in points:
        loading_child.load(ours, files, NOW)
        stages_child.run(ours, NOW, before)
        child = processes.Process(target=stages_child.run, args=(ours, NOW, (stage,), kill_at))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL, kill_at
        stages_child.run(ours, NOW, STAGES[STAGES.index(stage) :])
        assert everything(ledger, ours) == expected, (stage, kill_at)
        ledger.clear()
        remove_receipts(ours)


def test_a_lost_connection_in_the_register_changes_nothing(ours, files, ledger, undisturbed) -> None:
    """The backend is terminated by the database's administrator while the register asks."""
    expected, _ = undisturbed
    loading_child.load(ours, files, NOW)
    ended = []
    execute = psycopg.Cursor.execute

    def cut(cursor: psycopg.Cursor, query, *args, **named):
        if not ended and "told" in str(query):
            ended.append(ledger.rows("select pg_terminate_backend(%s)", cursor.connection.info.backend_pid))
        return execute(cursor, query, *args, **named)

    psycopg.Cursor.execute = cut
    try:
        with pytest.raises(psycopg.OperationalError):
            stages_child.run(ours, NOW, ("register",))
    finally:
        psycopg.Cursor.execute = execute
    assert ended
    stages_child.run(ours, NOW, STAGES)
    assert everything(ledger, ours) == expected
    remove_receipts(ours)

"""Killed anywhere and run again, loading gives the tables of an undisturbed run; so do two loaders at once."""

import multiprocessing
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import loading_child
import psycopg
import pytest
from intake_files import ID_2, NOW, Ledger, as_csv, as_workbook, csv_name, good, place, settings_of, sheet

from shegong.intake import run

pytestmark = pytest.mark.fault("loading killed")
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["shegong.intake.load"])

NO_SURROGATES = {
    "deliveries": "select file_name, size_bytes, content_hash, state, duplicate_of is not null from ops.delivery order by 1",
    "submissions": """select file_name, sheet_name, table_name, s.state, mode, report_date, sequence, version, layout, reason, rows_total,
        rows_accepted, rows_refused, due_at, is_late from ops.submission as s inner join ops.delivery using (delivery_id) order by 1, 2, 3""",
    "findings": """select file_name, f.sheet_name, row_number, rule_id, level, column_letter, value_shown from ops.finding as f
        inner join ops.submission using (submission_id) inner join ops.delivery using (delivery_id) order by 1, 2, 3, 4""",
    "refused": """select file_name, r.sheet_name, row_number, check_class from ops.refused_row as r
        inner join ops.submission using (submission_id) inner join ops.delivery using (delivery_id) order by 1, 2, 3""",
    "talent": """select file_name, to_jsonb(t) - '_submission_id' from staging.talent as t inner join ops.submission on submission_id = _submission_id
        inner join ops.delivery using (delivery_id) order by file_name, _row_number""",
    "vault": "select person_key, content_key from vault.person order by 1, 2",
}  # fmt: skip


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def files(ours) -> list[dict]:
    """Accepted, refused and doubled rows; a package with a sheet that is refused; the same content again; a nil report."""
    rows = [
        good("talent"),
        good("talent", id_no="33"),
        good("talent"),
        good("talent", id_no=ID_2, person_name="李华"),
    ]
    talent = as_csv("talent", *rows)
    package = as_workbook(
        sheet("funding", good("funding")),
        sheet("talent", good("talent"), headers=("id_no", "person_name")),
        sequence=2,
    )
    return [
        place(ours, csv_name("talent"), talent),
        place(ours, "合.xlsx", package),
        place(ours, "合 再.xlsx", package),
        place(ours, csv_name("nil", sequence=9), "数据表\r\nagency\r\n".encode()),
    ]


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


def tables(ledger: Ledger) -> dict[str, list[tuple]]:
    return {name: ledger.rows(query) for name, query in NO_SURROGATES.items()}


@pytest.fixture
def undisturbed(ours, files, ledger) -> tuple[dict, int]:
    """The tables of a run that nothing disturbs, and how many statements it takes."""
    statements = loading_child.load(ours, files, NOW)
    expected = tables(ledger)
    ledger.clear()
    return expected, statements


def test_killed_at_any_statement_and_run_again(ours, files, ledger, undisturbed, record_property) -> None:
    expected, statements = undisturbed
    assert expected["findings"] and expected["refused"] and expected["vault"] and expected["talent"]
    assert statements > 40
    record_property("points", statements)
    for kill_at in range(1, statements + 1):
        child = processes.Process(target=loading_child.load, args=(ours, files, NOW, kill_at))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL, kill_at
        loading_child.load(ours, files, NOW)
        assert tables(ledger) == expected, kill_at
        ledger.clear()


def test_two_loaders_at_the_same_files_take_each_once(ours, files, ledger, undisturbed) -> None:
    expected, _ = undisturbed
    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: loading_child.load(ours, files, NOW), range(2)))
        assert tables(ledger) == expected
        ledger.clear()


def test_a_dropped_connection_fails_the_batch_and_the_next_run_ends_it(ours, ledger) -> None:
    big = as_csv(
        "talent",
        *(
            good("talent", remark=f"第{n}行", effective_date=f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}")
            for n in range(60_000)
        ),
    )
    file = place(ours, csv_name("talent", sequence=7), big)
    with ThreadPoolExecutor(1) as pool, psycopg.connect(ledger._dsn, autocommit=True) as admin:
        loading = pool.submit(run.load_batch, ours, NOW, [file], Path)
        busy = "select pid from pg_stat_activity where usename = 'loader' and datname = current_database() and query ilike 'copy%'"
        while not (pids := admin.execute(busy).fetchall()) and not loading.done():
            pass
        assert pids, "the load was over before it could be cut off"
        admin.execute("select pg_terminate_backend(%s)", pids[0])
        error = loading.exception()
    assert isinstance(error, Exception)
    assert ledger.rows("select state from ops.delivery") == [("received",)]
    assert ledger.rows("select count(*) from staging.talent") == [(0,)]
    assert ledger.rows("select count(*) from ops.submission") == [(0,)]
    assert run.load_batch(ours, NOW, [file], Path) == 1
    assert ledger.rows("select state, rows_total from ops.submission") == [("staged", 60_000)]

"""The real scheduler, and real workers of tasks, killed in the middle of loading and of building: the chain ends as if nothing had been.

Two days of one unit's files through the DAGs of dags/ by LocalExecutor, as `shegong up` starts it.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest
from intake_files import UNIT, as_csv, csv_name, good

from shegong import reference_data
from shegong.runtime import airflow, demo, environment, lifecycle, postgres, processes
from shegong.runtime.airflow_api import Airflow

FILES, ROWS = 30, 400
# As in operation, but for the minutes that Airflow waits before it takes a killed process for dead.
IMPATIENT = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
}


@contextmanager
def silent(_text: str) -> Iterator:
    """A step that shows nothing."""
    yield lambda _news: None


class House:
    """A running Shegong, asked through its database and Airflow's API."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = lifecycle.up(home, silent)
        reference_data.load(self.env["SHEGONG_DSN_ADMIN"])
        self.api.wait_for_dags(set(demo.DAGS), timeout=120)
        for dag_id in demo.DAGS:
            self.api.unpause(dag_id)

    @property
    def api(self) -> Airflow:
        return airflow.client(self.env)

    def rows(self, query: str, *values: object) -> list[tuple]:
        server = postgres.connection(self.home)
        with psycopg.connect(server.superuser_dsn.removesuffix("/postgres") + "/shegong") as connection:
            return connection.execute(query, values).fetchall()

    def lay(self, day: date) -> None:
        """A day's files: communities, each of a code of its own."""
        folder = self.home / "counties" / UNIT / "submit"
        folder.mkdir(parents=True, exist_ok=True)
        for sequence in range(1, FILES + 1):
            number = day.day * 100 + sequence
            town = f"{UNIT}{number % 1000:03d}"
            rows = [
                good("community", community_code=f"{town}{n:03d}", township_code=town)
                for n in range(1, ROWS + 1)
            ]
            content = as_csv("community", *rows)
            (folder / csv_name("community", day=day, sequence=sequence)).write_bytes(content)

    def workers(self) -> list[int]:
        """The processes of tasks that run now: what the scheduler's session has beside itself and its idle workers."""
        scheduler = next(record for record in processes.records(self.home) if record.name == "scheduler")
        return [pid for pid in processes.members(scheduler) if pid not in self.idle]

    def note_idle(self) -> None:
        scheduler = next(record for record in processes.records(self.home) if record.name == "scheduler")
        self.idle = set(processes.members(scheduler))

    def kill_scheduler(self) -> None:
        """And start it again, as the runbook says."""
        scheduler = next(record for record in processes.records(self.home) if record.name == "scheduler")
        os.kill(scheduler.pid, signal.SIGKILL)
        os.waitpid(scheduler.pid, 0)
        self.env = lifecycle.up(self.home, silent)

    def kill_worker(self) -> None:
        killed = self.workers()
        assert killed, "no task runs"
        for pid in killed:
            os.kill(pid, signal.SIGKILL)

    def until(self, ready: Callable[[], bool], timeout: float = 180) -> None:
        deadline = time.monotonic() + timeout
        while not ready():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    def is_loading(self, day: date) -> bool:
        """Some of the day's files are taken, others are not."""
        query = "select count(*) from ops.submission where report_date = %s"
        return 0 < self.rows(query, day)[0][0] < FILES

    def is_building(self) -> bool:
        """dbt has made some of the candidate's tables, and makes another."""
        query = """
            select (select count(*) from pg_tables where schemaname = 'marts_next') between 5 and 40
                and exists (select from pg_stat_activity where application_name = 'shegong dbt' and state = 'active')
        """
        return self.rows(query)[0][0]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("killed") / "state"
    home.mkdir()
    port = f"AIRFLOW__API__PORT={postgres.free_port()}\n"  # another test may run beside
    environment.path(home).write_text(
        port + "".join(f"{name}={value}\n" for name, value in IMPATIENT.items())
    )
    try:
        yield House(home)
    finally:
        lifecycle.stop(home, silent)


def one_day(house: House, day: date, disturb: Callable[[], None]) -> None:
    """A day's files through the whole chain; disturbed in mid-load and in mid-build. All of it ends well."""
    house.lay(day)
    before = {dag_id: {run.run_id for run in house.api.runs(dag_id)} for dag_id in demo.CHAIN}
    house.note_idle()
    run_id = house.api.trigger("load_submissions", {"now": f"{day}T17:30:00+08:00"})
    house.until(lambda: house.is_loading(day))
    disturb()
    house.api.wait("load_submissions", run_id, 600)
    build = demo.wait_for_start(house.api, "build_marts", before["build_marts"])
    house.until(house.is_building)
    disturb()
    ended = house.api.wait("build_marts", build, 600)
    assert not ended.broken
    house.api.wait("send_alerts", demo.wait_for_start(house.api, "send_alerts", before["send_alerts"]), 300)


def expect_whole(house: House, day: date) -> None:
    """Nothing lost, nothing twice, nothing half, no alert of it."""
    query = """
        select count(*), count(distinct source_path), count(distinct receipt_path), array_agg(distinct s.state),
            sum(s.rows_total)
        from ops.delivery inner join ops.submission as s using (delivery_id) where s.report_date = %s
    """
    assert house.rows(query, day) == [(FILES, FILES, FILES, ["accepted"], FILES * ROWS)]
    staged = """
        select count(*) from staging.community inner join ops.submission on submission_id = _submission_id
        where report_date = %s
    """
    assert house.rows(staged, day) == [(FILES * ROWS,)]
    receipts = house.home / "counties" / UNIT / "receipts"
    assert len(list(receipts.glob(f"*D{day:%Y%m%d}*"))) == FILES
    assert not list(receipts.glob(".*"))
    noon = f"{day}T17:30:00+08:00"
    assert house.rows(
        "select count(*) from ops.publication where state = 'published' and as_of = %s", noon
    ) == [(1,)]
    assert house.rows("select count(*) from ops.publication where state in ('building', 'audited')") == [(0,)]
    shown = "select max(publication_id) from marts.mart_measures"
    assert house.rows(shown) == house.rows(
        "select max(publication_id) from ops.publication where state = 'published'"
    )
    assert house.rows(
        "select count(*) from ops.submission where built_by is null and state = 'accepted'"
    ) == [(0,)]
    assert house.rows("select cause from ops.incident where kind = 'task' and opened_at = %s", noon) == []
    mails = house.rows("select count(*), count(sent_at) from ops.outbox where created_at = %s", noon)
    assert mails == [(1, 1)]
    assert len(list((house.home / "outbox").glob(f"{day:%Y%m%d}_*.eml"))) == 1


@pytest.mark.slow_fault
@pytest.mark.fault("scheduler killed")
def test_the_scheduler_killed_in_mid_load_and_in_mid_build(house, record_property) -> None:
    record_property("points", 2)
    one_day(house, date(2026, 5, 6), house.kill_scheduler)
    expect_whole(house, date(2026, 5, 6))


@pytest.mark.slow_fault
@pytest.mark.fault("worker killed")
def test_a_tasks_worker_killed_in_mid_load_and_in_mid_build(house, record_property) -> None:
    record_property("points", 2)
    one_day(house, date(2026, 5, 7), house.kill_worker)
    expect_whole(house, date(2026, 5, 7))

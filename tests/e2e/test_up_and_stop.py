"""`shegong up`, a crash of each kind, `stop` and a second `up`, with real PostgreSQL and real Airflow."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from shegong.runtime import airflow, environment, lifecycle, postgres, processes
from shegong.runtime.airflow_api import RunFailed

DAG = """
from datetime import timedelta
from airflow.sdk import dag, get_current_context, task

@dag(schedule=None)
def greet():
    @task
    def say(word):
        context = get_current_context()
        if context["dag_run"].conf.get("fail") == word:
            raise ValueError("told to fail")
        if context["dag_run"].conf.get("sleep"):
            import time
            time.sleep(context["dag_run"].conf["sleep"])
    say.expand(word=["good", "morning"])

greet()
"""


@contextmanager
def silent(_text: str) -> Iterator:
    """A step that shows nothing."""
    yield lambda _news: None


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    clone = tmp_path_factory.mktemp("clone")
    (clone / "dags").mkdir()
    (clone / "dags" / "greet.py").write_text(DAG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "REPOSITORY", clone)
        patch.setattr(
            environment, "PREFERRED_AIRFLOW_PORT", postgres.free_port()
        )  # another test may run beside
        yield clone / "state"
        lifecycle.stop(clone / "state", silent)


@pytest.fixture(scope="module")
def env(home: Path) -> dict[str, str]:
    return lifecycle.up(home, silent)


@pytest.fixture(scope="module")
def client(env: dict[str, str]):
    api = airflow.client(env)
    api.wait_for_dags({"greet"}, timeout=60)
    api.unpause("greet")
    return api


def states(home: Path) -> dict[str, str]:
    return {part.name: part.state for part in lifecycle.status(home)}


def all_running(home: Path) -> bool:
    return set(states(home).values()) == {"running"}


def everything(home: Path) -> list[int]:
    """Every live process that has to do with this home, found by other means than `stop` uses."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and _belongs(pid, str(home))]


def _belongs(pid: int, home: str) -> bool:
    try:
        folder = str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return False
    return folder == home or folder.startswith(home + "/")


def test_all_parts_run_and_the_warehouse_answers_each_role(home: Path, env: dict[str, str]) -> None:
    assert all_running(home)
    assert (home / "env").stat().st_mode & 0o777 == 0o600
    for role in environment.passwords(env):
        with psycopg.connect(env[f"SHEGONG_DSN_{role.upper()}"]) as connection:
            assert connection.execute("select current_user").fetchone() == (role,)


def test_a_run_is_waited_for_with_its_tasks(client) -> None:
    seen = []
    run = client.wait("greet", client.trigger("greet", {}), timeout=120, progress=seen.append)
    assert {(task.name, task.state) for task in run.tasks} == {("say[0]", "success"), ("say[1]", "success")}
    assert seen[-1] == run
    assert run.run_id in [known.run_id for known in client.runs("greet")]


def test_a_failed_task_is_named_with_its_log(client) -> None:
    with pytest.raises(RunFailed, match=r"failed in: say\[1\]\.") as caught:
        client.wait("greet", client.trigger("greet", {"fail": "morning"}), timeout=120)
    log = client.log_path(caught.value.run, caught.value.run.broken[0])
    assert "told to fail" in log.read_text()
    assert str(log) in caught.value.mend


def test_a_run_that_takes_too_long_is_told(client) -> None:
    with pytest.raises(RunFailed, match="not done after 1 s"):
        client.wait("greet", client.trigger("greet", {"sleep": 5}), timeout=1)


def test_killed_parts_are_seen_and_started_again(home: Path, client) -> None:
    """The scheduler and the page killed amid a run: status tells, up mends, runs go again."""
    client.trigger("greet", {"sleep": 300})
    await_workers(home)
    records = {record.name: record for record in processes.records(home)}
    for name in ("scheduler", "api-server"):
        os.kill(records[name].pid, signal.SIGKILL)
    reap(records["scheduler"].pid, records["api-server"].pid)
    assert states(home)["scheduler"] == "died"
    assert next(part for part in lifecycle.status(home) if part.name == "scheduler").orphans > 0
    left = processes.members(records["scheduler"])
    env = lifecycle.up(home, silent)
    assert all_running(home)
    assert not set(left) & set(everything(home))
    again = airflow.client(env)
    again.wait("greet", again.trigger("greet", {}), timeout=120)


def test_stop_after_a_crash_of_everything_leaves_nothing_and_up_works_again(home: Path, client) -> None:
    client.trigger("greet", {"sleep": 300})
    await_workers(home)
    for record in processes.records(home):
        os.kill(record.pid, signal.SIGKILL)
    os.kill(postgres.main_process(home), signal.SIGKILL)
    lifecycle.stop(home, silent)
    assert everything(home) == []
    assert set(states(home).values()) == {"stopped"}
    lifecycle.up(home, silent)
    assert all_running(home)


def test_stop_ends_everything_that_runs_well(home: Path, env: dict[str, str]) -> None:
    lifecycle.up(home, silent)
    assert everything(home)
    assert set(lifecycle.stop(home, silent)) == {*airflow.PARTS, "postgresql"}
    assert everything(home) == []
    assert lifecycle.stop(home, silent) == []


def await_workers(home: Path, timeout: float = 60) -> None:
    """Until a task runs: the scheduler's session has a supervisor and its task beside the four workers."""
    deadline = time.monotonic() + timeout
    scheduler = next(record for record in processes.records(home) if record.name == "scheduler")
    while len(processes.members(scheduler)) < 7:
        assert time.monotonic() < deadline, "no task began"
        time.sleep(0.2)


def reap(*pids: int) -> None:
    """The parts are children of this very process here, and stay zombies until they are waited for."""
    for pid in pids:
        os.waitpid(pid, 0)

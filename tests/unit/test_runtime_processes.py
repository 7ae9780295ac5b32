"""Ending processes for sure, and never one that is not ours. Real processes, killed for real."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from shegong.runtime import processes

SLEEP = "import time; time.sleep(60)"
# A parent, a child in its session, and a grandchild that left it, as an orphaned task would.
FAMILY = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)
time.sleep(60)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


def launch(home: Path, code: str, name: str = "part") -> processes.Record:
    return processes.launch(name, [sys.executable, "-c", code], dict(os.environ), home)


def wait_for(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def nothing_stays(tmp_path: Path):
    yield
    processes.stop(tmp_path, processes.records(tmp_path), grace=0)


def test_orphans_of_a_killed_part_are_found_and_ended(tmp_path: Path) -> None:
    record = launch(tmp_path, FAMILY)
    wait_for(lambda: len(processes.members(record)) == 3)
    family = processes.members(record)
    os.kill(record.pid, signal.SIGKILL)
    os.waitpid(record.pid, 0)
    assert not processes.is_alive(record)
    assert sorted(processes.members(record)) == sorted(set(family) - {record.pid})
    assert processes.stop(tmp_path, [record]) == ["part"]
    assert processes.members(record) == []
    assert processes.records(tmp_path) == []


def test_one_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    record = launch(tmp_path, STUBBORN)
    wait_for(lambda: "ready" in processes.log_path(tmp_path, "part").read_text())
    processes.stop(tmp_path, [record], grace=0.3)
    assert not processes.is_alive(record)


def test_stop_again_and_stop_of_a_dead_part_do_nothing(tmp_path: Path) -> None:
    record = launch(tmp_path, "pass")
    os.waitpid(record.pid, 0)
    assert processes.stop(tmp_path, processes.records(tmp_path)) == []
    assert processes.stop(tmp_path, processes.records(tmp_path)) == []


@pytest.mark.parametrize("stranger", [{"started": 1}, {"boot": "another boot"}])
def test_a_recycled_pid_is_never_ended(tmp_path: Path, stranger: dict) -> None:
    """The record of an earlier process whose pid another program has now."""
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as other:
        stat = processes.read_stat(other.pid)
        ours = processes.Record("part", other.pid, stat.started, processes.boot_id(), "mark of ours")
        assert processes.is_alive(ours)
        earlier = replace(ours, **stranger)
        assert not processes.is_alive(earlier)
        assert processes.stop(tmp_path, [earlier], grace=0) == []
        assert processes.read_stat(other.pid).state != "Z"
        other.kill()


def test_records_outlive_the_process_that_wrote_them(tmp_path: Path) -> None:
    record = launch(tmp_path, SLEEP)
    assert processes.records(tmp_path) == [record]
    age = processes.started_at(record).timestamp() - time.time()
    assert abs(age) < 5


def test_a_name_with_spaces_and_brackets_is_read(tmp_path: Path) -> None:
    odd = tmp_path / "odd ) name"
    odd.symlink_to(sys.executable)
    with subprocess.Popen([odd, "-c", SLEEP]) as other:
        assert processes.read_stat(other.pid).session == os.getsid(0)
        other.kill()

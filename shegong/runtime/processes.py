"""Processes that outlive the command that started them: each in its own session, recorded, ended for sure.

Linux only (/proc). A process counts as ours when its session is the recorded one, or when it inherited the
record's mark; a recycled process id never does.
"""

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_MARK = "SHEGONG_PROCESS_MARK"


@dataclass(frozen=True)
class Record:
    """What home/run/<name>.json keeps of one started part. `started` is in clock ticks since boot."""

    name: str
    pid: int
    started: int
    boot: str
    mark: str


@dataclass(frozen=True)
class Stat:
    """One line of /proc/<pid>/stat: the state letter, the session and the start in ticks since boot."""

    state: str
    session: int
    started: int


def launch(name: str, command: list[str], env: Mapping[str, str], home: Path) -> Record:
    """Start a part in a session of its own, its output appended to home/logs/<name>.log, and record it."""
    mark = secrets.token_hex(16)
    (home / "logs").mkdir(parents=True, exist_ok=True)
    (home / "run").mkdir(parents=True, exist_ok=True)
    with log_path(home, name).open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=home,
            env={**env, _MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # it is meant to outlive us; Popen warns of a child that was not waited for
    stat = read_stat(process.pid)
    record = Record(name, process.pid, stat.started if stat else 0, boot_id(), mark)
    partial = home / "run" / f"{name}.json.part"
    partial.write_text(json.dumps(asdict(record)))
    partial.rename(home / "run" / f"{name}.json")
    return record


def records(home: Path) -> list[Record]:
    """All parts that were started and not yet stopped, dead or alive."""
    return [Record(**json.loads(path.read_text())) for path in sorted((home / "run").glob("*.json"))]


def log_path(home: Path, name: str) -> Path:
    """Where a part writes."""
    return home / "logs" / f"{name}.log"


def is_alive(record: Record) -> bool:
    """Whether the very process that was started is alive; its orphans don't count, see `members`."""
    stat = read_stat(record.pid)
    return (
        record.boot == boot_id() and stat is not None and stat.state != "Z" and stat.started == record.started
    )


def started_at(record: Record) -> datetime:
    """When a part was started, by the wall clock."""
    up = float(Path("/proc/uptime").read_text().split()[0])
    return datetime.now(UTC) - timedelta(seconds=up - record.started / os.sysconf("SC_CLK_TCK"))


def members(record: Record) -> list[int]:
    """Live processes of a part: its own, its children, and its orphans when it was killed."""
    if record.boot != boot_id():
        return []
    leader = read_stat(record.pid)
    recycled = leader is not None and leader.started != record.started
    found = []
    for pid in _pids():
        stat = read_stat(pid)
        if stat is None or stat.state == "Z":
            continue
        same_session = not recycled and stat.session == record.pid and stat.started >= record.started
        if same_session or (stat.started >= record.started and _has_mark(pid, record.mark)):
            found.append(pid)
    return found


def stop(home: Path, chosen: Iterable[Record], grace: float = 8) -> list[str]:
    """End all processes of the chosen parts, then forget them; may run again. Returns the names that ran."""
    chosen = list(chosen)
    alive = {record.name: members(record) for record in chosen}
    # Orphans of a killed part have nobody to report to: waiting for them to end well is in vain.
    orphans = [pid for record in chosen if not is_alive(record) for pid in alive[record.name]]
    end_all(orphans, min(grace, 1))
    end_all([pid for pids in alive.values() for pid in pids], grace)
    # A part may have started a child between the look and the signal.
    end_all([pid for record in chosen for pid in members(record)], 1)
    for record in chosen:
        (home / "run" / f"{record.name}.json").unlink(missing_ok=True)
    return [name for name, pids in alive.items() if pids]


def end_all(pids: Iterable[int], grace: float) -> None:
    """SIGTERM to each, then SIGKILL to what lives after `grace` seconds. A pid counts with its start time."""
    living = {pid: stat.started for pid in pids if pid != os.getpid() and (stat := read_stat(pid))}
    _signal(living, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while (living := _still(living)) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal(living, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while (living := _still(living)) and time.monotonic() < deadline:
        time.sleep(0.02)


def find_by_command(matches: Callable[[list[str]], bool]) -> list[int]:
    """Live processes whose command line, as words, matches; a title that a program set is one word."""
    found = []
    for pid in _pids():
        words = _read(Path(f"/proc/{pid}/cmdline")).decode(errors="replace").rstrip("\0").split("\0")
        if words != [""] and matches(words):
            found.append(pid)
    return found


def read_stat(pid: int) -> Stat | None:
    """State, session and start of a process, None when there is none."""
    # The name stands in parentheses and may hold anything, so the fields are counted from the last one.
    fields = _read(Path(f"/proc/{pid}/stat")).decode(errors="replace").rpartition(")")[2].split()
    return Stat(fields[0], int(fields[3]), int(fields[19])) if fields else None


def boot_id() -> str:
    """Changes with every boot of the machine: process ids of an earlier one mean nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _has_mark(pid: int, mark: str) -> bool:
    return f"{_MARK}={mark}".encode() in _read(Path(f"/proc/{pid}/environ"))


def _read(path: Path) -> bytes:
    """Empty when the process ended meanwhile or belongs to somebody else."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return b""


def _still(living: Mapping[int, int]) -> dict[int, int]:
    stats = {pid: read_stat(pid) for pid in living}
    return {
        p: living[p] for p, stat in stats.items() if stat and stat.state != "Z" and stat.started == living[p]
    }


def _signal(living: Mapping[int, int], number: signal.Signals) -> None:
    for pid in _still(living):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue

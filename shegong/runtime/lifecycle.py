"""What `shegong up`, `stop` and `status` do: PostgreSQL, its two databases, Airflow, and back."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from shegong.errors import ShegongError
from shegong.runtime import airflow, databases, environment, postgres, processes

MIB_NEEDED = 2000  # the demo's week: database 1 GiB with its log, files and Airflow's logs
Step = Callable[[str], AbstractContextManager[Callable[[str], None]]]


@dataclass(frozen=True)
class Part:
    """One line of `shegong status`. `pid` is None when it does not run; orphans outlived a killed part."""

    name: str
    state: str
    pid: int | None
    port: int | None
    orphans: int
    log: str
    last_error: str | None


def up(home: Path, step: Step) -> dict[str, str]:
    """Start what does not run, making all of it on the first call; returns the environment. May run again.

    `step(text)` is a context manager around each stage that gives a function for news of it.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    _require_space(home)
    with locked(home):
        with step("PostgreSQL 18") as news:
            server = postgres.start(home)
            news(f"{server.host}:{server.port}")
        env = environment.prepare(home, server)
        with step("the warehouse's roles, schemas and tables"):
            databases.make_warehouse(server.superuser_dsn, environment.passwords(env))
        with step("Airflow's database") as news:
            databases.make_airflow(server.superuser_dsn, env["SHEGONG_AIRFLOW_DATABASE_PASSWORD"])
            news("made" if airflow.migrate(home, env, server.superuser_dsn) else "is up to date")
        with step("Airflow") as news:
            airflow.start(home, env)
            airflow.wait_until_healthy(home, env, lambda waiting: news(f"waiting for {waiting}"))
            news(environment.airflow_url(env))
    return env


def stop(home: Path, step: Step) -> list[str]:
    """End every process that `up` started, in whatever state it is; returns the names of those that ran."""
    home = home.resolve()
    if not home.exists():
        return []
    with locked(home):
        ended = []
        with step("Airflow"):
            ended += processes.stop(home, processes.records(home))
        with step("PostgreSQL"):
            ended += ["postgresql"] if postgres.stop(home) else []
    return ended


def status(home: Path) -> list[Part]:
    """Each part, whether it runs and answers, and the last error of its log."""
    home = home.resolve()
    env = environment.read(home)
    return [_postgres_part(home), *(_airflow_part(home, env, name) for name in airflow.PARTS)]


def as_json(parts: list[Part]) -> list[dict[str, object]]:
    """For `shegong status --json`."""
    return [asdict(part) for part in parts]


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Only one `up` or `stop` at a time. The lock ends with its process, however that ends."""
    (home / "run").mkdir(parents=True, exist_ok=True)
    with (home / "run" / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ShegongError(
                f"Another `shegong up` or `stop` is at work in {home}.", "Wait until it has ended."
            ) from error
        yield


def _postgres_part(home: Path) -> Part:
    log, running = home / "postgres" / "log", postgres.is_running(home)
    port = home / "postgres" / "port"
    state = "stopped"
    if running:
        server = postgres.connection(home)
        try:
            psycopg.connect(server.superuser_dsn, connect_timeout=3).close()
            state = "running"
        except psycopg.OperationalError:
            state = "does not answer"
    pids = postgres.main_process(home)
    newest = (
        max(log.glob("*.log"), key=lambda path: path.stat().st_mtime, default=log) if log.exists() else log
    )
    number = int(port.read_text()) if port.exists() else None
    return Part("postgresql", state, pids, number, 0, str(newest), last_error(newest, ("FATAL:", "PANIC:")))


def _airflow_part(home: Path, env: dict[str, str], name: str) -> Part:
    record = next((record for record in processes.records(home) if record.name == name), None)
    log = processes.log_path(home, name)
    port = int(env["AIRFLOW__API__PORT"]) if env and name == "api-server" else None
    if record is None:
        return Part(name, "stopped", None, port, 0, str(log), None)
    error = last_error(log, ("[error", "[critical", "Error:"))
    if not processes.is_alive(record):
        return Part(name, "died", None, port, len(processes.members(record)), str(log), error)
    state = "does not answer" if name in airflow.unhealthy(home, env) else "running"
    return Part(name, state, record.pid, port, 0, str(log), error)


def last_error(log: Path, marks: tuple[str, ...]) -> str | None:
    """The last line of a log that holds one of the marks, from its last 100 KiB."""
    if not log.is_file():
        return None
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 100 * 2**10))
        lines = file.read().decode(errors="replace").splitlines()
    return next((line.strip()[:300] for line in reversed(lines) if any(mark in line for mark in marks)), None)


def _require_space(home: Path) -> None:
    free = shutil.disk_usage(home).free // 2**20
    if free < MIB_NEEDED and not postgres.is_running(home):
        raise ShegongError(
            f"The disk of {home} has {free} MiB left, the demo needs {MIB_NEEDED}.", "Free space there."
        )

"""Airflow's three processes of a demo: database made, parts started, waited for until they answer.

No triggerer: nothing in dags/ defers. Production has one, see docker-compose.yml.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from shegong.errors import ShegongError
from shegong.runtime import databases, environment, processes
from shegong.runtime.airflow_api import Airflow, ApiError
from shegong.runtime.postgres import is_free

PARTS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),  # the page reads the logs from the same disk
    "dag-processor": ("dag-processor",),
}
HEALTH_NAMES = {"scheduler": "scheduler", "dag-processor": "dag_processor"}


def client(env: Mapping[str, str]) -> Airflow:
    """The API of the demo's Airflow, logged in as its administrator."""
    return Airflow(
        environment.airflow_url(dict(env)),
        environment.AIRFLOW_USER,
        env["SHEGONG_AIRFLOW_PASSWORD"],
        Path(env["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]),
    )


def migrate(home: Path, env: Mapping[str, str], superuser_dsn: str) -> bool:
    """Bring Airflow's tables to its release, once a release: it takes 15 s. Returns whether it had to."""
    done = f"tables of Airflow {version('apache-airflow-core')}"
    database = databases.AIRFLOW
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        query = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
        if (row := connection.execute(query, [database]).fetchone()) and row[0] == done:
            return False
        log = processes.log_path(home, "migrate")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            ended = subprocess.run(
                [*_airflow(), "db", "migrate"],
                env=child_environment(env),
                stdout=output,
                stderr=output,
                cwd=home,
            )
        if ended.returncode != 0:
            raise ShegongError(f"Airflow's database could not be made: {tail(log)}", f"The whole log: {log}")
        comment = sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(done))
        connection.execute(comment)
    return True


def start(home: Path, env: Mapping[str, str]) -> list[str]:
    """Start the parts that are not alive, ending what a killed one left behind. Returns the names started."""
    records = {record.name: record for record in processes.records(home)}
    dead = [name for name in PARTS if name not in records or not processes.is_alive(records[name])]
    processes.stop(home, [records[name] for name in dead if name in records])
    if "api-server" in dead:
        _require_port(home, int(env["AIRFLOW__API__PORT"]))
    for name in dead:
        processes.launch(name, [*_airflow(), *PARTS[name]], child_environment(env), home)
    return dead


def wait_until_healthy(
    home: Path, env: Mapping[str, str], progress: Callable[[str], None], timeout: float = 180
) -> None:
    """Wait until the page answers and the others' hearts have beaten since they were started.

    Raises ShegongError with the end of the log of a part that died, or the names of those not ready in time.
    """
    deadline = time.monotonic() + timeout
    while waiting := unhealthy(home, env):
        for record in processes.records(home):
            if record.name in PARTS and not processes.is_alive(record):
                log = processes.log_path(home, record.name)
                raise ShegongError(f"Airflow's {record.name} ended: {tail(log)}", f"The whole log: {log}")
        if time.monotonic() > deadline:
            names = ", ".join(waiting)
            raise ShegongError(
                f"Not ready after {timeout:.0f} s: {names}.", f"See the logs in {home / 'logs'}."
            )
        progress(", ".join(waiting))
        time.sleep(0.5)


def unhealthy(home: Path, env: Mapping[str, str]) -> list[str]:
    """The parts that do not answer or whose heart stands still; a beat before the start does not count."""
    alive = {record.name: record for record in processes.records(home) if processes.is_alive(record)}
    missing = [name for name in PARTS if name not in alive]
    try:
        health = client(env).health()
    except (OSError, ApiError):
        return list(PARTS)
    for name, key in HEALTH_NAMES.items():
        beat = health[key].get(f"latest_{key}_heartbeat")
        began = processes.started_at(alive[name]) if name in alive else datetime.now(UTC)
        fresh = beat is not None and datetime.fromisoformat(beat) > began - timedelta(seconds=1)
        if name in alive and not (fresh and health[key]["status"] == "healthy"):
            missing.append(name)
    return missing


def child_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The caller's and the demo's; AIRFLOW__ variables of the caller would change the demo: left out."""
    caller = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__")}
    return caller | dict(env)


def tail(log: Path, lines: int = 3) -> str:
    """The last lines of a log that say something, on one line."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return (
        " | ".join([line.strip() for line in text.splitlines() if line.strip()][-lines:])
        or "its log is empty"
    )


def _airflow() -> list[str]:
    return [sys.executable, "-m", "airflow"]


def _require_port(home: Path, port: int) -> None:
    if not is_free(port):
        raise ShegongError(
            f"Port {port} of Airflow's page is taken by another program.",
            f"End it (ss -ltnp 'sport = {port}' names it), or delete the line AIRFLOW__API__PORT in "
            f"{environment.path(home)} to have another port chosen.",
        )

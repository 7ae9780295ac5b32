"""dbt's part of a run: core's versions, then the candidate marts, each one `dbt build` in this process.

What is published, and whether it may be, is decided in audit.py and publish.py. Every stage may run again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from dbt.cli.main import dbtRunner, dbtRunnerResult
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb

from shegong import contract, punctuality
from shegong.calendar import local_day
from shegong.database import OWNER, connect
from shegong.errors import ShegongError
from shegong.settings import Settings
from shegong.stage_time import note_stage

PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"
MARTS = "marts_next"
CORE_NODES = ("path:models/staging", "path:models/core")
MART_NODES = ("path:models/marts",)
# Vars that only a node's SQL asks for; all others decide where a node stands or what it is (macros/schemas.sql).
_OF_THE_DAY = ("as_of", "publication_id", "refill")
FAILED = ("error", "fail", "runtime error", "skipped", "partial success")


def begin(settings: Settings, now: datetime) -> int:
    """Open a publication as of `now` and return its id. What earlier runs left unfinished is abandoned.

    Run again: a new publication.
    """
    with connect(settings.dsn["transformer"]) as connection:
        connection.execute("update ops.publication set state = 'abandoned' where state = 'building'")
        versions = {c.table: c.version for c in contract.load(on=local_day(now)).values()}
        row = connection.execute(
            "insert into ops.publication (state, as_of, git_sha, manifest_hash, contract_versions)"
            " values ('building', %s, %s, %s, %s) returning publication_id",
            [now, git_sha(settings), project_hash(), Jsonb(versions)],
        ).fetchone()
        return row[0]


def build_core(settings: Settings, now: datetime, publication_id: int, refill: bool = False) -> int:
    """Bring the staging views and core up to date; returns the number of submissions that came in.

    Builds the keys that new or replaced submissions touch; `refill` builds all keys anew in place.
    Submissions count as built only when every node succeeded: a run that broke is made good by the next.
    Raises ShegongError that names the nodes that failed.
    """
    started = time.monotonic()
    with connect(settings.dsn["transformer"]) as connection:
        _open_schemas(connection)
        # Those accepted while dbt runs wait for the next build.
        query = "select submission_id from ops.accepted_submission where built_by is null order by 1"
        new = [row[0] for row in connection.execute(query)]
    rows = _build(settings, now, publication_id, "core", CORE_NODES, refill=refill)
    with connect(settings.dsn["transformer"]) as connection:
        mark = "update ops.submission set built_by = %s where submission_id = any(%s)"
        connection.execute(mark, [publication_id, new])
        _write_inputs(connection, publication_id)
        _write_time(connection, now, "core", started, rows)
    return len(new)


def build_marts(settings: Settings, now: datetime, publication_id: int) -> dict[str, int]:
    """Build and test the candidate in a fresh marts_next; returns the rows of each table.

    Run again: the candidate is dropped and built anew. Raises ShegongError that names the nodes that failed.
    """
    started = time.monotonic()
    with connect(settings.dsn["transformer"]) as connection:
        punctuality.note(connection, now)
        _renew_candidate(connection)
    _build(settings, now, publication_id, "marts", MART_NODES)
    with connect(settings.dsn["transformer"]) as connection:
        counts = _count_rows(connection)
        connection.execute(
            "update ops.publication set row_counts = %s where publication_id = %s",
            [Jsonb(counts), publication_id],
        )
        _write_time(connection, now, "marts", started, sum(counts.values()))
    return counts


def git_sha(settings: Settings) -> str | None:
    """The commit of the code that builds; None where the code is no clone and no setting says it."""
    if settings.git_sha:
        return settings.git_sha
    if not (git := shutil.which("git")):
        return None
    answer = subprocess.run(
        [git, "-C", PROJECT, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else None


def project_hash() -> str:
    """SHA-256 over the dbt project's files: two publications of one hash were made by the same SQL."""
    digest = hashlib.sha256()
    for path in sorted(p for p in PROJECT.rglob("*") if p.suffix in (".sql", ".yml", ".md")):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def invoke(settings: Settings, arguments: Sequence[str], values: dict[str, object]) -> list:
    """Run one dbt command in this process and return the results of its nodes, failed ones included.

    dbt keeps its adapters in the process: never two at a time. Raises ShegongError when it could not start.
    """
    return list(answer(settings, arguments, values).result.results)


def answer(settings: Settings, arguments: Sequence[str], values: dict[str, object]) -> dbtRunnerResult:
    """The same for any command, with all that dbt answers; its files are in target_folder().

    dbt reads all its files anew when a var differs from the last time, a quarter of a usual day's build. So they are
    read without the values of the day, which only the SQL that is made of them needs.
    """
    shape = {name: value for name, value in values.items() if name not in _OF_THE_DAY}
    target = target_folder(settings, is_apart=bool(shape))
    places = [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target), "--log-path", str(settings.home / "dbt" / "logs")),
        *("--log-level", "warn", "--log-level-file", "info", "--no-use-colors"),
    ]
    with _environment(settings):
        project = _told(dbtRunner(), ["parse", *places, "--vars", json.dumps(shape)]).result
        return _told(dbtRunner(manifest=project), [*arguments, *places, "--vars", json.dumps(values)])


def _told(runner: dbtRunner, command: list[str]) -> dbtRunnerResult:
    told = runner.invoke(command)
    if told.exception is not None:
        raise ShegongError(
            f"dbt could not run: {told.exception}", "Its log is logs/dbt.log beside its target."
        )
    return told


def target_folder(settings: Settings, *, is_apart: bool = False) -> Path:
    """Where dbt leaves what it read, compiled and generated; `is_apart`: of a project in another shape than a build's."""
    return settings.home / "dbt" / ("target_apart" if is_apart else "target")


def _build(
    settings: Settings,
    now: datetime,
    publication_id: int,
    stage: str,
    nodes: Sequence[str],
    refill: bool = False,
) -> int:
    """One `dbt build`; writes ops.dbt_node and returns the rows that the models wrote."""
    values = {"as_of": local_day(now).isoformat(), "publication_id": publication_id, "refill": refill}
    # A test runs in the stage that has built all that it reads.
    selection = ("--indirect-selection", "buildable", "--exclude-resource-type", "unit_test")
    arguments = ["build", *selection, "--select", *nodes]
    results = invoke(settings, arguments, values)
    with connect(settings.dsn["transformer"]) as connection:
        _write_nodes(connection, publication_id, stage, results)
    failed = [r for r in results if str(r.status) in FAILED]
    if failed:
        causes = "; ".join(
            f"{r.node.name}: {r.message or r.status}" for r in failed if str(r.status) != "skipped"
        )
        raise ShegongError(f"dbt {stage}: {causes}", "ops.dbt_node has every node of this run.")
    return sum(int((r.adapter_response or {}).get("rows_affected", 0)) for r in results)


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """dbt reads its connection from the environment; the password's prefix keeps it out of dbt's logs."""
    address = conninfo_to_dict(settings.dsn["transformer"])
    values = {
        "DBT_HOST": address["host"],
        "DBT_PORT": str(address.get("port", 5432)),
        "DBT_NAME": address["dbname"],
        "DBT_USER": address["user"],
        "DBT_ENV_SECRET_PASSWORD": address["password"],
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _act_as_owner(connection: psycopg.Connection) -> None:
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(OWNER)))


def _open_schemas(connection: psycopg.Connection) -> None:
    """The auditor reads all of core, the register the known rows (granted by dbt)."""
    _act_as_owner(connection)
    connection.execute("grant usage on schema core to loader, auditor")
    connection.execute("alter default privileges in schema core grant select on tables to auditor")
    connection.execute("reset role")


def _renew_candidate(connection: psycopg.Connection) -> None:
    _act_as_owner(connection)
    name = sql.Identifier(MARTS)
    connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
    connection.execute(sql.SQL("create schema {}").format(name))
    connection.execute(sql.SQL("grant usage on schema {} to auditor").format(name))
    connection.execute(
        sql.SQL("alter default privileges in schema {} grant select on tables to auditor").format(name)
    )
    connection.execute("reset role")


def _count_rows(connection: psycopg.Connection) -> dict[str, int]:
    _act_as_owner(connection)
    query = "select tablename from pg_tables where schemaname = %s order by 1"
    tables = [row[0] for row in connection.execute(query, [MARTS])]
    count = sql.SQL("select count(*) from {}")
    counts = {t: connection.execute(count.format(sql.Identifier(MARTS, t))).fetchone()[0] for t in tables}
    connection.execute("reset role")
    return counts


def _write_nodes(connection: psycopg.Connection, publication_id: int, stage: str, results: list) -> None:
    rows = [
        [publication_id, stage, r.node.unique_id, str(r.status), round(r.execution_time, 3), r.message]
        for r in results
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.dbt_node (publication_id, stage, node_id, status, seconds, message)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (publication_id, stage, node_id) do update"
            " set status = excluded.status, seconds = excluded.seconds, message = excluded.message",
            rows,
        )


def _write_inputs(connection: psycopg.Connection, publication_id: int) -> None:
    connection.execute(
        "update ops.publication set input_submissions = (select coalesce(array_agg(submission_id"
        " order by submission_id), '{}') from ops.submission where built_by = %s) where publication_id = %s",
        [publication_id, publication_id],
    )


def _write_time(connection: psycopg.Connection, now: datetime, stage: str, started: float, rows: int) -> None:
    note_stage(connection, now, stage, time.monotonic() - started, rows=rows)

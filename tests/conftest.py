"""One throwaway PostgreSQL for the whole test run, and a fresh migrated database for each module."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from shegong import database as warehouse
from shegong.runtime import postgres
from shegong.settings import ROLES

pytest_plugins = ["fault_matrix"]

TEMPLATE = "warehouse_template"
# Tests lose nothing by a power cut, and several suites may share the machine.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


@dataclass(frozen=True)
class Database:
    """A migrated, empty warehouse; `dsn` has an address for each role."""

    name: str
    superuser_dsn: str
    dsn: dict[str, str]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this test run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def server(shared: Path, worker_id: str) -> Iterator[postgres.Server]:
    """The server of this test run. pytest-xdist's workers share it; the last to leave stops it."""
    home, users = shared / "server", shared / "server_users"
    with _locked(shared / "server.lock"):
        running = postgres.start(home, preferred_port=0, settings=FAST)
        users.mkdir(exist_ok=True)
        (users / worker_id).touch()
    yield running
    with _locked(shared / "server.lock"):
        (users / worker_id).unlink()
        if not any(users.iterdir()):
            postgres.stop(home)


@pytest.fixture(scope="session")
def passwords(server: postgres.Server, shared: Path) -> dict[str, str]:
    """The roles' passwords on this server, with the migrated template made at the first call."""
    words = {role: f"{role}-in-tests" for role in ROLES}
    with _locked(shared / "template.lock"):
        if not (shared / "template_made").exists():
            _execute(server.superuser_dsn, sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
            warehouse.create(_address(server, TEMPLATE), words)
            (shared / "template_made").touch()
    return words


@pytest.fixture(scope="module")
def database(server: postgres.Server, passwords: dict[str, str], shared: Path) -> Iterator[Database]:
    """A fresh warehouse for this module, dropped afterwards."""
    with _copied(server, passwords, shared, TEMPLATE) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def copy_of(
    server: postgres.Server, passwords: dict[str, str], shared: Path
) -> Callable[[Database], AbstractContextManager[Database]]:
    """Makes a copy of a warehouse as it stands, for what should not touch it. Nobody may be connected to it."""
    return lambda original: _copied(server, passwords, shared, original.name)


@pytest.fixture(scope="session")
def worker_id() -> str:
    """pytest-xdist's name of this process; "master" without it."""
    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@contextmanager
def _copied(
    server: postgres.Server, passwords: dict[str, str], shared: Path, original: str
) -> Iterator[Database]:
    name = sql.Identifier(title := f"test_{secrets.token_hex(6)}")
    # Copying a template needs that nobody else uses it, another copier included.
    with _locked(shared / "template.lock"):
        command = sql.SQL("create database {} template {}").format(name, sql.Identifier(original))
        _execute(server.superuser_dsn, command)
        _copy_grants(server, original, title)
    dsn = {role: server.dsn(title, role, word) for role, word in passwords.items()}
    yield Database(title, _address(server, title), dsn)
    _execute(server.superuser_dsn, sql.SQL("drop database {} with (force)").format(name))


def _address(server: postgres.Server, name: str) -> str:
    return server.superuser_dsn.removesuffix("/postgres") + f"/{name}"


def _copy_grants(server: postgres.Server, original: str, name: str) -> None:
    """CREATE DATABASE copies what is in the template but not the rights on the database itself."""
    query = (
        "update pg_database as copy set datacl = template.datacl from pg_database as template"
        " where template.datname = %s and copy.datname = %s"
    )
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute(query, [original, name])


def _execute(dsn: str, command: sql.Composable) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(command)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

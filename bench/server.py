"""A server of our own for the time of a run, with one fresh warehouse per contender."""

import base64
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from shegong import database, reference_data
from shegong.runtime import postgres
from shegong.settings import ROLES


@contextmanager
def running() -> Iterator["Warehouses"]:
    """An embedded PostgreSQL with the settings of the demo, in a temporary folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="shegong-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        try:
            yield Warehouses(home, postgres.start(home, preferred_port=0))
        finally:
            postgres.stop(home)


class Warehouses:
    """Makes databases. `environment` of one is what a child process needs to load shegong's settings."""

    def __init__(self, home: Path, server: postgres.Server) -> None:
        self.home, self._server = home, server
        self._password, self._key = (
            secrets.token_urlsafe(12),
            base64.b64encode(secrets.token_bytes(32)).decode(),
        )

    def fresh(self, name: str) -> dict[str, str]:
        """A database with roles, schemas, tables and reference data; nothing in it yet."""
        dsn = self.empty(name)["BENCH_DSN"]
        database.create(dsn, dict.fromkeys(ROLES, self._password))
        environment = {
            f"SHEGONG_DSN_{role.upper()}": self._server.dsn(name, role, self._password) for role in ROLES
        }
        reference_data.load(environment["SHEGONG_DSN_ADMIN"])
        places = {place: (self.home / name / place).as_uri() for place in ("counties", "archive", "outbox")}
        environment |= {f"SHEGONG_{place.upper()}_URL": url for place, url in places.items()}
        keys = dict.fromkeys(("SHEGONG_PERSON_KEY", "SHEGONG_VAULT_KEY", "SHEGONG_ARCHIVE_KEY"), self._key)
        return environment | keys | {"SHEGONG_HOME": str(self.home), "BENCH_DSN": dsn}

    def cpu_seconds(self) -> float:
        """What the server has worked so far, its finished sessions included."""
        postmaster = int((self.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        tick, total = os.sysconf("SC_CLK_TCK"), 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # a process that ended meanwhile is its parent's time
                state = stat.read_text().rpartition(")")[2].split()
                if postmaster in (int(stat.parent.name), int(state[1])):
                    total += sum(map(int, state[11:15]))
        return total / tick

    def empty(self, name: str) -> dict[str, str]:
        """A database with nothing in it, after a checkpoint: no contender pays for another's writes."""
        with psycopg.connect(self._server.superuser_dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            connection.execute("checkpoint")
        base = self._server.superuser_dsn.rsplit("/", 1)[0]
        return {"BENCH_DSN": f"{base}/{name}", "BENCH_FOLDER": str(self.home)}

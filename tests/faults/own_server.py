"""A PostgreSQL of a test's own, made and configured as `shegong up` does, that the test may kill or starve."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from shegong.runtime import databases, postgres
from shegong.settings import ROLES


@dataclass(frozen=True)
class OwnServer:
    """A migrated, empty warehouse; `dsn` has an address for each role, which outlives restarts."""

    home: Path
    superuser_dsn: str
    dsn: dict[str, str]

    def kill(self) -> None:
        """SIGKILL to the main process; its children end by themselves when they notice, in mid-statement or after it."""
        os.kill(postgres.main_process(self.home), signal.SIGKILL)

    def start(self) -> None:
        """What `shegong up` does for it: ends what a killed one left behind, and recovers."""
        postgres.start(self.home, settings=LEAN)

    def wait(self) -> None:
        """Until it takes connections again: of its own accord, after one of its processes was killed."""
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.superuser_dsn, connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < until, "it did not recover"
                time.sleep(0.05)


# fsync and full_page_writes stay as they are in operation: recovery is what is tested.
LEAN = {"shared_buffers": "128MB", "min_wal_size": "32MB"}


@contextmanager
def own_server(home: Path) -> Iterator[OwnServer]:
    """Started and made; stopped in whatever state it is."""
    words = {role: f"{role}-in-tests" for role in ROLES}
    try:
        server = postgres.start(home, preferred_port=0, settings=LEAN)
        databases.make_warehouse(server.superuser_dsn, words)
        address = server.superuser_dsn.removesuffix("/postgres") + f"/{databases.WAREHOUSE}"
        dsn = {role: server.dsn(databases.WAREHOUSE, role, word) for role, word in words.items()}
        yield OwnServer(home, address, dsn)
    finally:
        postgres.stop(home)

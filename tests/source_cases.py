"""What tests of all kinds of sources share: a source in the ledger, a run as the DAG makes it, and what it left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from intake_files import NOW, UNIT, as_csv, csv_name, good
from upath import UPath

from shegong.intake import receipts, run, sources
from shegong.intake.places.place import Access
from shegong.intake.places.reach import Reach

COLUMNS = ("source_name", "kind", "unit_code", "address", "connection_id", "receipts_address")
TALENT = as_csv("talent", good("talent"))
NAME = csv_name("talent")


class Case:
    """A warehouse with sources; `access` is what Airflow's connections would give."""

    def __init__(self, ours, ledger, access: Callable[[str], Access] | None = None) -> None:
        self.ours, self.ledger = ours, ledger
        self.access = access or (lambda connection_id: Access())
        self.now: datetime = NOW
        self._archived = self._archive()

    def add(
        self, name: str, kind: str, address: str, receipts_address: str | None = None, unit: str | None = UNIT
    ) -> None:
        values = [name, kind, unit, address, None if kind == "folder" else "tests", receipts_address]
        self.ledger.rows(
            f"insert into reference.source ({', '.join(COLUMNS)}) values (%s, %s, %s, %s, %s, %s)", *values
        )

    def find(self, settle: float = 0) -> list[sources.Found]:
        with (
            psycopg.connect(self.ours.dsn["loader"]) as connection,
            Reach(self.ours, connection, UPath, self.access) as reach,
        ):
            return sources.find(reach, connection, self.now, settle)

    def load(self, found: list[sources.Found]) -> None:
        for batch in sources.batches(found, 80):
            run.load_batch(self.ours, self.now, batch, UPath, self.access)

    def run(self, settle: float = 0) -> list[sources.Found]:
        """One run of the main job as far as sources go, half an hour after the last; what it found."""
        self.now += timedelta(minutes=30)
        found = self.find(settle)
        self.load(found)
        return found

    def answer(self) -> int:
        return receipts.write_all(
            self.ours, self.now, receipts.touched(self.ours, self.now), access=self.access
        )

    def taken(self) -> list[str]:
        """Names of what was read, each as often as it was."""
        query = "select file_name from ops.delivery where state <> 'received' order by file_name"
        return [name for (name,) in self.ledger.rows(query)]

    def open_incidents(self) -> list[str]:
        query = "select cause from ops.incident where state <> 'resolved' order by cause"
        return [cause for (cause,) in self.ledger.rows(query)]

    def said(self) -> str:
        return str(
            self.ledger.rows("select title, details, area_code from ops.incident order by incident_id")
        )

    def unread_archive(self) -> list[str]:
        """Files of the archive that no delivery names: what a broken transfer would leave."""
        known = {h for (h,) in self.ledger.rows("select content_hash from ops.delivery")}
        return sorted(self._archive() - known - self._archived)

    def _archive(self) -> set[str]:
        paths = Path(self.ours.archive_url).rglob("*")
        return {path.name for path in paths if path.is_file() and "receipts" not in path.parts}

    def with_settings(self, **more: object) -> "Case":
        case = Case(replace(self.ours, **more), self.ledger, self.access)
        case.now = self.now
        return case

    def clear(self) -> None:
        self.ledger.clear()
        self.ledger.rows(
            "truncate reference.source, ops.incident, ops.outbox, ops.unsettled_file, ops.source_look cascade"
        )

"""One task's share of intake: a batch of files, each taken whole, and the time that it cost."""

import logging
import os
import time
import traceback
from collections.abc import Callable
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import psycopg

from shegong.archive import Archive
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.intake import source_reports
from shegong.intake.load import Loader
from shegong.intake.places.place import COUNTIES, TRANSIENT, FileChanged, SourceError
from shegong.intake.places.reach import Reach, no_access
from shegong.settings import Settings
from shegong.stage_time import note_stage

log = logging.getLogger(__name__)
PACKAGE = Path(__file__).resolve().parents[1]


def load_batch(
    settings: Settings, now: datetime, batch: list[dict], path: Callable, access: Callable = no_access
) -> int:
    """Take every file of the batch; the number taken. `path` makes a pathlib-like path of an address, `access` gives
    the login of a connection's id.

    A file that raises stops nothing: the others are taken, then ShegongError is raised, so that the task is retried
    and finds only what is left to do. A source that breaks is an incident of its own and no failure of the task: the
    rest of its files wait for the next run.
    """
    failed: list[str] = []
    begun = time.monotonic()
    with connect(settings.dsn["loader"]) as connection:
        connection.autocommit = True
        loader = Loader(settings, connection, Archive(path(settings.archive_url), settings.archive_key), now)
        with Reach(settings, connection, path, access) as reach:
            taking = _Taking(loader, reach, path)
            for number, file in enumerate(batch, start=1):
                try:
                    taking.take(file)
                except Exception as error:  # noqa: BLE001 told here, and raised at the end
                    failed.append(without_content(error))
                    log.error(
                        "file %d of %d, of unit %s, was not taken: %s",
                        number,
                        len(batch),
                        file["unit_code"],
                        failed[-1],
                    )
                if number % 20 == 0 or number == len(batch):
                    log.info("%d of %d files", number, len(batch))
            taking.report(now)
        rows = connection.execute(
            "select coalesce(sum(rows_total), 0) from ops.submission inner join ops.delivery using (delivery_id) where source_path = any(%s)",
            [[file["path"] for file in batch]],
        ).fetchone()[0]
        note_stage(
            connection,
            now,
            "load",
            time.monotonic() - begun,
            part=batch[0]["unit_code"],
            files=len(batch),
            rows=rows,
        )
    if failed:
        raise ShegongError(
            f"{len(failed)} of {len(batch)} files were not taken: {failed[0]}", "They are tried again."
        )
    return len(batch)


class _Taking:
    """Takes files from their sources and remembers which sources broke."""

    def __init__(self, loader: Loader, reach: Reach, path: Callable) -> None:
        self._loader, self._reach, self._path = loader, reach, path
        self._broken: dict[str, SourceError] = {}
        self._used: set[str] = set()

    def take(self, file: dict) -> None:
        """Load one file, or leave it for the next run where its source is at fault."""
        source = file.get("source", COUNTIES)
        if source in self._broken:
            return
        for attempt in (1, 2):
            try:
                self._loader.take(file, _Opener(self._reach, self._path, file))
            except SourceError as error:
                log.warning("source %s: %s", source, error.why)
                if attempt == 1 and error.why in TRANSIENT and error.why != "timeout":
                    self._reach.drop(source)
                    continue
                self._broken[source] = error
                self._reach.give_up(source, error)
            except (FileNotFoundError, FileChanged) as error:
                if isinstance(error, FileNotFoundError) and _is_there(self._path, file):
                    raise
                # a clerk took it back, renamed it or is writing it: as it is then the next run finds it
                log.warning("a file of unit %s is gone or has changed", file["unit_code"])
            else:
                self._used.add(source)
            return

    def report(self, now: datetime) -> None:
        """Open an incident for each source that broke; end those of the sources that did not."""
        for name in {*self._used, *self._broken}:
            source = self._reach.sources[name]
            if name in self._broken:
                source_reports.failed(self._loader.connection, source, "read", self._broken[name], now)
            else:
                source_reports.succeeded(self._loader.connection, source, "read", now)


class _Opener:
    """A found file as something that can be opened: by its place, or by its path where no place listed it."""

    def __init__(self, reach: Reach, path: Callable, file: dict) -> None:
        self._reach, self._path, self._file = reach, path, file

    @contextmanager
    def open(self, mode: str):
        if not self._file.get("key"):
            with closing(self._path(self._file["path"]).open(mode)) as stream:
                yield stream
            return
        with self._reach.place(self._file["source"]).open(self._file) as stream:
            yield stream


def _is_there(path: Callable, file: dict) -> bool:
    return not file.get("key") and path(file["path"]).exists()


def without_content(error: Exception) -> str:
    """What failed and where. Messages of readers and of the database quote cells, and no log may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((f for f in reversed(frames) if Path(f.filename).is_relative_to(PACKAGE)), frames[-1])
    state = f" {error.sqlstate}" if isinstance(error, psycopg.Error) and error.sqlstate else ""
    # The system's own words for its error, such as a full disk, quote nothing.
    state += f": {os.strerror(error.errno)}" if isinstance(error, OSError) and error.errno else ""
    return f"{type(error).__name__}{state} at {Path(frame.filename).name}:{frame.lineno}"

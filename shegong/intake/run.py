"""One task's share of intake: a batch of files, each taken whole, and the time that it cost."""

import logging
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg

from shegong.archive import Archive
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.intake.load import Loader
from shegong.settings import Settings
from shegong.stage_time import note_stage

log = logging.getLogger(__name__)
PACKAGE = Path(__file__).resolve().parents[1]


def load_batch(settings: Settings, now: datetime, batch: list[dict], path: Callable) -> int:
    """Take every file of the batch; the number taken. `path` makes a pathlib-like path of an address.

    A file that raises stops nothing: the others are taken, then ShegongError is raised, so that the task is retried
    and finds only what is left to do.
    """
    failed: list[str] = []
    begun = time.monotonic()
    with connect(settings.dsn["loader"]) as connection:
        connection.autocommit = True
        loader = Loader(settings, connection, Archive(path(settings.archive_url), settings.archive_key), now)
        for number, file in enumerate(batch, start=1):
            source = path(file["path"])
            try:
                loader.take(file, source)
            except Exception as error:  # noqa: BLE001 told here, and raised at the end
                if isinstance(error, FileNotFoundError) and not source.exists():
                    # a clerk took it back or renamed it: under its new name the next run finds it
                    log.warning("file %d of %d, of unit %s, is gone", number, len(batch), file["unit_code"])
                    continue
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


def without_content(error: Exception) -> str:
    """What failed and where. Messages of readers and of the database quote cells, and no log may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((f for f in reversed(frames) if Path(f.filename).is_relative_to(PACKAGE)), frames[-1])
    state = f" {error.sqlstate}" if isinstance(error, psycopg.Error) and error.sqlstate else ""
    return f"{type(error).__name__}{state} at {Path(frame.filename).name}:{frame.lineno}"

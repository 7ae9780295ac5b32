"""A loader in a process of its own, which is killed for real at the statement that it is told."""

import itertools
import os
import signal
from datetime import datetime
from pathlib import Path

import psycopg

from shegong.archive import Archive
from shegong.intake.load import Loader
from shegong.settings import Settings


def load(ours: Settings, files: list[dict], now: datetime, kill_at: int | None = None) -> int:
    """Take all files; the number of statements. At statement `kill_at` the process ends as by kill -9."""
    statements = itertools.count(1)

    def step() -> None:
        if next(statements) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    class Counted(psycopg.Cursor):
        def execute(self, *args, **named):
            step()
            done = super().execute(*args, **named)
            step()
            return done

        def copy(self, *args, **named):
            step()
            return super().copy(*args, **named)

    with psycopg.connect(ours.dsn["loader"], autocommit=True, cursor_factory=Counted) as connection:
        loader = Loader(ours, connection, Archive(Path(ours.archive_url), ours.archive_key), now)
        for file in files:
            loader.take(file, Path(file["path"]))
    return next(statements) - 1

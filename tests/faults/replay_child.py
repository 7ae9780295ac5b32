"""A replay in a process of its own, which is killed for real at the statement that it is told."""

import itertools
import os
import signal
from datetime import datetime
from pathlib import Path

import psycopg

from shegong import contract
from shegong.replay.run import replay
from shegong.settings import Settings


def run(ours: Settings, now: datetime, contracts: Path, kill_at: int | None = None) -> int:
    """Replay by the contracts of a folder; the number of statements. At `kill_at` the process ends as by kill -9."""
    statements = itertools.count(1)
    execute, copy, folder = psycopg.Cursor.execute, psycopg.Cursor.copy, contract.FOLDER

    def counted(of):
        def step(cursor: psycopg.Cursor, *args, **named):
            if next(statements) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return of(cursor, *args, **named)

        return step

    psycopg.Cursor.execute, psycopg.Cursor.copy = counted(execute), counted(copy)
    contract.FOLDER = contracts
    try:
        replay(ours, now)
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.copy, contract.FOLDER = execute, copy, folder
    return next(statements) - 1

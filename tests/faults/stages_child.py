"""The stages after loading in a process of their own, which is killed for real at the statement that it is told."""

import itertools
import os
import signal
from datetime import datetime

import psycopg

from shegong import judge, register
from shegong.intake import receipts
from shegong.settings import Settings


def answer(ours: Settings, now: datetime) -> int:
    return receipts.write_all(ours, now, receipts.touched(ours, now))


STAGES = {"register": register.register, "judge": judge.judge, "receipts": answer}


def run(ours: Settings, now: datetime, stages: tuple[str, ...], kill_at: int | None = None) -> int:
    """Run the stages in order; the number of statements. At statement `kill_at` the process ends as by kill -9."""
    statements = itertools.count(1)
    execute = psycopg.Cursor.execute

    def counted(cursor: psycopg.Cursor, *args, **named):
        if next(statements) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(cursor, *args, **named)

    psycopg.Cursor.execute = counted
    try:
        for stage in stages:
            STAGES[stage](ours, now)
    finally:
        psycopg.Cursor.execute = execute
    return next(statements) - 1

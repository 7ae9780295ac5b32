"""dbt's builds in a process of their own, which is killed for real at the statement of dbt's that it is told."""

import itertools
import os
import signal
from datetime import datetime

from dbt.adapters.sql.connections import SQLConnectionManager

from shegong import transform
from shegong.settings import Settings


def core(ours: Settings, now: datetime) -> None:
    """What the task build_core does, a retry included: a publication is begun."""
    transform.build_core(ours, now, transform.begin(ours, now))


def marts(ours: Settings, now: datetime) -> None:
    """What the task build_candidate does, for the publication that build_core began."""
    with transform.connect(ours.dsn["transformer"]) as connection:
        query = "select max(publication_id) from ops.publication where state = 'building'"
        (number,) = connection.execute(query).fetchone()
    transform.build_marts(ours, now, number)


STAGES = {"core": core, "marts": marts}


def run(ours: Settings, now: datetime, stage: str, kill_at: int | None = None) -> int:
    """Build a stage; the number of points. At `kill_at` the process ends as by kill -9.

    A point lies before each statement of dbt's and after it: begun transactions, and those about to be committed.
    The other thread's statement is then under way.
    """
    points = itertools.count(1)
    add_query = SQLConnectionManager.add_query

    def step() -> None:
        if next(points) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(manager: SQLConnectionManager, *args, **named):
        step()
        done = add_query(manager, *args, **named)
        step()
        return done

    SQLConnectionManager.add_query = counted
    try:
        STAGES[stage](ours, now)
    finally:
        SQLConnectionManager.add_query = add_query
    return next(points) - 1

"""dbt killed for real in the middle of a build and run again: the tables of an undisturbed build, and readers notice nothing."""

import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dbt_child
import psycopg
import pytest
import small_marts
from left_behind import sums
from quality_rows import agency, certificate, funding, talent
from warehouse_rows import Rows, at, settings_of

from shegong import reference_data
from shegong.publish import publish

pytestmark = pytest.mark.fault("dbt killed")
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["dbt_child"])

DAY = "2026-05-07"
WEST, UPPER = "330106", "330102"
WAITING = "select count(*) from ops.accepted_submission where built_by is null"
SHOWN = "select talent.figure, agencies.figure from marts.fct_talent as talent cross join marts.dim_agencies as agencies"


def submit(rows: Rows) -> None:
    """A roster and changes of it, a withdrawal, and another unit's."""
    rows.submit(WEST, "talent", "2026-05-06", [talent(n) for n in range(6)], mode="S")
    rows.submit(WEST, "talent", DAY, [talent(n, education="21") for n in range(2, 9)])
    rows.submit(WEST, "certificate", DAY, [certificate(n) for n in range(9)])
    rows.submit(WEST, "agency", "2026-05-06", [agency(n) for n in range(3)], mode="S")
    rows.submit(WEST, "agency", DAY, [{**agency(1), "row_action": "3"}, agency(7)])
    rows.submit(UPPER, "talent", DAY, [talent(n, UPPER) for n in range(3)], mode="S")
    rows.submit(UPPER, "funding", DAY, [funding(n) for n in range(3)])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def before(database, home):
    """Something is published, and submissions wait for a build."""
    reference_data.load(database.dsn["admin"])
    publish(settings_of(database.dsn, home), at("2026-05-06"), small_marts.build(database, 1))
    submit(Rows(database.superuser_dsn))
    return database


@dataclass(frozen=True)
class Undisturbed:
    """A warehouse built without a fault, its tables, and how many points each stage had."""

    database: object
    tables: dict[str, tuple]
    points: dict[str, int]


@pytest.fixture(scope="module")
def undisturbed(before, copy_of, home) -> Iterator[Undisturbed]:
    with copy_of(before) as database:
        ours = settings_of(database.dsn, home)
        points = {stage: dbt_child.run(ours, at(DAY), stage) for stage in dbt_child.STAGES}
        yield Undisturbed(database, sums(database.superuser_dsn, "core", "marts_next"), points)


def killed(ours, stage: str, kill_at: int) -> None:
    child = processes.Process(target=dbt_child.run, args=(ours, at(DAY), stage, kill_at))
    child.start()
    child.join(300)
    assert child.exitcode == -signal.SIGKILL, (stage, kill_at)


@contextmanager
def reading(database) -> Iterator[list[list[tuple]]]:
    """What somebody who reads without pause sees meanwhile."""
    seen, ended = [], threading.Event()

    def read() -> None:
        with psycopg.connect(database.dsn["bi_reader"], autocommit=True) as connection:
            while not ended.is_set():
                seen.append(connection.execute(SHOWN).fetchall())
                time.sleep(0.01)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield seen
    finally:
        ended.set()
        reader.join()


def build(database, ours, stages: tuple[str, ...], kills: dict[str, list[int]]) -> dict[str, tuple]:
    """Build, each stage killed at these points, one try after the other, before it ends; all tables."""
    with reading(database) as seen:
        for stage in stages:
            for kill_at in kills.get(stage, ()):
                killed(ours, stage, kill_at)
            dbt_child.run(ours, at(DAY), stage)
    assert len(seen) > 100
    assert all(shown == [(1, 1)] for shown in seen)
    with psycopg.connect(database.superuser_dsn) as connection:
        assert connection.execute(WAITING).fetchone() == (0,)
        states = "select state, count(*) from ops.publication group by 1 order by 1"
        abandoned = [("abandoned", tries)] if (tries := len(kills.get("core", ()))) else []
        assert connection.execute(states).fetchall() == [*abandoned, ("building", 1), ("published", 1)]
    return sums(database.superuser_dsn, "core", "marts_next")


def spread(points: int, kills: int) -> list[int]:
    """So many points, evenly over all of them."""
    return [round(points * (2 * number + 1) / (2 * kills)) for number in range(kills)]


def test_the_candidate_killed_again_and_again_before_it_ends(home, undisturbed, record_property) -> None:
    kills = spread(undisturbed.points["marts"], 2)
    record_property("points", len(kills))
    database = undisturbed.database
    made = build(database, settings_of(database.dsn, home), ("marts",), {"marts": kills})
    assert made == undisturbed.tables


# A kill in core begins another publication, for which dbt parses all files anew: that takes too long for every day.
@pytest.mark.slow_fault
@pytest.mark.parametrize("kills", [{"core": 1, "marts": 2}, {"core": 3}], ids=["core and candidate", "core"])
def test_killed_again_and_again_before_it_ends(
    before, copy_of, home, undisturbed, kills, record_property
) -> None:
    """Each try is killed later than the one before."""
    record_property("points", sum(kills.values()))
    chosen = {stage: spread(undisturbed.points[stage], count) for stage, count in kills.items()}
    with copy_of(before) as database:
        made = build(database, settings_of(database.dsn, home), tuple(dbt_child.STAGES), chosen)
        assert made == undisturbed.tables

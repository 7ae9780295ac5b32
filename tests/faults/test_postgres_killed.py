"""PostgreSQL killed for real in the middle of a publication, and recovered: readers find the old publication whole or the new one."""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from own_server import OwnServer, own_server
from small_marts import DAY, build, never_published, read
from warehouse_rows import at, settings_of

from shegong.errors import ShegongError
from shegong.publish import publish

pytestmark = pytest.mark.fault("PostgreSQL killed")

SHOWN = """
    select talent.figure, agencies.figure, measures.value::integer, measures.publication_id
    from marts.fct_talent as talent cross join marts.dim_agencies as agencies cross join marts.mart_measures as measures
"""
RECORD = """
    select (select max(publication_id) from ops.publication where state = 'published'),
        (select array_agg(distinct (value::integer, publication_id)::text) from ops.measure_value),
        (select array_agg(nspname::text order by nspname) from pg_namespace where nspname ~ '^marts')
"""
MEASURES = """
    create table marts_next.mart_measures as select
        'M02-1' as measure_id, 'value' as figure_id, '330000' as area_code, '2026' as period, 'year' as period_kind,
        'today' as basis, 'talent' as domain, date '2026-05-06' as as_of_date, '已采集' as state, {0} as value,
        {0} as numerator, null::integer as denominator, {1}::bigint as publication_id
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[OwnServer]:
    with own_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def ours(server, tmp_path_factory):
    return settings_of(server.dsn, tmp_path_factory.mktemp("home"))


def candidate(server: OwnServer, value: int) -> int:
    """An audited candidate whose figures are all `value`, with a number that goes into the record of months."""
    number = build(server, value)
    with psycopg.connect(server.dsn["transformer"]) as connection:
        connection.execute("set role warehouse_owner")
        connection.execute(MEASURES.format(value, number))
    return number


@contextmanager
def at_point(point: int, do: Callable[[psycopg.Connection], None]) -> Iterator[itertools.count]:
    """Do something at one point of what runs meanwhile: points lie before each statement, before each commit and after it."""
    points = itertools.count(1)
    execute, commit = psycopg.Cursor.execute, psycopg.Connection.commit

    def step(connection: psycopg.Connection) -> None:
        if next(points) == point:
            psycopg.Cursor.execute, psycopg.Connection.commit = execute, commit
            do(connection)

    def counted(cursor: psycopg.Cursor, *args, **named):
        step(cursor.connection)
        return execute(cursor, *args, **named)

    def counted_commit(connection: psycopg.Connection) -> None:
        step(connection)
        commit(connection)
        step(connection)

    psycopg.Cursor.execute, psycopg.Connection.commit = counted, counted_commit
    try:
        yield points
    finally:
        psycopg.Cursor.execute, psycopg.Connection.commit = execute, commit


def kill_backend(connection: psycopg.Connection) -> None:
    """As the kernel does when memory is short: the server ends all connections and recovers by itself."""
    os.kill(connection.info.backend_pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def points(server, ours) -> int:
    """How many a publication has."""
    never_published(server)
    publish(ours, at(DAY), candidate(server, 1))
    number = candidate(server, 2)
    with at_point(0, kill_backend) as points:
        publish(ours, at(DAY), number)
    return next(points) - 1


def broken(server: OwnServer, ours, point: int, kill: Callable[[psycopg.Connection], None]) -> None:
    """One publication over another, killed at a point; whole before the next try, right after it."""
    never_published(server)
    old = candidate(server, 1)
    publish(ours, at(DAY), old)
    new = candidate(server, 2)
    with at_point(point, kill), pytest.raises((psycopg.OperationalError, ShegongError)):
        publish(ours, at(DAY), new)
        # The last points lie behind all that publishes: then the next caller is the one who notices.
        read(server, "select 1")
    server.start()
    server.wait()
    assert read(server, SHOWN) in ([(1, 1, 1, old)], [(2, 2, 2, new)])
    (shown,) = {row[-1] for row in read(server, SHOWN)}
    schemas = ["marts", "marts_next"] + [f"marts_v{old}"] * (shown == new)
    assert read(server, RECORD, "auditor") == [(shown, [f"({1 if shown == old else 2},{shown})"], schemas)]
    again = publish(ours, at(DAY), new)
    assert again.row_counts == {
        "dim_agencies": 1,
        "fct_talent": 1,
        "mart_measures": 1,
        "mart_target_progress": 2,
    }
    assert read(server, SHOWN) == [(2, 2, 2, new)]
    end = [(new, [f"(2,{new})"], ["marts", "marts_next", f"marts_v{old}"])]
    assert read(server, RECORD, "auditor") == end
    changed = "select publication_id, count(*) from ops.measure_change group by 1"
    assert read(server, changed, "auditor") == [(new, 1)]


def spread(points: int, kills: int) -> list[int]:
    """So many points, evenly from the first to the last."""
    return [round(1 + number * (points - 1) / (kills - 1)) for number in range(kills)]


KILLS = {"server": OwnServer.kill, "connection": kill_backend}


@pytest.mark.parametrize("what", KILLS)
def test_killed_in_mid_publication(server, ours, points, what, record_property) -> None:
    killing(server, ours, what, spread(points, 5), record_property)


@pytest.mark.slow_fault
@pytest.mark.parametrize("what", KILLS)
def test_killed_at_any_point_of_a_publication(server, ours, points, what, record_property) -> None:
    killing(server, ours, what, list(range(1, points + 1)), record_property)


def killing(server: OwnServer, ours, what: str, chosen: list[int], record_property) -> None:
    record_property("points", len(chosen))
    for point in chosen:
        kill = kill_backend if what == "connection" else lambda _: server.kill()
        broken(server, ours, point, kill)

"""Whoever reads while publications change places: each statement sees one of them whole, or gets an error."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy
from small_marts import DAY, build, never_published, read
from warehouse_rows import at, settings_of

from shegong import marts_schemas
from shegong.errors import ShegongError
from shegong.publish import publish

BOTH = "select talent.figure, agencies.figure from marts.fct_talent as talent cross join marts.dim_agencies as agencies"
SLOW = (
    "select talent.figure, (select pg_sleep(1)) is null, agencies.figure"
    " from marts.fct_talent as talent cross join marts.dim_agencies as agencies"
)


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    return settings_of(database.dsn, tmp_path_factory.mktemp("home"))


@pytest.fixture(autouse=True)
def first(database, given) -> None:
    never_published(database)
    publish(given, at(DAY), build(database, 1))


def _until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _is_running(database, piece: str) -> bool:
    query = (
        "select 1 from pg_stat_activity where state = 'active' and query like %s and pid <> pg_backend_pid()"
    )
    with psycopg.connect(database.superuser_dsn) as connection:
        return connection.execute(query, [f"%{piece}%"]).fetchone() is not None


def test_a_query_under_way_ends_with_the_publication_it_began_with(database, given) -> None:
    number = build(database, 2)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(read, database, SLOW)
        _until(lambda: _is_running(database, "select pg_sleep(1)"))
        assert publish(given, at(DAY), number, patience=20).ended_readers == 0
        assert slow.result() == [(1, False, 1)]
    assert read(database, BOTH) == [(2, 2)]


def test_a_query_that_lasts_too_long_gets_an_error(database, given) -> None:
    number = build(database, 2)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(read, database, SLOW.replace("sleep(1)", "sleep(30)"))
        _until(lambda: _is_running(database, "select pg_sleep(30)"))
        assert publish(given, at(DAY), number, patience=0.3).ended_readers == 1
        with pytest.raises(psycopg.OperationalError):
            slow.result()


def test_a_prepared_statement_reads_what_is_published_now(database, given) -> None:
    with psycopg.connect(database.dsn["bi_reader"], autocommit=True) as reader:
        for value in range(1, 5):
            if value > 1:
                publish(given, at(DAY), build(database, value))
            for _ in range(7):  # past the five custom plans, to a generic one
                assert reader.execute(BOTH, prepare=True).fetchall() == [(value, value)]
        assert reader.execute("select count(*) from pg_prepared_statements").fetchone()[0] >= 1


def test_open_bi_connections_see_one_publication_whole_at_each_statement(database, given) -> None:
    """Four connections of a pool, kept open as a BI tool does, ask without pause while three publications come."""
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(database.dsn["bi_reader"]), pool_size=4
    )
    ended, seen = threading.Event(), []

    def ask() -> None:
        while not ended.is_set():
            with engine.connect() as connection:
                seen.append([tuple(row) for row in connection.execute(sqlalchemy.text(BOTH))])

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        try:
            for value in (2, 3, 4):
                assert publish(given, at(DAY), build(database, value), patience=20).ended_readers == 0
            _until(lambda: seen[-1] == [(4, 4)])
        finally:
            ended.set()
        for one in asking:
            one.result()
    engine.dispose()
    assert {tuple(answer) for answer in seen} == {((value, value),) for value in (1, 2, 3, 4)}


def test_of_two_publishers_at_once_the_second_says_so(database, given) -> None:
    number = build(database, 2)
    with psycopg.connect(database.dsn["bi_reader"]) as reader, ThreadPoolExecutor(1) as pool:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute(BOTH)  # keeps the first publisher waiting
        winner = pool.submit(publish, given, at(DAY), number, patience=20)
        _until(lambda: _is_locked(database))
        with pytest.raises(ShegongError, match="another publication is under way"):
            publish(given, at(DAY), number)
        reader.rollback()
        assert winner.result().publication_id == number
    assert read(database, BOTH) == [(2, 2)]


def _is_locked(database) -> bool:
    query = """
        select 1 from pg_locks where locktype = 'advisory' and objid = (hashtext(%s)::bigint & 4294967295)::oid
    """
    with psycopg.connect(database.superuser_dsn) as connection:
        return connection.execute(query, [marts_schemas.LOCK]).fetchone() is not None

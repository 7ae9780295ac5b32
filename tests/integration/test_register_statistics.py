"""The planner knows what was loaded before the register asks: without, a roster morning takes minutes a question."""

import time

import psycopg
import pytest
from intake_files import NOW, Ledger, as_csv, csv_name, good, send, settings_of

from shegong.register import register

MANY = 1_200


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database):
    """The server's own analysis is off: nothing but the register may refresh."""
    ledger = Ledger(database)
    for table in ("staging.community", "ops.submission", "ops.refused_row"):
        ledger.rows(f"alter table {table} set (autovacuum_enabled = false)")
    yield ledger
    ledger.clear()


def arrive(ours, ledger: Ledger, count: int, sequence: int) -> None:
    """A file of communities, none of which came before."""
    towns = [f"330106{100 * sequence + at // 199:03d}" for at in range(count)]
    rows = [
        good("community", community_code=f"{town}{1 + at % 199:03d}", township_code=town)
        for at, town in enumerate(towns)
    ]
    send(ours, csv_name("community", sequence=sequence), as_csv("community", *rows))
    # the server counts what a connection wrote when its process has ended
    query = "select n_mod_since_analyze from pg_stat_all_tables where relid = 'staging.community'::regclass"
    for _ in range(100):
        if ledger.rows(query)[0][0] >= count:
            return
        time.sleep(0.1)
    raise AssertionError("the server does not count what was loaded")


def known(ledger: Ledger) -> float:
    """Rows that the planner takes staging.community to have; -1 for a table that was never looked at."""
    return ledger.rows("select reltuples from pg_class where oid = 'staging.community'::regclass")[0][0]


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """Every statement that goes to the server, in order."""
    statements, execute = [], psycopg.Cursor.execute

    def noted(cursor: psycopg.Cursor, query, *args, **named):
        statements.append(query if isinstance(query, str) else query.as_string(cursor.connection))
        return execute(cursor, query, *args, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    return statements


def test_what_was_loaded_is_analyzed_before_the_first_question(ours, ledger, said) -> None:
    arrive(ours, ledger, MANY, 1)
    assert known(ledger) <= 0
    said.clear()
    register(ours, NOW)
    assert known(ledger) == MANY
    analyzed = said.index('analyze "staging"."community"')
    asked = next(at for at, statement in enumerate(said) if "batch_community" in statement)
    assert analyzed < asked


def test_a_few_new_rows_are_not_worth_it(ours, ledger, said) -> None:
    arrive(ours, ledger, MANY, 1)
    register(ours, NOW)
    arrive(ours, ledger, 5, 2)
    said.clear()
    register(ours, NOW)
    assert 'analyze "staging"."community"' not in said

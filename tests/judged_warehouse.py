"""A warehouse whose staged submissions are judged: fixtures and what tests ask of it. A plugin of those test files."""

import psycopg
import pytest
from warehouse_rows import Rows, settings_of

from shegong import reference_data

DAY, NEXT = "2026-05-06", "2026-05-07"


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    reference_data.load(database.dsn["admin"])
    return settings_of(database.dsn, tmp_path_factory.mktemp("home"))


@pytest.fixture
def rows(database) -> Rows:
    """An empty ledger, and a core in which nothing is in force."""
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(
            "truncate ops.delivery, ops.submission, ops.verdict, ops.incident restart identity cascade"
        )
        for (table,) in connection.execute(
            "select tablename from pg_tables where schemaname = 'staging'"
        ).fetchall():
            connection.execute(f"truncate staging.{table}")
        connection.execute("drop schema core cascade; create schema core authorization warehouse_owner")
        connection.execute("grant usage on schema core to auditor, loader")
    return Rows(database.superuser_dsn)


def ask(database, query: str, *values: object) -> list[tuple]:
    with psycopg.connect(database.superuser_dsn) as connection:
        return connection.execute(query, values).fetchall()


def states(database) -> dict[int, tuple]:
    query = "select submission_id, state, held_for from ops.submission order by 1"
    return {number: (state, held_for) for number, state, held_for in ask(database, query)}


def stage(rows: Rows, table: str, made: list[dict], unit: str = "330106", **told: object) -> int:
    day = told.pop("day", DAY)
    return rows.submit(unit, table, day, made, state="staged", **({"mode": "S"} | told))


def put_in_force(database, table: str) -> None:
    """What core would show after a build: all accepted rows that no later version replaced."""
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("set role warehouse_owner")
        connection.execute(
            f"create or replace view core.known_{table} as select staged.* from staging.{table} as staged"
            " inner join ops.accepted_submission as accepted"
            " on accepted.submission_id = staged._submission_id"
            " where accepted.superseded_at is null"
        )
        connection.execute(f"grant select on core.known_{table} to loader")  # as dbt does


def find(database, submission: int, rule: str, row_numbers: range) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        for number in row_numbers:
            connection.execute(
                "insert into ops.finding (submission_id, check_class, rule_id, level, row_number, text, mend)"
                " values (%s, 'file', %s, 'W', %s, '不符', '请核对')",
                [submission, rule, number],
            )

"""Marts of three tables whose figures say which publication they are of, for tests of the swap."""

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from warehouse_rows import at

DAY = "2026-05-06"
DOMAINS = ("agencies", "measures", "talent")


def never_published(database) -> None:
    """Make the warehouse one that has never published."""
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("truncate ops.publication, ops.verdict restart identity cascade")
        query = "select nspname from pg_namespace where nspname like 'marts%%'"
        for (schema,) in connection.execute(query).fetchall():
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
        connection.execute("create schema marts authorization warehouse_owner")
        connection.execute("create schema marts_next authorization warehouse_owner")


def build(database, value: int, failed: tuple[str, ...] = (), last: int | None = None) -> int:
    """An audited candidate whose figures are all `value`; `failed` domains keep those of `last`."""
    with psycopg.connect(database.dsn["transformer"]) as connection:
        connection.execute("set role warehouse_owner")
        connection.execute("drop schema marts_next cascade; create schema marts_next")
        for table in ("fct_talent", "dim_agencies"):
            connection.execute(f"create table marts_next.{table} (figure integer primary key)")
            connection.execute(f"comment on table marts_next.{table} is 'one row per figure'")
            connection.execute(f"insert into marts_next.{table} values ({value})")
        connection.execute(
            "create table marts_next.mart_target_progress (domain text primary key, figure integer not null)"
        )
        rows = [(domain, value) for domain in ("agencies", "talent")]
        connection.cursor().executemany("insert into marts_next.mart_target_progress values (%s, %s)", rows)
    with psycopg.connect(database.superuser_dsn) as connection:
        (number,) = connection.execute(
            "insert into ops.publication (state, as_of) values ('audited', %s) returning publication_id",
            [at(DAY)],
        ).fetchone()
        verdict = {domain: last if domain in failed else number for domain in DOMAINS}
        connection.execute(
            "update ops.publication set domains = %s where publication_id = %s", [Jsonb(verdict), number]
        )
    return number


def read(database, query: str, role: str = "bi_reader") -> list[tuple]:
    with psycopg.connect(database.dsn[role]) as connection:
        return connection.execute(query).fetchall()

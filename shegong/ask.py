"""The marts of another day: as of a date, and as we knew it at a moment (architecture, decision 5).

The same models are built once more from core's histories, into a schema of their own beside what is published.
"""

from datetime import date, datetime

import psycopg
from psycopg import sql

from shegong import transform
from shegong.calendar import SHANGHAI
from shegong.database import OWNER, connect
from shegong.errors import ShegongError
from shegong.settings import Settings

PREFIX = "asked_"
# Each is as large as the marts; the oldest go when another is asked for.
KEPT = 5
NODES = ("--select", "path:models/core", "path:models/marts")
HISTORIES = ("--exclude", "path:models/core/versions", "path:models/core/known", "path:models/core/history")
READERS = ("bi_reader", "auditor")


def schema_name(as_of: date, known_at: datetime | None) -> str:
    """asked_20221231, or asked_20221231_known_20230110t180000."""
    known = f"_known_{known_at.astimezone(SHANGHAI):%Y%m%dt%H%M%S}" if known_at else ""
    return f"{PREFIX}{as_of:%Y%m%d}{known}"


def ask(settings: Settings, as_of: date, known_at: datetime | None = None) -> str:
    """Build the marts as of `as_of`, by what was known at `known_at` (None: now); returns their schema.

    Run again: built anew. Nothing that is published or under way is touched. Raises ShegongError that names the
    models that failed, and for a moment that lies before the day's beginning.
    """
    if known_at and known_at.astimezone(SHANGHAI).date() < as_of:
        raise ShegongError(
            f"nobody knew on {known_at:%Y-%m-%d} what holds on {as_of}",
            "Ask for a moment on or after the day, or leave --known-at away.",
        )
    schema = schema_name(as_of, known_at)
    with connect(settings.dsn["transformer"]) as connection:
        _act_as_owner(connection)
        for name in [schema, *_oldest(connection, schema)]:
            _drop(connection, name)
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    values = {"as_of": as_of.isoformat(), "publication_id": 0, "asked_schema": schema}
    if known_at:
        values["known_at"] = known_at.isoformat()
    results = transform.invoke(settings, ["run", *NODES, *HISTORIES], values)
    if failed := [r for r in results if str(r.status) in transform.FAILED]:
        causes = "; ".join(f"{r.node.name}: {r.message or r.status}" for r in failed)
        raise ShegongError(f"dbt ask: {causes}", "Is core built? `shegong board` tells what was published.")
    with connect(settings.dsn["transformer"]) as connection:
        _act_as_owner(connection)
        _open(connection, schema)
    return schema


def asked(settings: Settings) -> list[str]:
    """The schemas that were asked for and still stand, by name."""
    with connect(settings.dsn["transformer"]) as connection:
        return _standing(connection)


def forget(settings: Settings, schema: str) -> None:
    """Drop what was asked for. Raises ShegongError for a schema that is none of these."""
    with connect(settings.dsn["transformer"]) as connection:
        standing = _standing(connection)
        if schema not in standing:
            raise ShegongError(
                f"{schema} was not asked for", f"There is: {', '.join(standing) or 'nothing'}."
            )
        _act_as_owner(connection)
        _drop(connection, schema)


def _standing(connection: psycopg.Connection) -> list[str]:
    query = "select nspname from pg_namespace where starts_with(nspname, %s) order by oid"
    return [name for (name,) in connection.execute(query, [PREFIX])]


def _oldest(connection: psycopg.Connection, but: str) -> list[str]:
    others = [name for name in _standing(connection) if name != but]
    return others[: max(0, len(others) - KEPT + 1)]


def _drop(connection: psycopg.Connection, schema: str) -> None:
    connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))


def _open(connection: psycopg.Connection, schema: str) -> None:
    """Readers of the marts read these too: facts, dims and measures, not the views of core beneath them."""
    names = {"schema": sql.Identifier(schema), "readers": sql.SQL(", ").join(map(sql.Identifier, READERS))}
    connection.execute(sql.SQL("grant usage on schema {schema} to {readers}").format(**names))
    query = "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind in ('r', 'v')"
    for (table,) in connection.execute(query, [schema]).fetchall():
        if table.startswith(("dim_", "fct_", "mart_")):
            grant = sql.SQL("grant select on {table} to {readers}")
            connection.execute(grant.format(table=sql.Identifier(schema, table), **names))


def _act_as_owner(connection: psycopg.Connection) -> None:
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(OWNER)))

"""Which domain a published table belongs to: the folder of its model, dbt_project/models/marts/<domain>/."""

from pathlib import Path

import psycopg
from psycopg import sql

from shegong.errors import ShegongError

FOLDER = Path(__file__).resolve().parent.parent.parent / "dbt_project" / "models" / "marts"

# The measures of all domains stand in the same tables; there a column says whose a row is.
SHARED = "measures"
SHARED_COLUMN = "domain"

_RELATIONS = """
select relname, relkind::text from pg_class
where relnamespace = to_regnamespace(%s) and relkind in ('r', 'v', 'm')
"""


def declared() -> dict[str, str]:
    """Table -> domain of every model of the marts."""
    return {path.stem: path.parent.name for path in FOLDER.glob("*/*.sql")}


def relations(connection: psycopg.Connection, schema: str) -> dict[str, str]:
    """Tables and views of a schema, by name, with their kind (r table, v view, m materialized view)."""
    return dict(connection.execute(_RELATIONS, [schema]).fetchall())


def of_candidate(connection: psycopg.Connection, schema: str) -> dict[str, str]:
    """Table -> domain of what stands in the candidate. Raises ShegongError for a table of no domain."""
    known = declared()
    present = relations(connection, schema)
    strangers = sorted(present.keys() - known.keys())
    if strangers:
        raise ShegongError(
            f"{schema} holds tables of no domain: {', '.join(strangers)}",
            "Put the model into dbt_project/models/marts/<domain>/, or build the candidate anew.",
        )
    return {table: known[table] for table in sorted(present)}


def columns(connection: psycopg.Connection, schema: str, table: str) -> list[str]:
    """Column names in order; empty where there is no such table."""
    query = """
        select attname from pg_attribute
        where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum
    """
    name = sql.Identifier(schema, table).as_string(connection)
    return [row[0] for row in connection.execute(query, [name])]

"""Sets a schema's views aside while tables beneath them are replaced, and makes them again as they were."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from shegong.errors import ShegongError
from shegong.quality import domains

# In the order of their making: a view stands after what it reads.
_VIEWS = """
select relname, pg_get_viewdef(oid), reloptions, obj_description(oid, 'pg_class')
from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'v' order by oid
"""
_COLUMNS = """
select c.relname, a.attname, col_description(c.oid, a.attnum)
from pg_class as c inner join pg_attribute as a on c.oid = a.attrelid
where c.relnamespace = to_regnamespace(%s) and c.relkind = 'v' and col_description(c.oid, a.attnum) is not null
"""
_GROWING = """
select distinct view.relname
from pg_class as view
inner join pg_rewrite as rule on view.oid = rule.ev_class
inner join pg_depend as needs
    on rule.oid = needs.objid and needs.classid = 'pg_rewrite'::regclass and needs.refclassid = 'pg_class'::regclass
inner join pg_class as needed on needs.refobjid = needed.oid
where view.relnamespace = to_regnamespace(%s) and view.relkind = 'v' and needed.relnamespace = to_regnamespace('core')
"""


@contextmanager
def views(connection: psycopg.Connection, schema: str) -> Iterator[dict[str, str]]:
    """Drop the views of `schema` and make them anew at the end of the block, with options and descriptions.

    Yields the definitions, by name, of those that stand over core itself; where a table has come in such a view's
    place, the table stays. Rights come back by the owner's default privileges. Within the caller's transaction: an error leaves all as it was.
    Raises ShegongError when a view reads a column that the replaced tables lack.
    """
    # Only then does a definition name the schema of each table.
    connection.execute("set local search_path = pg_catalog")
    found = connection.execute(_VIEWS, [schema]).fetchall()
    growing = {name for (name,) in connection.execute(_GROWING, [schema])}
    columns = connection.execute(_COLUMNS, [schema]).fetchall()
    if found:
        names = sql.SQL(", ").join(sql.Identifier(schema, name) for name, *_ in found)
        connection.execute(sql.SQL("drop view {}").format(names))
    yield {name: definition for name, definition, *_ in found if name in growing}
    replaced = domains.relations(connection, schema)
    found = [view for view in found if view[0] not in replaced]
    for name, definition, options, text in found:
        _make(connection, sql.Identifier(schema, name), definition, options or [])
        _describe(connection, sql.SQL("view {}").format(sql.Identifier(schema, name)), text)
    for name, column, text in columns:
        if name in replaced:
            continue
        _describe(connection, sql.SQL("column {}").format(sql.Identifier(schema, name, column)), text)
    connection.execute("set local search_path to default")


def _make(connection: psycopg.Connection, view: sql.Identifier, definition: str, options: list[str]) -> None:
    said = sql.SQL(f" with ({', '.join(options)})" if options else "")
    try:
        connection.execute(sql.SQL("create view {}{} as {}").format(view, said, sql.SQL(definition)))
    except psycopg.errors.UndefinedColumn as error:
        raise ShegongError(
            f"a view can't stand on figures that are carried over: {str(error).splitlines()[0]}",
            "Mend the domain and build again; what is published stays.",
        ) from error


def _describe(connection: psycopg.Connection, what: sql.Composable, text: str | None) -> None:
    connection.execute(sql.SQL("comment on {} is {}").format(what, sql.Literal(text)))

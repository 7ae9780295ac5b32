"""The star that BI tools recognise: a column that is called as a dimension's key is a foreign key to it.

Declared, not enforced (PostgreSQL 18): a county may name a community that nobody listed yet, and a domain that is carried
over may be older than its dimension. So it costs nothing, and a tool that joins must keep the fact's row.
"""

import psycopg
from psycopg import sql

# Called alike, but another kind of organisation.
NO_KEYS = {("fct_volunteer_orgs", "uscc")}

_KEYS = """
with keys as (
    select dimension.oid, dimension.relname, attribute.attname, attribute.atttypid
    from pg_index as index
    inner join pg_class as dimension on index.indrelid = dimension.oid
    inner join pg_attribute as attribute
        on index.indrelid = attribute.attrelid and index.indkey[0] = attribute.attnum
    where
        index.indisprimary and index.indnatts = 1
        and dimension.relnamespace = to_regnamespace(%(schema)s) and starts_with(dimension.relname, 'dim_')
)
select relation.relname, keys.attname, keys.relname
from keys
inner join pg_attribute as attribute on keys.attname = attribute.attname and keys.atttypid = attribute.atttypid
inner join pg_class as relation on attribute.attrelid = relation.oid
where
    relation.relnamespace = to_regnamespace(%(schema)s) and relation.relkind = 'r' and relation.oid <> keys.oid
    and not attribute.attisdropped
order by 1, 2, 3
"""
_FOREIGN = """
select relation.relname, con.conname
from pg_constraint as con inner join pg_class as relation on con.conrelid = relation.oid
where con.contype = 'f' and relation.relnamespace = to_regnamespace(%s)
"""


def declare(connection: psycopg.Connection, schema: str) -> int:
    """Declare the keys between the tables of a schema; how many. Call `forget` before tables are replaced."""
    keys = [
        found
        for found in connection.execute(_KEYS, {"schema": schema}).fetchall()
        if found[:2] not in NO_KEYS
    ]
    statement = sql.SQL("alter table {} add foreign key ({}) references {} not enforced")
    for table, column, dimension in keys:
        names = (sql.Identifier(schema, table), sql.Identifier(column), sql.Identifier(schema, dimension))
        connection.execute(statement.format(*names))
    return len(keys)


def forget(connection: psycopg.Connection, schema: str) -> None:
    """Take the declared keys away: a table that others refer to can't be replaced."""
    for table, name in connection.execute(_FOREIGN, [schema]).fetchall():
        drop = sql.SQL("alter table {} drop constraint {}")
        connection.execute(drop.format(sql.Identifier(schema, table), sql.Identifier(name)))

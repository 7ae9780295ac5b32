"""Carries a domain's published figures over into the candidate, so that its failed ones are never read.

Tables of the domain are replaced whole; of the tables that all domains share, its rows. Views are set aside meanwhile
(set_aside.py): over tables they show what those hold then; over core itself they become tables.
"""

import psycopg
from psycopg import sql

from shegong.errors import ShegongError
from shegong.quality import domains

PUBLISHED, CANDIDATE = "marts", "marts_next"


def over(
    connection: psycopg.Connection,
    domain: str,
    tables: dict[str, str],
    growing: dict[str, str],
    *,
    has_earlier: bool,
) -> None:
    """Replace the domain's rows in the candidate by those that are published; by none where nothing ever was.

    Run again: the same rows. `tables`: table -> domain of the candidate; `growing`: the views among them that show
    core itself, by definition: of a failed domain they become tables of what was shown. Acts as the schemas' owner.
    """
    published = domains.relations(connection, PUBLISHED) if has_earlier else {}
    standing = domains.relations(connection, CANDIDATE)
    for table, owner in tables.items():
        if table in growing and owner == domain and table not in standing and table not in published:
            _empty(connection, table, growing[table])
        elif owner == domain and (table in standing or table in growing):
            _table(connection, table, is_standing=table in standing, is_published=table in published)
        elif (
            owner == domains.SHARED
            and table in standing
            and domains.SHARED_COLUMN in domains.columns(connection, CANDIDATE, table)
        ):
            _rows(connection, table, domain, is_published=table in published)


def _empty(connection: psycopg.Connection, table: str, definition: str) -> None:
    """A first figure that fails is no figure: a table with the view's columns and no rows."""
    statement = sql.SQL("create table {} as {} with no data")
    query = sql.SQL(definition.rstrip().rstrip(";"))
    connection.execute(statement.format(sql.Identifier(CANDIDATE, table), query))


def _table(connection: psycopg.Connection, table: str, *, is_standing: bool, is_published: bool) -> None:
    names = {"new": sql.Identifier(CANDIDATE, table), "old": sql.Identifier(PUBLISHED, table)}
    if not is_published:
        connection.execute(sql.SQL("truncate {new}").format(**names))
        return
    if is_standing:
        connection.execute(sql.SQL("drop table {new}").format(**names))
    connection.execute(sql.SQL("create table {new} (like {old} including all)").format(**names))
    connection.execute(sql.SQL("insert into {new} select * from {old}").format(**names))
    _describe(connection, table)
    _guard(connection, table)


def _describe(connection: psycopg.Connection, table: str) -> None:
    """LIKE copies what is said of columns, not what is said of the table."""
    query = "select obj_description(to_regclass(%s), 'pg_class')"
    name = sql.Identifier(PUBLISHED, table).as_string(connection)
    text = connection.execute(query, [name]).fetchone()[0]
    comment = sql.SQL("comment on table {} is {}").format(sql.Identifier(CANDIDATE, table), sql.Literal(text))
    connection.execute(comment)


def _guard(connection: psycopg.Connection, table: str) -> None:
    """LIKE copies no policies. Those of the published table: what was built before there were any stays closed."""
    name = sql.Identifier(CANDIDATE, table)
    query = "select relrowsecurity from pg_class where oid = to_regclass(%s)"
    published = sql.Identifier(PUBLISHED, table).as_string(connection)
    if not connection.execute(query, [published]).fetchone()[0]:
        return
    connection.execute(sql.SQL("alter table {} enable row level security").format(name))
    query = "select policyname, roles, qual from pg_policies where schemaname = %s and tablename = %s"
    for policy, roles, condition in connection.execute(query, [PUBLISHED, table]).fetchall():
        statement = sql.SQL("create policy {} on {} for select to {} using ({})").format(
            sql.Identifier(policy), name, sql.SQL(", ").join(map(sql.Identifier, roles)), sql.SQL(condition)
        )
        connection.execute(statement)


def _rows(connection: psycopg.Connection, table: str, domain: str, *, is_published: bool) -> None:
    new, old = sql.Identifier(CANDIDATE, table), sql.Identifier(PUBLISHED, table)
    column = sql.Identifier(domains.SHARED_COLUMN)
    connection.execute(sql.SQL("delete from {} where {} = %s").format(new, column), [domain])
    if not is_published:
        return
    shared = domains.columns(connection, PUBLISHED, table)
    missing = sorted(set(shared) - set(domains.columns(connection, CANDIDATE, table)))
    if missing:
        raise ShegongError(
            f"{domain} can't be carried over: {table} no longer has {', '.join(missing)}",
            "Mend the domain and build again; what is published stays.",
        )
    listed = sql.SQL(", ").join(map(sql.Identifier, shared))
    query = "insert into {} ({}) select {} from {} where {} = %s"
    connection.execute(sql.SQL(query).format(new, listed, listed, old, column), [domain])

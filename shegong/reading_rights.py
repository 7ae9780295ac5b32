"""Who reads what is published: rights on the relations of a schema. Which rows, the policies that dbt puts on say.

Fail closed: an area reader gets a relation only when row-level security stands on it, or, for a view, when the view
asks as its reader (`security_invoker`); any other view would show its owner's rows, which are all.
"""

import psycopg
from psycopg import sql

READERS = ("bi_reader", "area_reader", "public_reader")

# $1: the schema. Role -> condition on pg_class for what it may read.
_READABLE = {
    "bi_reader": "true",
    "area_reader": "relrowsecurity or (relkind = 'v' and 'security_invoker=true' = any(reloptions))",
    "public_reader": "relrowsecurity and starts_with(relname, 'public_')",
}


def give(connection: psycopg.Connection, schema: str) -> None:
    """Grant each reader what it may read of the schema. Acts as the schema's owner. Run again: the same."""
    for role in READERS:
        names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
        connection.execute(sql.SQL("grant usage on schema {schema} to {role}").format(**names))
        query = sql.SQL(
            "select relname from pg_class where relnamespace = to_regnamespace(%s)"
            " and relkind in ('r', 'v', 'm') and ({})"
        ).format(sql.SQL(_READABLE[role]))
        for (relation,) in connection.execute(query, [schema]).fetchall():
            grant = sql.SQL("grant select on {relation} to {role}")
            connection.execute(grant.format(relation=sql.Identifier(schema, relation), **names))


def take(connection: psycopg.Connection, schema: str) -> None:
    """Close a schema to all readers. Rights on its tables may stay: nobody gets at them."""
    readers = sql.SQL(", ").join(map(sql.Identifier, READERS))
    connection.execute(sql.SQL("revoke all on schema {} from {}").format(sql.Identifier(schema), readers))


def logins(connection: psycopg.Connection) -> list[int]:
    """Ids of the roles that log in to read: bi_reader and the members of the groups."""
    query = """
        select oid from pg_roles where rolname = 'bi_reader'
        union
        select grants.member from pg_auth_members as grants
        inner join pg_roles as groups on groups.oid = grants.roleid
        where groups.rolname = any(%s) and grants.inherit_option
    """
    return [oid for (oid,) in connection.execute(query, [list(READERS)])]

"""The warehouse's database: connections, and the making of its roles, schemas and tables.

Nothing here knows what a table means; the ledger's tables are in shegong/migrations, staging comes from the contracts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from shegong import contract
from shegong.errors import ShegongError
from shegong.render import staging
from shegong.settings import ROLES

MIGRATIONS = Path(__file__).parent / "migrations"

# stg, core and the marts belong to one role without login, which dbt and the publisher act as:
# a schema can be renamed by its owner only (architecture, decision 6).
OWNER = "warehouse_owner"
OWNED_SCHEMAS = ("stg", "core", "marts", "marts_next")
# Groups of the logins that `shegong reader` makes; nobody logs in as the group.
READER_GROUPS = ("area_reader", "public_reader")
ADMIN_SCHEMAS = ("reference", "staging", "vault", "ops")

GRANTS = """
revoke all on schema public from public;
grant usage on schema reference to loader, transformer, auditor, publisher, warehouse_owner;
grant select on all tables in schema reference to loader, transformer, auditor, publisher, warehouse_owner;
grant usage on schema staging to loader, auditor, warehouse_owner;
grant select on all tables in schema staging to loader, auditor, warehouse_owner;
grant insert, maintain on all tables in schema staging to loader;  -- maintain: to analyze what it loaded
grant maintain on ops.submission, ops.refused_row to loader;
grant usage on schema core to loader;  -- core.known_*: the register
grant usage on schema vault to loader;
grant insert, select (person_key, content_key, key_version) on vault.person to loader;
grant execute on function vault.reveal(text, text) to admin;
grant usage on schema core to admin;  -- vault.reveal(bigint, text): the two relations that dbt grants
grant usage on schema vault to area_reader;
grant execute on function vault.reveal(bigint, text) to area_reader;
grant execute on function reference.readable_areas to area_reader;
grant usage on schema ops to loader, auditor, publisher, transformer, warehouse_owner;
grant select, insert, update on all tables in schema ops to loader;
grant delete on ops.unsettled_file, ops.finding, ops.refused_row, ops.roster_change, ops.roster_missing to loader;
revoke all on ops.access_log, ops.schema_version from loader;
grant select on ops.accepted_submission, ops.register_refused_row, ops.submission_status, ops.report_due_status, ops.publication_status to warehouse_owner;
grant select, insert, update on ops.publication, ops.dbt_node, ops.stage_time to transformer;
grant select on ops.submission, ops.accepted_submission to transformer;
grant select, insert, update, delete on ops.report_due to transformer;  -- punctuality.py, before the marts
grant update (built_by) on ops.submission to transformer;
grant select on all tables in schema ops to auditor;
grant insert, delete on ops.verdict to auditor;
grant insert, update on ops.validation to auditor;
grant insert, update on ops.stage_time to auditor, publisher;
grant update on ops.publication to auditor;
grant select on ops.publication, ops.verdict, ops.submission, ops.stage_time to publisher;
grant update on ops.publication to publisher;
grant insert on ops.publication_act to publisher;
grant select, insert, update on ops.domain_hold to publisher;  -- who reverts a publication holds its domains
grant select, insert, delete on ops.measure_value, ops.measure_change to publisher;
grant select on ops.measure_value, ops.measure_change, ops.measure_change_file to warehouse_owner;  -- views of the marts show them
-- core, marts and every candidate that is made anew: the auditor may look at whatever their owner makes.
grant usage on schema core, marts, marts_next to auditor;
alter default privileges for role warehouse_owner grant usage on schemas to auditor;
alter default privileges for role warehouse_owner grant select on tables to auditor;
"""


@contextmanager
def connect(dsn: str) -> Iterator[psycopg.Connection]:
    """A connection that commits at the end of the block and rolls back on an error. Times are Asia/Shanghai.

    Raises ShegongError when the database can't be reached.
    """
    try:
        connection = psycopg.connect(dsn, connect_timeout=10, options="-c timezone=Asia/Shanghai")
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ShegongError(
            f"the database can't be reached: {reason}",
            "Is it running? `shegong status` tells; `shegong up` starts the demo's.",
            "database_away",
        ) from error
    with connection:
        yield connection


def create(superuser_dsn: str, passwords: dict[str, str]) -> None:
    """Make roles, schemas, tables and grants, or bring them up to date. Safe to run again; drops nothing."""
    with connect(superuser_dsn) as connection:
        _create_roles(connection, passwords)
        _create_schemas(connection)
    engine = create_engine(
        superuser_dsn.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        connection.exec_driver_sql("set role admin")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with connect(superuser_dsn) as connection:
        connection.execute("set role admin")
        for table in contract.stored().values():
            for statement in staging.statements(table):
                connection.execute(statement)
        connection.execute("reset role")
        connection.execute(GRANTS)


def _create_roles(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    # Roles are shared by all databases of a server: two creators take turns.
    connection.execute("select pg_advisory_xact_lock(hashtext('shegong roles'))")
    known = {name for (name,) in connection.execute("select rolname from pg_roles")}
    for role in (OWNER, *READER_GROUPS):
        if role not in known:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
    for role in ROLES:
        verb = "alter" if role in known else "create"
        connection.execute(
            sql.SQL(verb + " role {} login password {}").format(
                sql.Identifier(role), sql.Literal(passwords[role])
            )
        )
    connection.execute("grant warehouse_owner to transformer, publisher")
    # The publisher sees how old BI's snapshots are, and ends them (shegong/publish.py); no other role's.
    connection.execute("grant bi_reader to publisher")
    # `shegong reader` makes logins as admin, which is master of those alone that it made itself.
    connection.execute("alter role admin createrole")
    for role in READER_GROUPS:
        connection.execute(
            sql.SQL("grant {} to admin with admin true, inherit false, set false").format(
                sql.Identifier(role)
            )
        )
    # dbt builds with two connections; sorts of 300,000 people fit into this.
    connection.execute("alter role transformer set work_mem = '128MB'")
    connection.execute("alter role bi_reader set default_transaction_isolation = 'read committed'")
    connection.execute("alter role bi_reader set statement_timeout = '5min'")


def _create_schemas(connection: psycopg.Connection) -> None:
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("revoke all on database {} from public").format(database))
    connection.execute(
        sql.SQL("grant connect on database {} to {}").format(
            database, sql.SQL(", ").join(map(sql.Identifier, (*ROLES, *READER_GROUPS)))
        )
    )
    connection.execute(sql.SQL("grant create, temporary on database {} to warehouse_owner").format(database))
    connection.execute(sql.SQL("grant temporary on database {} to loader, auditor").format(database))
    for schemas, owner in ((ADMIN_SCHEMAS, "admin"), (OWNED_SCHEMAS, OWNER)):
        for schema in schemas:
            connection.execute(
                sql.SQL("create schema if not exists {} authorization {}").format(
                    sql.Identifier(schema), sql.Identifier(owner)
                )
            )

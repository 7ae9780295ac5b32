"""The two databases of a server, the warehouse and Airflow's, made by its superuser; demo and production."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from shegong import database, settings
from shegong.errors import ShegongError

WAREHOUSE = "shegong"
AIRFLOW = "airflow"


def make_warehouse(superuser_dsn: str, passwords: dict[str, str]) -> None:
    """Make the warehouse with its roles and tables, or bring it up to date. May run again."""
    _make(superuser_dsn, WAREHOUSE)
    database.create(urlsplit(superuser_dsn)._replace(path=f"/{WAREHOUSE}").geturl(), passwords)


def make_airflow(superuser_dsn: str, password: str) -> None:
    """Make Airflow's empty database and its owner. May run again; a new password comes into force."""
    role = sql.Identifier(AIRFLOW)
    with database.connect(superuser_dsn) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", [AIRFLOW]).fetchone()
        command = sql.SQL("{} role {} login password {}")
        verb = sql.SQL("alter" if known else "create")
        connection.execute(command.format(verb, role, sql.Literal(password)))
    _make(superuser_dsn, AIRFLOW)
    with database.connect(superuser_dsn) as connection:
        connection.execute(sql.SQL("alter database {} owner to {}").format(role, role))
        # bi_reader sees the marts and nothing else, and everybody may connect unless told otherwise.
        connection.execute(sql.SQL("revoke all on database {} from public").format(role))


def make_all(env: Mapping[str, str]) -> None:
    """Production's first step: both databases by SHEGONG_SUPERUSER_DSN, with the passwords of the DSNs.

    Raises ShegongError naming the variables that are not set.
    """
    names = {role: f"SHEGONG_DSN_{role.upper()}" for role in settings.ROLES}
    own, airflow = "SHEGONG_SUPERUSER_DSN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
    if missing := [name for name in (own, airflow, *names.values()) if not env.get(name)]:
        raise ShegongError(f"not set: {', '.join(missing)}.", "Fill in .env (see .env.example).")
    make_warehouse(env[own], {role: _password(env[name]) for role, name in names.items()})
    make_airflow(env[own], _password(env[airflow]))


def _password(dsn: str) -> str:
    return unquote(urlsplit(dsn).password or "")


def _make(superuser_dsn: str, name: str) -> None:
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

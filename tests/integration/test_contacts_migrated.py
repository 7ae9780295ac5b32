"""An upgrade keeps what was told: a warehouse of before ops.telling, brought up to date."""

import secrets

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from shegong import database as warehouse


@pytest.fixture
def old(server, passwords):
    """An empty database at revision 0018."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    dsn = server.superuser_dsn.removesuffix("/postgres") + f"/{name}"
    with psycopg.connect(dsn) as connection:
        warehouse._create_schemas(connection)
    upgrade(dsn, "0018")
    yield dsn
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def upgrade(dsn: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(warehouse.MIGRATIONS))
    engine = create_engine(dsn.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_who_was_told_stays_told_and_who_was_a_contact_stays_one(old):
    with psycopg.connect(old) as connection:
        connection.execute(
            "insert into reference.contact values"
            " ('330106', 'clerk', 'a@localhost'), ('330106', 'responsible', 'b@localhost')"
        )
        connection.execute(
            "insert into ops.incident (cause, kind, severity, audience, title, details, opened_at, last_seen_at, announced_at)"
            " select n::text, 'task', 'critical', 'engineers', 't', 'd', '2026-05-06', '2026-05-06', at"
            " from (values (1, timestamptz '2026-05-06 20:00+08'), (2, null)) as given (n, at)"
        )
        connection.execute(
            "insert into ops.outbox (dedupe_key, recipient, subject, body_text, body_html, created_at) values"
            " ('digest:a@localhost:330000:20260506:1', 'a@localhost', '', '', '', '2026-05-06 20:00+08'),"
            " ('reminder:b', 'b@localhost', '', '', '', '2026-05-06 20:00+08')"
        )
    upgrade(old, "head")
    with psycopg.connect(old) as connection:
        told = connection.execute("select incident_id, channel, recipient, phase from ops.telling").fetchall()
        assert told == [(1, "mail", "a@localhost", "opened")]
        contacts = connection.execute("select duty, channel, valid_until from reference.contact order by 1")
        assert contacts.fetchall() == [("filler", "mail", None), ("responsible", "mail", None)]

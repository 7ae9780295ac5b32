"""The schemas that publications stand in: who is at them, who reads them, their change of names, their end.

`marts` is what is read, `marts_next` the candidate, `marts_v<n>` the publication n that stood there before.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from shegong import database, reading_rights
from shegong.errors import ShegongError
from shegong.quality import domains
from shegong.quality.carry import CANDIDATE, PUBLISHED

logger = logging.getLogger(__name__)

PREVIOUS = "marts_v"
KEPT = 2
LOCK = "shegong publish"
LOCK_TIMEOUT = "10s"


@contextmanager
def alone(dsn: str) -> Iterator[None]:
    """Hold the publishers' lock on a connection of its own: it ends with the process, however that ends.

    Raises ShegongError when another publisher is at work.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        if not connection.execute("select pg_try_advisory_lock(hashtext(%s))", [LOCK]).fetchone()[0]:
            raise ShegongError(
                "another publication is under way",
                "Wait for it to end, then publish again.",
                "publishing_now",
            )
        yield


def wait_for_readers(dsn: str, patience: float) -> int:
    """Wait until no BI snapshot is older than the candidate; end those that last. How many were ended.

    A transaction that began after the candidate was finished is safe, as is one that holds no snapshot.
    """
    query = """
        select pid from pg_stat_activity
        where datname = current_database() and usesysid = any(%s)
            and backend_xmin is not null and xact_start <= %s
    """
    until = time.monotonic() + patience
    with psycopg.connect(dsn, autocommit=True) as connection:
        finished_at = connection.execute("select clock_timestamp()").fetchone()[0]
        logins = reading_rights.logins(connection)
        while readers := [pid for (pid,) in connection.execute(query, [logins, finished_at])]:
            if time.monotonic() >= until:
                logger.warning("ending %s reader(s) whose snapshot is older than the candidate", len(readers))
                for pid in readers:
                    connection.execute("select pg_terminate_backend(%s, 5000)", [pid])
                return len(readers)
            time.sleep(0.2)
    return 0


def current(connection: psycopg.Connection) -> int:
    """The publication that is read; 0 before the first."""
    query = "select coalesce(max(publication_id), 0) from ops.publication where state = 'published'"
    return connection.execute(query).fetchone()[0]


def kept(connection: psycopg.Connection) -> dict[int, str]:
    """Earlier publications whose schemas still stand, by id."""
    query = "select nspname from pg_namespace where nspname ~ %s"
    found = [name for (name,) in connection.execute(query, [f"^{PREVIOUS}[0-9]+$"])]
    return {int(name.removeprefix(PREVIOUS)): name for name in found}


def put_in_place(connection: psycopg.Connection, schema: str, last: int) -> None:
    """Give `schema` the name that is read; what was read becomes marts_v<last>. In the caller's transaction.

    Rights stay with a renamed schema: the old one loses its readers, the new one gets them.
    """
    names = {
        "owner": sql.Identifier(database.OWNER),
        "published": sql.Identifier(PUBLISHED),
        "schema": sql.Identifier(schema),
        "previous": sql.Identifier(f"{PREVIOUS}{last}"),
    }
    connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
    connection.execute(sql.SQL("set local role {owner}").format(**names))
    reading_rights.give(connection, schema)
    reading_rights.take(connection, PUBLISHED)
    connection.execute(sql.SQL("alter schema {published} rename to {previous}").format(**names))
    connection.execute(sql.SQL("alter schema {schema} rename to {published}").format(**names))
    if schema == CANDIDATE:
        connection.execute(sql.SQL("create schema {schema} authorization {owner}").format(**names))
    connection.execute("reset role")


def drop_old(dsn: str) -> tuple[str, ...]:
    """Drop all but the last two that were read before, and those reverted; names what could not be dropped.

    Table by table, never by cascade: what somebody hung on one must be seen, not lost. The next publisher tries again.
    """
    with database.connect(dsn) as connection:
        standing = kept(connection)
        query = "select publication_id from ops.publication where state = 'published' and publication_id = any(%s)"
        read = sorted(number for (number,) in connection.execute(query, [list(standing)]))
    old = [name for number, name in sorted(standing.items()) if number not in read[-KEPT:]]
    return tuple(name for name in old if not _drop(dsn, name))


def _drop(dsn: str, schema: str) -> bool:
    try:
        with database.connect(dsn) as connection:
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(database.OWNER)))
            connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
            present = domains.relations(connection, schema)
            # Views first, all at once: they stand on the tables and on each other.
            for kind, word in (("m", "materialized view"), ("v", "view"), ("r", "table")):
                if names := [sql.Identifier(schema, name) for name in present if present[name] == kind]:
                    listed = sql.SQL(", ").join(names)
                    connection.execute(sql.SQL("drop {} {}").format(sql.SQL(word), listed))
            connection.execute(sql.SQL("drop schema {}").format(sql.Identifier(schema)))
    except (psycopg.errors.DependentObjectsStillExist, psycopg.errors.LockNotAvailable) as error:
        logger.warning("%s stays for now: %s", schema, str(error).splitlines()[0])
        return False
    return True

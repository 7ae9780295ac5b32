"""Logins of those who read one area, or what is public. The bureau makes and ends them (`shegong reader`).

A login is a member of one group: area_reader, with its area in reference.area_login, or public_reader. Its rights are
the group's (shegong/reading_rights.py). `connection` is admin's, which alone may change the logins that it made.
"""

import re
import secrets

import psycopg
from psycopg import sql

from shegong.database import OWNER, READER_GROUPS
from shegong.errors import ShegongError
from shegong.settings import ROLES

AREA, PUBLIC = READER_GROUPS
_NAME = re.compile(r"[a-z][a-z0-9_]{2,62}")
_READERS = """
select logins.rolname, groups.rolname, area_login.area_code
from pg_auth_members as grants
inner join pg_roles as groups on groups.oid = grants.roleid
inner join pg_roles as logins on logins.oid = grants.member
left join reference.area_login on area_login.login_name = logins.rolname
where groups.rolname = any(%s) and grants.inherit_option and logins.rolcanlogin and logins.rolname <> all(%s)
order by logins.rolname
"""


def standing(connection: psycopg.Connection) -> dict[str, tuple[str, str | None]]:
    """Login -> its group and, of an area reader, its area."""
    rows = connection.execute(_READERS, [list(READER_GROUPS), list(ROLES)])
    return {login: (group, area) for login, group, area in rows}


def add(connection: psycopg.Connection, login: str, area_code: str | None) -> str:
    """Make a login for the readers of an area (None: of what is public); returns its password, kept nowhere.

    Run again: the login gets a new password and the area given. Raises ShegongError for a name or area that won't do.
    """
    group = PUBLIC if area_code is None else AREA
    _check_name(login)
    if area_code is not None:
        _check_area(connection, area_code)
    before = standing(connection).get(login)
    if before and before[0] != group:
        raise ShegongError(f"{login} is a {before[0]}.", f"End it first: shegong reader end {login}")
    is_known = connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone()
    if is_known and not before:
        raise ShegongError(f"The server has a role {login} that is no reader.", "Take another name.")
    password = secrets.token_urlsafe(18)
    _write_login(connection, login, group, password, is_new=before is None)
    if area_code is not None:
        connection.execute(
            "insert into reference.area_login (login_name, area_code) values (%s, %s)"
            " on conflict (login_name) do update set area_code = excluded.area_code",
            [login, area_code],
        )
    return password


def end(connection: psycopg.Connection, login: str) -> None:
    """End a login. A session of it that is still open reads no row of an area from then on."""
    if login not in standing(connection):
        raise ShegongError(f"There is no reader {login}.", "shegong reader list")
    connection.execute("delete from reference.area_login where login_name = %s", [login])
    connection.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


def _write_login(
    connection: psycopg.Connection, login: str, group: str, password: str, *, is_new: bool
) -> None:
    # Hashed here: a password in clear could stand in the server's log.
    hashed = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    names = {
        "login": sql.Identifier(login),
        "group": sql.Identifier(group),
        "password": sql.Literal(hashed.decode()),
        "verb": sql.SQL("create" if is_new else "alter"),
    }
    for statement in (
        "{verb} role {login} login connection limit 20 password {password}",
        "alter role {login} set default_transaction_isolation = 'read committed'",
        "alter role {login} set statement_timeout = '5min'",
        "grant {group} to {login}",
        # The publisher sees how old its snapshots are, and ends them (shegong/publish.py).
        "grant {login} to publisher",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def _check_name(login: str) -> None:
    if not _NAME.fullmatch(login) or login in (*ROLES, *READER_GROUPS, OWNER) or login.startswith("pg_"):
        raise ShegongError(
            f"{login!r} won't do as a login.",
            "3 to 63 small letters, digits and _, a letter first; no role of ours.",
        )


def _check_area(connection: psycopg.Connection, area_code: str) -> None:
    query = """
        select 1 from reference.area where area_code = %s and is_current and area_level in ('city', 'county')
    """
    if connection.execute(query, [area_code]).fetchone() is None:
        raise ShegongError(
            f"No city or county of today has the code {area_code}.", "Codes have six digits: 330106."
        )

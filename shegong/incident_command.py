"""`shegong incidents`: the open ones, and a person's hand on each."""

import os
from collections.abc import Callable

import click
from rich.table import Table

from shegong import settings
from shegong.calendar import SHANGHAI
from shegong.database import connect
from shegong.runtime.progress import console

_ID = click.argument("incident_id", metavar="ID", type=int)
_BY = click.option("--by", required=True, help="Who acts, by name.")
_REASON = click.option("--reason", required=True, help="Why.")


@click.group()
def incidents() -> None:
    """What is wrong now, and who sees to it."""


@incidents.command("list")
def list_() -> None:
    """The incidents that are not over."""
    table = Table("id", "severity", "state", "assignee", "muted until", "seen", "title")
    query = (
        "select incident_id, severity, state, assignee, muted_until, times_seen, title"
        " from ops.incident where state <> 'resolved' order by incident_id"
    )
    with connect(settings.load(os.environ).dsn["loader"]) as connection:
        for number, severity, state, assignee, until, seen, title in connection.execute(query):
            day = f"{until.astimezone(SHANGHAI):%Y-%m-%d}" if until else ""
            table.add_row(str(number), severity, state, assignee or "", day, str(seen), title)
    console.print(table)


def _act(name: str, incident_id: int, *values: object, **more: object) -> None:
    from shegong.alerts import handling
    from shegong.cli import week_now

    act: Callable = getattr(handling, name)
    with connect(settings.load(os.environ).dsn["loader"]) as connection, connection.transaction():
        act(connection, incident_id, *values, week_now(), **more)
    console.print(f"Incident {incident_id}: {name} is kept.")


def _plain(name: str, help_text: str) -> None:
    @incidents.command(name, help=help_text)
    @_ID
    @_BY
    @_REASON
    def command(incident_id: int, by: str, reason: str) -> None:
        _act(name, incident_id, by, reason)


_plain("acknowledge", "Say that you have seen it.")
_plain("explain", "Say why it is so; told again when it changes.")
_plain("resolve", "End it by hand.")


@incidents.command()
@_ID
@_BY
@_REASON
@click.option("--to", "assignee", required=True, help="Who takes it.")
def assign(incident_id: int, by: str, reason: str, assignee: str) -> None:
    """Give it to one person."""
    _act("assign", incident_id, by, reason, assignee=assignee)


@incidents.command()
@_ID
@_BY
@_REASON
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]))
def mute(incident_id: int, by: str, reason: str, until) -> None:
    """Leave it out of the digests before a day."""
    _act("mute", incident_id, by, reason, until=until.replace(tzinfo=SHANGHAI))


COMMANDS = [incidents]

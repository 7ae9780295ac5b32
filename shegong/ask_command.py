"""`shegong ask`: the marts of another day. Wired in cli.py."""

from datetime import datetime

import click

from shegong import ask as asking
from shegong import settings
from shegong.calendar import SHANGHAI
from shegong.runtime.progress import console


@click.command()
@click.argument("as_of", type=click.DateTime(["%Y-%m-%d"]), required=False)
@click.option(
    "--known-at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="As we knew it then (a day means its end); by default as we know it now.",
)
@click.option("--forget", metavar="SCHEMA", help="Drop what was asked for.")
def ask(as_of: datetime | None, known_at: datetime | None, forget: str | None) -> None:
    """Build all marts as of a day, beside what is published; without a day: list what was asked for.

    \b
    Example:  shegong ask 2022-12-31 --known-at 2023-01-10
              psql "$(shegong dsn --role bi_reader)" -c "select * from asked_20221231….mart_target_progress"
    """
    ours = settings.load()
    if forget:
        asking.forget(ours, forget)
        console.print(f"{forget} is gone")
    elif as_of is None:
        for schema in asking.asked(ours):
            click.echo(schema)
    else:
        console.print("Building the marts of that day")
        schema = asking.ask(ours, as_of.date(), _moment(known_at))
        console.print(f"They are in schema {schema}, for bi_reader to read; the last {asking.KEPT} are kept")


def _moment(known_at: datetime | None) -> datetime | None:
    """A day is meant with all that came on it."""
    if known_at is None:
        return None
    if (known_at.hour, known_at.minute, known_at.second) == (0, 0, 0):
        known_at = known_at.replace(hour=23, minute=59, second=59)
    return known_at.replace(tzinfo=SHANGHAI)

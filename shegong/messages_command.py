"""`shegong messages`: what waits in the outbox or was given up, and a person's word to try again."""

import os

import click
from rich.table import Table

from shegong import settings
from shegong.calendar import SHANGHAI
from shegong.database import connect
from shegong.runtime.progress import console


@click.group()
def messages() -> None:
    """Messages that have not gone: why, and when they are tried again."""


@messages.command("list")
def list_() -> None:
    """What waits and what was given up; what went is in ops.outbox."""
    query = """
        select message_id, channel, recipient, subject, attempts, last_error, given_up_at, next_try_at
        from ops.outbox where sent_at is null order by message_id
    """
    table = Table("id", "channel", "to", "subject", "tries", "last answer", "next try")
    with connect(settings.load(os.environ).dsn["loader"]) as connection:
        for number, channel, to, subject, tries, error, given_up, next_try in connection.execute(query):
            when = f"{next_try.astimezone(SHANGHAI):%m-%d %H:%M}" if next_try else "next run"
            table.add_row(
                str(number), channel, to, subject, str(tries), error or "", "given up" if given_up else when
            )
    console.print(table)


@messages.command()
@click.argument("message_id", metavar="[ID]", type=int, required=False)
def retry(message_id: int | None) -> None:
    """Let the next run try again what was given up: one message, or all."""
    from shegong.alerts import outbox

    with connect(settings.load(os.environ).dsn["loader"]) as connection:
        count = outbox.retry(connection, message_id)
    console.print(f"{count} messages are tried again with the next run of send_alerts.")


COMMANDS = [messages]

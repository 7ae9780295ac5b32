"""`shegong contact`: who is told of an area's troubles, by which channel, from when to when."""

import os
from datetime import datetime

import click
from rich.table import Table

from shegong import settings
from shegong.calendar import local_day
from shegong.database import connect
from shegong.runtime.progress import console

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def contact() -> None:
    """Who is told: fillers and responsible of units, cities and the province, and engineers."""


@contact.command("list")
@click.option(
    "--area", default="", help="A unit or area, such as 330106; a city's code shows its counties too."
)
@click.option("--all", "with_ended", is_flag=True, help="Ended ones too.")
def list_(area: str, with_ended: bool) -> None:
    """The contacts that hold today."""
    from shegong.alerts import contacts
    from shegong.areas import covers
    from shegong.cli import week_now

    table = Table("id", "area", "duty", "channel", "address", "from", "until")
    with connect(settings.load(os.environ).dsn["admin"]) as connection:
        known = contacts.kept(connection) if with_ended else contacts.valid(connection, local_day(week_now()))
        for each in known:
            if not area or covers(area, each.area_code):
                table.add_row(
                    str(each.contact_id), each.area_code, each.duty, each.channel, each.address,
                    str(each.valid_from or ""), str(each.valid_until or ""),
                )  # fmt: skip
    console.print(table)


@contact.command("set")
@click.argument("area")
@click.option("--duty", required=True, type=click.Choice(["filler", "responsible", "engineer"]))
@click.option(
    "--channel", default="mail", type=click.Choice(["mail", "dingtalk", "wecom", "feishu", "webhook"])
)
@click.option("--address", required=True, help="A mail address, or the id of a robot's Airflow connection.")
@click.option("--from", "since", type=_DAY, help="First day; without it, today.")
@click.option("--until", type=_DAY, help="Last day; without it, no end.")
def set_(
    area: str, duty: str, channel: str, address: str, since: datetime | None, until: datetime | None
) -> None:
    """Add a contact to AREA, or give the same one another end."""
    from shegong.alerts import contacts
    from shegong.cli import week_now

    first = since.date() if since else local_day(week_now())
    last = until.date() if until else None
    with connect(settings.load(os.environ).dsn["admin"]) as connection:
        number = contacts.enter(connection, area, duty, channel, address.strip(), first, last)
    console.print(f"Contact {number} is kept.")


@contact.command()
@click.argument("contact_id", metavar="ID", type=int)
@click.option("--on", type=_DAY, help="Last day; without it, today.")
def end(contact_id: int, on: datetime | None) -> None:
    """Say on which day a contact was one for the last time."""
    from shegong.alerts import contacts
    from shegong.cli import week_now

    with connect(settings.load(os.environ).dsn["admin"]) as connection:
        contacts.end(connection, contact_id, on.date() if on else local_day(week_now()))
    console.print(f"Contact {contact_id} has an end.")

"""`shegong reader`: logins that read one city or county, or what is public. Wired in cli.py."""

import click

from shegong import readers, settings
from shegong.database import connect


@click.group()
def reader() -> None:
    """Logins that read one area's rows of the marts, or what is public."""


@reader.command()
@click.argument("login")
@click.option("--area", help="City or county whose rows it reads.")
@click.option("--public", is_flag=True, help="Reads the public tables only.")
def add(login: str, area: str | None, public: bool) -> None:
    """Make a login, or give one a new password and area. The password is shown this once."""
    if public == (area is not None):
        raise click.UsageError("give either --area CODE or --public")
    with connect(settings.load().dsn["admin"]) as connection:
        password = readers.add(connection, login, area)
    click.echo(f"login     {login}\npassword  {password}")


@reader.command()
@click.argument("login")
def end(login: str) -> None:
    """End a login."""
    with connect(settings.load().dsn["admin"]) as connection:
        readers.end(connection, login)
    click.echo(f"{login} ended")


@reader.command(name="list")
def list_readers() -> None:
    """Every login and what it reads."""
    with connect(settings.load().dsn["admin"]) as connection:
        for login, (group, area) in readers.standing(connection).items():
            click.echo(f"{login:<24} {group:<14} {area or ''}".rstrip())

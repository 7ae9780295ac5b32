"""The command `shegong`. Thin: each command hands its words to a function and prints what comes back."""

import json
import os
import sys
from pathlib import Path

import click

from shegong import settings
from shegong.errors import ShegongError
from shegong.reference_command import reference
from shegong.runtime import databases, environment, lifecycle
from shegong.runtime.progress import console, step


def home() -> Path:
    """The state folder of this clone, or the one that SHEGONG_HOME names."""
    return Path(os.environ.get("SHEGONG_HOME") or environment.REPOSITORY / ".shegong")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """Shegong (社工): the province's warehouse for social-work talent, posts and funding.

    \b
    A first look:   shegong up        PostgreSQL and Airflow on this machine
                    shegong status    what runs, where, and its last error
                    shegong stop      ends all of it; your data stays in .shegong

    Everything that runs keeps its files in .shegong beside this clone, or where SHEGONG_HOME says.
    """
    environment.load_into_process(home())


@cli.command()
def up() -> None:
    """Start PostgreSQL and Airflow here, making both on the first call (about a minute). May run again."""
    env = lifecycle.up(home(), step)
    console.print(f"\nAirflow   {environment.airflow_url(env)}  user {environment.AIRFLOW_USER}", end="  ")
    console.print(f"password {env['SHEGONG_AIRFLOW_PASSWORD']}", markup=False)
    console.print("Warehouse shegong dsn --role bi_reader  prints its address for psql and BI tools")


@cli.command()
def stop() -> None:
    """End every process that `up` or `demo` started, also after a crash. The data stays."""
    ended = lifecycle.stop(home(), step)
    console.print(f"Ended: {', '.join(ended)}." if ended else "Nothing was running.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Show each part: whether it runs and answers, where, its last error. Exit code 3 if one does not."""
    parts = lifecycle.status(home())
    if as_json:
        click.echo(json.dumps(lifecycle.as_json(parts), indent=2))
    else:
        for part in parts:
            place = f"127.0.0.1:{part.port}" if part.port else ""
            orphans = f"  {part.orphans} processes left behind: shegong stop" if part.orphans else ""
            click.echo(f"{part.name:<14} {part.state:<16} {place:<16} {part.log}{orphans}")
            if part.last_error:
                click.echo(f"{'':<14} last error: {part.last_error}")
    if any(part.state != "running" for part in parts):
        sys.exit(3)


@cli.command()
@click.option(
    "--role",
    type=click.Choice(settings.ROLES),
    default="bi_reader",
    show_default=True,
    help="Who logs in; bi_reader sees the published marts and nothing else.",
)
def dsn(role: str) -> None:
    """Print the warehouse's address for one role, password included: psql "$(shegong dsn)"."""
    name = f"SHEGONG_DSN_{role.upper()}"
    if not os.environ.get(name):
        raise ShegongError(f"{name} is not set and no demo was made in {home()}.", "Run `shegong up` first.")
    click.echo(os.environ[name])


@cli.group()
def database() -> None:
    """For production: the databases that `up` makes by itself."""


@database.command()
def create() -> None:
    """Make both databases with roles and tables, or bring them up to date, by SHEGONG_SUPERUSER_DSN."""
    databases.make_all(os.environ)
    console.print("The warehouse and Airflow's database are up to date.")


cli.add_command(reference)


def main() -> None:
    """Entry point: what somebody can mend is told in two lines, without a traceback."""
    try:
        cli()
    except (ShegongError, settings.SettingMissing) as error:
        click.echo(f"shegong: {error}", err=True)
        sys.exit(1)

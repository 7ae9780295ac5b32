"""The command `shegong`. Thin: each command hands its words to a function and prints what comes back."""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
import psycopg

from shegong import measure_command, rule_command, settings
from shegong.alias_command import alias
from shegong.ask_command import ask
from shegong.calendar import SHANGHAI
from shegong.contact_command import contact
from shegong.database import connect
from shegong.decision_commands import COMMANDS as DECISIONS
from shegong.docs_command import docs
from shegong.errors import ShegongError
from shegong.explain.command import explain
from shegong.freshness_command import freshness
from shegong.incident_command import COMMANDS as INCIDENTS
from shegong.intake.check_command import check
from shegong.intake.template_command import template
from shegong.messages_command import COMMANDS as MESSAGES
from shegong.publication_commands import COMMANDS as PUBLICATIONS
from shegong.reader_command import reader
from shegong.reference_command import reference
from shegong.replay import command as replay_command
from shegong.runtime import databases, environment, lifecycle
from shegong.runtime.progress import console, step
from shegong.sample.command import command as sample
from shegong.source_command import source
from shegong.watch_command import watch


def home() -> Path:
    """The state folder of this clone, or the one that SHEGONG_HOME names."""
    return Path(os.environ.get("SHEGONG_HOME") or environment.REPOSITORY / ".shegong")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.pass_context
def cli(context: click.Context) -> None:
    """Shegong (社工): the province's warehouse for social-work talent, posts and funding.

    \b
    A first look:     shegong demo          a simulated week of the province, start to end
                      shegong board         what was published: the policy paper's goals
                      shegong submissions   what came, and what became of it
                      shegong check FILE    what is wrong with a county's file, without sending it
                      shegong stop          ends all of it; your data stays in .shegong

    Everything that runs keeps its files in .shegong beside this clone, or where SHEGONG_HOME says.
    """
    environment.load_into_process(home())
    context.obj = week_now


@cli.command()
def up() -> None:
    """Start PostgreSQL and Airflow here, making both on the first call (about a minute). May run again."""
    env = lifecycle.up(home(), step)
    console.print(f"\nAirflow   {environment.airflow_url(env)}  user {environment.AIRFLOW_USER}", end="  ")
    console.print(f"password {env['SHEGONG_AIRFLOW_PASSWORD']}", markup=False)
    console.print("Warehouse shegong dsn --role bi_reader  prints its address for psql and BI tools")


@cli.command()
@click.option("--days", type=click.IntRange(1, 6), default=6, show_default=True, help="How much of the week.")
@click.option(
    "--scale",
    type=click.Choice(["2018", "2022", "2025"]),
    default="2018",
    show_default=True,
    help="26,413, 100,000 or 273,800 certified people.",
)
def demo(days: int, scale: str) -> None:
    """Start everything, send a simulated week of county files through the main job, and leave it running.

    Goes on where an earlier `demo` was stopped; a week that is done is only shown.
    """
    from shegong import board as boards
    from shegong.runtime import demo as week

    began = time.monotonic()
    env = week.run(home(), step, days, scale)
    with connect(env["SHEGONG_DSN_BI_READER"]) as connection:
        boards.print_progress(console, boards.progress(connection, "330000"))
    receipts = home() / "counties" / "<unit>" / "receipts"
    for what, where in (
        (
            "Airflow",
            f"{environment.airflow_url(env)}  user {environment.AIRFLOW_USER}  password {env['SHEGONG_AIRFLOW_PASSWORD']}",
        ),
        ("Warehouse", f"{env['SHEGONG_DSN_BI_READER']}  (schema marts)"),
        ("Receipts", str(receipts)),
        ("Alerts", f"{home() / 'outbox'}  (open an .eml with a mail program)"),
        ("The truth", f"{home() / f'sample-{scale}'}  (what was planted, what must come out)"),
        ("Next", "shegong board --area 330106 · shegong submissions · shegong status · make stop"),
    ):
        console.print(f"{what:<10} {where}", markup=False)
    console.print(
        f"Done in {(time.monotonic() - began) / 60:.1f} minutes. It goes on running until `make stop`."
    )


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
    click.echo(_address(role))


@cli.command()
@click.option(
    "--area", default="330000", show_default=True, help="Province, city or county code, or a unit's."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def board(area: str, as_json: bool) -> None:
    """Target progress of an area, as published: value, target, gap, coverage."""
    from shegong import board as boards

    with connect(_address("bi_reader")) as connection:
        try:
            rows = boards.progress(connection, area)
        except psycopg.errors.UndefinedTable as error:
            raise ShegongError(
                "Nothing is published yet.", "Run `shegong demo`, or the DAG build_marts."
            ) from error
    if not rows:
        raise ShegongError(f"No area has the code {area}.", "Codes have six digits: 330000, 330100, 330106.")
    _show(rows, as_json, boards.print_progress, boards.as_json)


@cli.command()
@click.option("--unit", help="Only this unit's.")
@click.option(
    "--state",
    type=click.Choice(["accepted", "partly_accepted", "held", "refused", "nil", "replaced", "staged"]),
    help="Only these.",
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=30, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def submissions(unit: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """What counties sent and what became of it, newest first."""
    from shegong import board as boards

    with connect(_address("loader")) as connection:
        rows = boards.submissions(connection, unit, state, limit)
    _show(rows, as_json, boards.print_submissions, boards.as_json)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def stages(as_json: bool) -> None:
    """What each stage of each run took, from the ledger."""
    from shegong import board as boards

    with connect(_address("loader")) as connection:
        _show(boards.stages(connection), as_json, boards.print_stages, boards.as_json)


@cli.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--unit", help="The unit's code, if no file name begins with it.")
@click.option(
    "--run/--no-run",
    default=True,
    show_default=True,
    help="Start the main job at once (demo), or wait for its timetable.",
)
def submit(files: tuple[Path, ...], unit: str | None, run: bool) -> None:
    """Lay files into a unit's place as the county would, run the main job, and say what became of them."""
    from shegong import board as boards
    from shegong.runtime import submitting

    address = _address("loader")
    sent = submitting.lay(files, unit, os.environ["SHEGONG_COUNTIES_URL"])
    if not run:
        console.print(f"{len(sent)} files laid into the counties' places; the timetable takes them.")
        return
    submitting.run(home(), os.environ, step)
    with connect(address) as connection:
        boards.print_submissions(console, boards.of_files(connection, sent))
        for path in boards.receipts(connection, sent):
            console.print(f"Receipt {path}", markup=False)


def week_now() -> datetime:
    """The demo's clock while there is a demo, else this machine's."""
    from shegong.runtime import demo as week

    return week.now_of(home()) or datetime.now(SHANGHAI)


def _address(role: str) -> str:
    name = f"SHEGONG_DSN_{role.upper()}"
    if not os.environ.get(name):
        raise ShegongError(
            f"{name} is not set and no demo was made in {home()}.", "Run `shegong demo` first."
        )
    return os.environ[name]


def _show(rows: list[dict], as_json: bool, show: Callable, default: Callable) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=default))
    else:
        show(console, rows)


@cli.group()
def database() -> None:
    """For production: the databases that `up` makes by itself."""


@database.command()
def create() -> None:
    """Make both databases with roles and tables, or bring them up to date, by SHEGONG_SUPERUSER_DSN."""
    databases.make_all(os.environ)
    console.print("The warehouse and Airflow's database are up to date.")


cli.add_command(alias)
cli.add_command(ask)
cli.add_command(contact)
cli.add_command(docs)
cli.add_command(explain)
cli.add_command(freshness)
cli.add_command(watch)
cli.add_command(check)
cli.add_command(measure_command.command(week_now))
cli.add_command(reader)
cli.add_command(rule_command.command(week_now))
cli.add_command(rule_command.data_docs)
cli.add_command(reference)
cli.add_command(source)
cli.add_command(replay_command.command(week_now, home))
cli.add_command(template)
cli.add_command(sample)
for decision in (*DECISIONS, *INCIDENTS, *MESSAGES, *PUBLICATIONS):
    cli.add_command(decision)


def main() -> None:
    """Entry point: what somebody can mend is told in two lines, without a traceback."""
    try:
        cli()
    except (ShegongError, settings.SettingMissing) as error:
        click.echo(f"shegong: {error}", err=True)
        sys.exit(1)

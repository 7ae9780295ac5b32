"""`shegong alias`: what counties' unknown headings mean. Wired in cli.py."""

import json
from datetime import date, datetime

import click
from rich.table import Table

from shegong import header_aliases, settings
from shegong.board import as_json
from shegong.calendar import SHANGHAI
from shegong.contract import load
from shegong.database import connect
from shegong.runtime.progress import console

_BY = click.option("--by", required=True, metavar="NAME", help="The person who decides.")
_FOR_ALL = click.option("--for-all", is_flag=True, help="For all units, and not only the one that sent it.")


@click.group()
def alias() -> None:
    """Headings in counties' files that no contract knows: what they seem to be, approved or rejected by a person.

    \b
    shegong alias list                                             what waits for a decision
    shegong alias approve 12 --by 张三 --from 2026-05-01           for the unit that sent it
    shegong alias approve 12 --by 张三 --from 2026-05-01 --for-all for every unit
    shegong replay                                                 reads again what was refused for it
    """


@alias.command("list")
@click.option(
    "--state",
    type=click.Choice(["proposed", "approved", "rejected", "all"]),
    default="proposed",
    show_default=True,
)
@click.option("--table", "table_name", help="Only this table's.")
@click.option("--json", "in_json", is_flag=True, help="For programs.")
def show(state: str, table_name: str | None, in_json: bool) -> None:
    """Show headings with the field that each seems to be, the most frequent first."""
    with connect(settings.load().dsn["loader"]) as connection:
        rows = header_aliases.listed(connection, None if state == "all" else state, table_name)
    if in_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=as_json))
    else:
        _print(rows)


@alias.command()
@click.argument("alias_id", type=int, metavar="ID")
@_BY
@click.option(
    "--from",
    "valid_from",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The first report date that is read with it.",
)
@_FOR_ALL
@click.option("--field", "field_name", help="Another field than the proposed one.")
def approve(alias_id: int, by: str, valid_from: datetime, for_all: bool, field_name: str | None) -> None:
    """Let the heading be the field in files of that report date and later."""
    with connect(settings.load().dsn["loader"]) as connection:
        row = header_aliases.approve(
            connection,
            alias_id,
            by=by,
            now=datetime.now(SHANGHAI),
            valid_from=valid_from.date(),
            for_all=for_all,
            field_name=field_name,
        )
    _print([row])
    console.print("Files that were read without it: shegong replay --table " + row["table_name"])


@alias.command()
@click.argument("alias_id", type=int, metavar="ID")
@_BY
@_FOR_ALL
def reject(alias_id: int, by: str, for_all: bool) -> None:
    """Let the heading be none of our fields; it is not proposed again."""
    with connect(settings.load().dsn["loader"]) as connection:
        row = header_aliases.reject(connection, alias_id, by=by, now=datetime.now(SHANGHAI), for_all=for_all)
    _print([row])


def _print(rows: list[dict]) -> None:
    table = Table(title=f"{len(rows)} headings")
    for header in ("ID", "table", "heading", "field", "unit", "state", "score", "seen", "from", "by"):
        table.add_column(header, no_wrap=header in ("ID", "table", "from"))
    for row in rows:
        table.add_row(
            str(row["alias_id"]), row["table_name"], row["header"], _field(row["table_name"], row["field_name"]),
            row["unit_code"] or "all", row["state"], str(row["score"] or ""), str(row["times_seen"]), _day(row["valid_from"]),
            row["decided_by"] or "",
        )  # fmt: skip
    console.print(table)


def _field(table: str, name: str) -> str:
    """The field with its header; a later version may have dropped it."""
    found = next((f for f in load()[table].fields if f.name == name), None)
    return f"{name} {found.header}" if found else name


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""

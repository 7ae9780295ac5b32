"""`shegong check`: what is wrong with a file, told without sending it. Wired in cli.py and county_cli.py."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from shegong.calendar import SHANGHAI


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--unit", help="Whose file it is, if it doesn't say so itself.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that a report date may not be after  [default: today].",
)
@click.pass_context
def check(
    context: click.Context, file: Path, as_json: bool, unit: str | None, today: datetime | None
) -> None:
    """Show what is wrong with a county's file, without sending it. Needs no database.

    Exit code 1 if the file, a sheet or any row would be refused.
    """
    from shegong.intake import check as checks

    clock = context.obj or (lambda: datetime.now(SHANGHAI))  # a demo has its own
    day = (today or clock()).date()
    reports = checks.check(file, day, unit)
    if as_json:
        said = {"sheets": [asdict(r) for r in reports], "not_asked": list(checks.NOT_ASKED)}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        checks.print_reports(Console(highlight=False), file.name, reports)
    if any(finding["level"] in "FE" for report in reports for finding in report.findings):
        sys.exit(1)

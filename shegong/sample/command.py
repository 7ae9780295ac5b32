"""`shegong sample`: writes the simulated week into a folder."""

from pathlib import Path

import click

from shegong import sample
from shegong.sample.world import SCALES


@click.command("sample")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write into."
)
@click.option(
    "--scale",
    type=click.Choice(list(SCALES)),
    default="2018",
    show_default=True,
    help="The year whose size it has: 26,413 (2018), 100,000 (2022) or 273,800 (2025) certified people.",
)
@click.option(
    "--seed", type=int, default=20260506, show_default=True, help="The same seed gives the same bytes."
)
@click.option(
    "--days",
    type=click.IntRange(1, 6),
    default=6,
    show_default=True,
    help="Days of the week from 6 May 2026 on.",
)
def command(out: Path, scale: str, seed: int, days: int) -> None:
    """Invent a week of submissions of the whole province, with wrong files among them.

    \b
    OUT/day-<n>/<unit>/<file>  what each unit sends on each day
    OUT/defects.csv            every finding that must come: file, sheet, row, column, rule
    OUT/states.csv             what must become of each file
    OUT/truth.csv              what each goal must be, by day and area
    """
    sample.make(out, scale, seed, days)
    files = sum(1 for path in out.glob("day-*/*/*") if path.is_file())
    click.echo(f"{files} files in {out}; defects.csv, states.csv and truth.csv say what must come of them.")

"""`shegong reference`: the click group of the bureau's reference data. Wired in cli.py."""

import click

from shegong import reference_data, settings


@click.group()
def reference() -> None:
    """Areas, calendar, codes, parameters and goals that the bureau keeps."""


@reference.command()
def load() -> None:
    """Fill what is missing in schema reference. Rows that are there stay as they were edited."""
    added = reference_data.load(settings.load().dsn["admin"])
    for table, rows in added.items():
        click.echo(f"{table:<10} {rows:>6} added")

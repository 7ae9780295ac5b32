"""`shegong docs`: the site that describes every table and column. Wired in cli.py."""

import os
from pathlib import Path

import click

from shegong import settings


@click.command()
@click.argument("page", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--graph",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave dbt's manifest and catalog here too.",
)
def docs(page: Path, graph: Path | None) -> None:
    """Write the dbt docs site of what is published to PAGE, one HTML file that needs no internet."""
    from shegong import docs_site

    count = docs_site.write(settings.load(os.environ), page, graph)
    click.echo(f"{page}  ({count} models)")

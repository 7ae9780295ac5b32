"""`shegong docs`: the site that describes every table and column. Wired in cli.py."""

import os
from pathlib import Path

import click

from shegong import settings


@click.command()
@click.argument("page", type=click.Path(path_type=Path, dir_okay=False))
def docs(page: Path) -> None:
    """Write the dbt docs site of what is published to PAGE, one HTML file that needs no internet."""
    from shegong import docs_site

    count = docs_site.write(settings.load(os.environ), page)
    click.echo(f"{page}  ({count} models)")

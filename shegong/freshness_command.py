"""`shegong freshness`: whether reports still come, by working days. Wired in cli.py."""

import json
import os

import click

from shegong import settings
from shegong.runtime.progress import console

_WORDS = {
    "pass": "fresh",
    "warn": "silent for more than a working day",
    "error": "silent for more than two working days",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def freshness(as_json: bool) -> None:
    """How long ago the last report came, in working days (dbt's source freshness). Exit code 3 when too long."""
    from shegong import transform

    results = transform.invoke(settings.load(os.environ), ["source", "freshness"], {})
    rows = [
        {"source": found.node.name, "status": str(found.status), "last_at": str(found.max_loaded_at)}
        for found in results
    ]
    if as_json:
        click.echo(json.dumps(rows))
    else:
        for row in rows:
            words = _WORDS.get(row["status"], row["status"])
            console.print(f"{row['source']}: {words}; last {row['last_at']}, days off left out", markup=False)
    if any(row["status"] not in ("pass", "warn") for row in rows):
        raise SystemExit(3)

"""`shegong watch`: the watcher from outside Airflow, for cron or a systemd timer. Wired in cli.py."""

import os
from datetime import UTC, datetime

import click

from shegong import settings
from shegong.database import connect
from shegong.runtime.progress import console


@click.command()
def watch() -> None:
    """Whether runs come and disks have room. Exit code 3 when something is wrong; it becomes an incident, too."""
    from shegong.alerts import watch as watcher

    ours = settings.load(os.environ)
    with connect(ours.dsn["loader"]) as connection:
        found = watcher.watch(connection, ours, datetime.now(UTC))
    for incident in found:
        console.print(f"{incident.severity}: {incident.title} {incident.details}", markup=False)
    if found:
        raise SystemExit(3)
    console.print("Runs come, disks have room.")

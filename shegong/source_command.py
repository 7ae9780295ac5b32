"""`shegong source`: where units' files come from besides the folder. Wired in cli.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import psycopg
from upath import UPath

from shegong import settings
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.intake.places.place import FAILURES, Access, SourceError
from shegong.intake.places.reach import Reach
from shegong.intake.returning import KEPT, receipts_archive


@click.group()
def source() -> None:
    """Counties' servers and mailboxes that files are taken from; docs/sources.md tells how to add one."""


@source.command(name="list")
def list_sources() -> None:
    """Every source, its last good look, and what is wrong with it."""
    query = """
        select s.source_name, s.kind, coalesce(s.unit_code, '(all)'), s.is_enabled, l.succeeded_at, l.last_error
        from reference.source as s left join ops.source_look as l using (source_name) order by source_name
    """
    with connect(settings.load().dsn["loader"]) as connection:
        for name, kind, unit, is_enabled, succeeded_at, error in connection.execute(query):
            state = "on" if is_enabled else "off"
            seen = f"{succeeded_at:%Y-%m-%d %H:%M}" if succeeded_at else "never"
            click.echo(f"{name:<24} {kind:<7} {unit:<7} {state:<4} last good look {seen:<17} {error or ''}")


@source.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(["folder", "sftp", "s3", "https", "imap"]), required=True)
@click.option(
    "--unit", help="Whose files they are; without it, a root with a folder (or contacts) for each unit."
)
@click.option("--address", required=True, help="Folder, bucket/prefix, https:// address, or mail folder.")
@click.option("--connection", help="Id of the Airflow connection that holds the login.")
@click.option(
    "--receipts", help="Where receipts go; `reply` for a mailbox. Without it nothing is written back."
)
def add(
    name: str, kind: str, unit: str | None, address: str, connection: str | None, receipts: str | None
) -> None:
    """Add a source. The next run reads it."""
    values = [name, kind, unit, address, connection, receipts]
    try:
        with connect(settings.load().dsn["admin"]) as database:
            database.execute(
                "insert into reference.source (source_name, kind, unit_code, address, connection_id, receipts_address)"
                " values (%s, %s, %s, %s, %s, %s)",
                values,
            )
    except psycopg.IntegrityError as error:
        raise ShegongError(
            f"This source can't be added: {error.diag.message_primary}.",
            "docs/sources.md tells what each kind needs.",
        ) from error


@source.command()
@click.argument("name")
@click.option("--on", is_flag=True, help="Switch it on again.")
def disable(name: str, on: bool) -> None:
    """Stop reading a source, or go on with it."""
    with connect(settings.load().dsn["admin"]) as connection:
        query = "update reference.source set is_enabled = %s where source_name = %s"
        if not connection.execute(query, [on, name]).rowcount:
            raise ShegongError(f"There is no source {name}.", "`shegong source list` names them.")


@source.command()
@click.argument("name")
def test(name: str) -> None:
    """Log in and list, without taking anything. Asks Airflow on this machine for the login."""
    ours = settings.load()
    with connect(ours.dsn["loader"]) as connection, Reach(ours, connection, UPath, _access) as reach:
        try:
            found = list(reach.place(name).look(lambda path: None))
        except SourceError as error:
            raise ShegongError(
                f"{name}: {error}. {FAILURES[error.why][0]}", FAILURES[error.why][1]
            ) from error
    click.echo(f"{name} answers: {len(found)} files to see.")


@source.command()
@click.argument("delivery", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def receipt(delivery: int, file: Path) -> None:
    """Write the receipt that no way leads back for into FILE, to hand it out by hand. It holds personal data."""
    ours = settings.load()
    with connect(ours.dsn["loader"]) as connection:
        query = "select receipt_path from ops.delivery where delivery_id = %s"
        kept = (connection.execute(query, [delivery]).fetchone() or ("",))[0] or ""
    if not kept.startswith(KEPT):
        raise ShegongError(
            f"No receipt of delivery {delivery} is kept here.", "It went back the way the file came."
        )
    with receipts_archive(ours, UPath).open(kept.removeprefix(KEPT)) as stream:
        content = stream.read()
    try:
        # a file of its own from its first byte on: one that is there may be open to others, or somebody's
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(content)
    except FileExistsError as error:
        raise ShegongError(f"{file} exists already.", "Name another file.") from error
    except OSError as error:
        raise ShegongError(f"{file} can't be written: {error.strerror}.", "Name another file.") from error


def _access(connection_id: str) -> Access:
    words = [sys.executable, "-m", "airflow", "connections", "get", connection_id, "-o", "json"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    start = ended.stdout.find("[{")
    if ended.returncode or start < 0:
        raise SourceError("misconfigured", f"Airflow has no connection {connection_id}")
    known = json.loads(ended.stdout[start:])[0]
    extra = known.get("extra_dejson") or {}
    return Access(
        known.get("host") or "",
        int(known["port"]) if known.get("port") else None,
        known.get("login") or "",
        known.get("password") or "",
        extra if isinstance(extra, dict) else json.loads(extra),
    )

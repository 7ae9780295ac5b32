"""`python -m bench`: makes the input, runs every contender in a process of its own, prints one table."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

from bench import report, server

SMALL_FILES = 60


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, help="Rows of the CSV.")
@click.option("--workbook-rows", default=50_000, show_default=True, help="Rows of the workbook.")
@click.option("--json", "as_json", is_flag=True, help="Print the measurements as JSON instead of the table.")
def main(rows: int, workbook_rows: int, as_json: bool) -> None:
    """Speed and memory of intake against COPY, dlt and pandas, as ratios of one run on one machine.

    Exits with 1 when a bar is missed.
    """
    console = Console(stderr=as_json)
    with tempfile.TemporaryDirectory(prefix="shegong-bench-") as folder, server.running() as warehouses:
        measured = _measure(Path(folder), warehouses, rows, workbook_rows, console)
    bars = report.bars(measured)
    if as_json:
        click.echo(
            json.dumps({"measured": measured, "bars": [bar._asdict() for bar in bars]}, ensure_ascii=False)
        )
    else:
        report.show(console, measured, bars)
    sys.exit(not all(bar.is_met for bar in bars))


def _measure(
    folder: Path, warehouses: server.Warehouses, count: int, workbook_rows: int, console: Console
) -> dict:
    inputs = {
        "csv": _make(folder / "330106_talent_S20260506_01.csv", "csv", count, console),
        "workbook": _make(folder / "330106_talent_S20260506_02.xlsx", "workbook", workbook_rows, console),
        "small": _make(folder / "small", "small", SMALL_FILES, console),
    }
    runs = [
        ("copy", "copy", "csv"), ("staged", "staged", "csv"), ("intake", "intake", "csv"), ("dlt", "dlt", "csv"),
        ("to_sql", "to_sql", "csv"), ("to_sql_psycopg3", "to_sql_psycopg3", "csv"), ("calamine", "calamine", "workbook"),
        ("workbook", "intake", "workbook"), ("small", "small", "small"),
    ]  # fmt: skip
    measured = {}
    for name, contender, source in runs:
        is_ours = contender in ("staged", "intake", "small")
        environment = warehouses.fresh(name) if is_ours else warehouses.empty(name)
        with console.status(f"{name}: loading"):
            measured[name] = _run(contender, inputs[source], environment)
    return measured


def _make(path: Path, kind: str, count: int, console: Console) -> Path:
    with console.status(f"{kind}: writing {count:,}"):
        subprocess.run([sys.executable, "-m", "bench.rows", kind, str(path), str(count)], check=True)
    return path


def _run(contender: str, source: Path, environment: dict[str, str]) -> dict:
    """One contender in a process of its own; what it writes to stderr is shown, its last line is the result."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.contenders", contender, str(source)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()

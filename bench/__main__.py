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

_CSV, _WORKBOOK = "330106_talent_S20260506_01.csv", "330106_talent_S20260506_02.xlsx"
_PLENTY = {"SHEGONG_MAX_FILE_MIB": "4096"}
# what is measured -> who runs it, on which input; ours run in a warehouse, the others in an empty database
RUNS = {
    "large": [
        ("copy", "copy", "csv"), ("staged", "staged", "csv"), ("intake", "intake", "csv"), ("dlt", "dlt", "csv"),
        ("to_sql", "to_sql", "csv"), ("to_sql_psycopg3", "to_sql_psycopg3", "csv"),
    ],
    "workbook": [("calamine", "calamine", "workbook"), ("workbook", "intake", "workbook")],
    "memory": [("gibibyte", "intake", "gibibyte")],
    "days": [("rosters", "rosters", "rosters"), ("usual", "usual", "usual"), ("quarter", "quarter", "quarter")],
    "marts": [("month", "month", "province"), ("five_years", "five_years", "province")],
    "page": [("page", "page", "")],
    # Not unless asked for: an hour. The name's number is how many times the province.
    "growth": [(name, name, "province") for name in ("grown_1", "grown_4", "grown_16")],
}  # fmt: skip
_ASKED_FOR = {"growth"}
_OURS = {
    "staged",
    "intake",
    "rosters",
    "usual",
    "quarter",
    "month",
    "five_years",
    "page",
    "grown_1",
    "grown_4",
    "grown_16",
}
_DAYS = {"rosters", "usual", "quarter", "province"}


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, help="Rows of the CSV.")
@click.option("--workbook-rows", default=50_000, show_default=True, help="Rows of the workbook.")
@click.option("--mebibytes", default=1024, show_default=True, help="Size of the CSV that memory is asked of.")
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice(list(RUNS)),
    help="Only these; by default all but growth.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the measurements as JSON instead of the table.")
def main(rows: int, workbook_rows: int, mebibytes: int, parts: tuple[str, ...], as_json: bool) -> None:
    """Speed and memory of intake against COPY, dlt and pandas, of whole days, of dbt over years, and of the bureau's page, in one run on one machine.

    Exits with 1 when a bar is missed.
    """
    console = Console(stderr=as_json)
    sizes = {"csv": rows, "workbook": workbook_rows, "gibibyte": mebibytes}
    with tempfile.TemporaryDirectory(prefix="shegong-bench-") as folder, server.running() as warehouses:
        measured = {}
        for part in parts or [part for part in RUNS if part not in _ASKED_FOR]:
            measured |= _measure(Path(folder), warehouses, RUNS[part], sizes, console)
    bars = report.bars(measured)
    if as_json:
        click.echo(
            json.dumps({"measured": measured, "bars": [bar._asdict() for bar in bars]}, ensure_ascii=False)
        )
    else:
        report.show(console, measured, bars)
    sys.exit(not all(bar.is_met for bar in bars))


def _measure(
    folder: Path, warehouses: server.Warehouses, runs: list[tuple], sizes: dict[str, int], console: Console
) -> dict:
    measured = {}
    for name, contender, source in runs:
        with console.status(f"{name}: writing its files"):
            file = _input(folder, source, sizes.get(source, 0))
        environment = warehouses.fresh(name) if contender in _OURS else warehouses.empty(name)
        with console.status(f"{name}: loading"):
            before = warehouses.cpu_seconds()
            measured[name] = _run(contender, file, environment | _PLENTY)
            measured[name]["server_cpu"] = warehouses.cpu_seconds() - before
        console.print(f"{name}: {measured[name]['rows']:,} rows in {measured[name]['seconds']:.2f} s")
    return measured


def _input(folder: Path, kind: str, size: int) -> Path:
    """What is read, made at its first use; the folder itself where nothing is."""
    if not kind:
        return folder
    if kind in _DAYS:
        path, module, arguments = folder / kind, "bench.province", [kind, str(folder / kind)]
    else:
        path = folder / kind / (_WORKBOOK if kind == "workbook" else _CSV)
        path.parent.mkdir(exist_ok=True)
        written = {"gibibyte": "large"}.get(kind, kind)
        module, arguments = "bench.rows", [written, str(path), str(size)]
    if not path.exists():
        subprocess.run([sys.executable, "-m", module, *arguments], check=True)
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

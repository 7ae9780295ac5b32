"""The measurements as tables, and the bars that they must meet."""

from typing import NamedTuple

from rich.console import Console
from rich.table import Table

_TITLES = {
    "copy": "bare COPY, typed columns",
    "staged": "intake: read, check, stage, findings, ledger",
    "intake": "intake, all: encrypted archive and vault too",
    "dlt": "dlt, through Arrow",
    "to_sql": "pandas.to_sql (a part of the file)",
    "to_sql_psycopg3": "pandas.to_sql by psycopg 3 (a part)",
    "calamine": "workbook: calamine alone",
    "workbook": "workbook: intake, all",
    "small": "small files: intake, all",
}


class Bar(NamedTuple):
    """A claim, what was measured for it, and its limit; `at_least` tells on which side of it is good."""

    claim: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def bars(measured: dict[str, dict]) -> list[Bar]:
    """Every bar that is set for intake, with the figure of this run."""
    rate = {name: run["rows"] / run["seconds"] for name, run in measured.items()}
    small = measured["small"]
    return [
        Bar("read, check and stage: times COPY", rate["copy"] / rate["staged"], 2.5),
        Bar("all of intake: times COPY", rate["copy"] / rate["intake"], 3.5),
        Bar("all of intake: rate over dlt's", rate["intake"] / rate["dlt"], 1.0, at_least=True),
        Bar("all of intake: rate over to_sql's", rate["intake"] / rate["to_sql"], 6.0, at_least=True),
        Bar("the same, to_sql by psycopg 3", rate["intake"] / rate["to_sql_psycopg3"], 6.0, at_least=True),
        Bar("peak memory of intake, MiB", measured["intake"]["peak_mib"], 1024),
        Bar("workbook: rate over calamine's", rate["workbook"] / rate["calamine"], 0.5, at_least=True),
        Bar("small files: our CPU, milliseconds a file", 1000 * small["cpu"] / small["files"], 40),
    ]


def show(console: Console, measured: dict[str, dict], met: list[Bar]) -> None:
    """Three tables: who took how long, what intake did in the time, which bars are met."""
    console.print(_runs(measured), _parts(measured), _bars(met))


def _runs(measured: dict[str, dict]) -> Table:
    table = _table("Loading", "rows", "seconds", "rows/s", "× COPY", "peak MiB")
    copy = measured["copy"]["rows"] / measured["copy"]["seconds"]
    for name, run in measured.items():
        rate = run["rows"] / run["seconds"]
        cells = (
            f"{run['rows']:,}",
            f"{run['seconds']:.2f}",
            f"{rate:,.0f}",
            f"{copy / rate:.2f}",
            f"{run['peak_mib']:.0f}",
        )
        table.add_row(_TITLES[name], *cells)
    return table


def _parts(measured: dict[str, dict]) -> Table:
    """Seconds that the threads spent in each part; they work side by side, so the sum is more than the whole."""
    ours = [name for name, run in measured.items() if "parts" in run]
    table = _table("Part (three threads side by side), seconds", *ours)
    for part in dict.fromkeys(part for name in reversed(ours) for part in measured[name]["parts"]):
        table.add_row(part, *(f"{measured[name]['parts'].get(part, 0):.2f}" for name in ours))
    table.add_row("whole", *(f"{measured[name]['seconds']:.2f}" for name in ours), style="bold")
    return table


def _bars(met: list[Bar]) -> Table:
    table = _table("Bar", "measured", "limit", "")
    for bar in met:
        sign = "≥" if bar.at_least else "≤"
        table.add_row(
            bar.claim,
            f"{bar.value:.2f}",
            f"{sign} {bar.limit:g}",
            "met" if bar.is_met else "[red]missed[/red]",
        )
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title)
    for column in columns:
        table.add_column(column, justify="right")
    return table

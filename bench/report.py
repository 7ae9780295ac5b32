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
    "gibibyte": "large CSV: intake, all",
    "rosters": "roster morning: until all is staged",
    "usual": "a usual day: all stages",
    "quarter": "a quarter's end: all stages",
    "month": "a usual day's dbt, after 30 days",
    "five_years": "a usual day's dbt, after five years",
    "page": "the bureau's page over a month",
    "grown_1": "a usual day's dbt, the province",
    "grown_4": "a usual day's dbt, 4 provinces",
    "grown_16": "a usual day's dbt, 16 provinces",
}
_QUARTER_FILES = 2000


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
    """Every bar that is set and whose parts were measured, with the figure of this run."""
    rate = {name: run["rows"] / run["seconds"] for name, run in measured.items()}
    seconds = {name: run["seconds"] for name, run in measured.items()}
    made = [
        _ratio("read, check and stage: times COPY", rate, "copy", "staged", 1.5),
        _ratio("all of intake: times COPY", rate, "copy", "intake", 2.2),
        _ratio("all of intake: rate over dlt's", rate, "intake", "dlt", 2.0, at_least=True),
        _ratio("all of intake: rate over to_sql's", rate, "intake", "to_sql", 6.0, at_least=True),
        _ratio("workbook: rate over calamine's", rate, "workbook", "calamine", 0.8, at_least=True),
    ]
    if "gibibyte" in measured:
        made.append(Bar("large CSV: peak memory, MiB", measured["gibibyte"]["peak_mib"], 600))
    if "rosters" in measured:
        made.append(Bar("roster morning: seconds until staged", seconds["rosters"], 120))
    if "usual" in measured:
        made.append(Bar("a usual day: seconds, all stages", seconds["usual"], 20))
    if "quarter" in measured:
        files = measured["quarter"]["files"]
        made.append(
            Bar("a quarter's end: seconds for 2,000 files", seconds["quarter"] * _QUARTER_FILES / files, 80)
        )
    if "five_years" in measured:
        made += _of_years(measured)
    if "page" in measured:
        pages = measured["page"]["pages"]
        made += [
            Bar(f"the board of a month, {view}: seconds until drawn", took["drawn"] / 1000, 1)
            for view, took in pages.items()
        ]
    return [bar for bar in made if bar]


def _of_years(measured: dict[str, dict]) -> list[Bar]:
    years = measured["five_years"]
    made = [
        Bar("a usual day's dbt after five years: seconds", years["seconds"], 60),
        Bar("everything built anew: seconds", years["rebuild"], 600),
    ]
    made += [Bar(f"{query}: p95, milliseconds", took, 200) for query, took in years["queries"].items()]
    if "month" in measured:
        after_month = measured["month"]["seconds"]
        made.append(Bar("a usual day's dbt: five years over 30 days", years["seconds"] / after_month, 1.2))
    return made


def _ratio(
    claim: str, rate: dict[str, float], one: str, other: str, limit: float, *, at_least: bool = False
) -> Bar | None:
    return Bar(claim, rate[one] / rate[other], limit, at_least) if {one, other} <= set(rate) else None


def show(console: Console, measured: dict[str, dict], met: list[Bar]) -> None:
    """Who took how long, what intake did in the time, the stages of the days, which bars are met."""
    console.print(_runs(measured), _parts(measured), _stages(measured))
    if "page" in measured:
        console.print(_pages(measured["page"]["pages"]))
    console.print(_bars(met))


def _runs(measured: dict[str, dict]) -> Table:
    """CPU is what ratios should be read with where a machine has other things to do."""
    table = _table(
        "Loading", "rows", "seconds", "rows/s", "× COPY", "our CPU s", "server's CPU s", "peak MiB"
    )
    copy = measured["copy"]["rows"] / measured["copy"]["seconds"] if "copy" in measured else None
    for name, run in measured.items():
        rate = run["rows"] / run["seconds"]
        cells = (
            f"{run['rows']:,}",
            f"{run['seconds']:.2f}",
            f"{rate:,.0f}",
            f"{copy / rate:.2f}" if copy else "",
            f"{run['cpu']:.2f}",
            f"{run['server_cpu']:.2f}",
            f"{run['peak_mib']:.0f}",
        )
        table.add_row(_TITLES[name], *cells)
    return table


def _parts(measured: dict[str, dict]) -> Table:
    """Seconds that the threads spent in each part; they work side by side, so the sum is more than the whole."""
    ours = [name for name, run in measured.items() if "parts" in run]
    table = _table("Part (threads side by side), seconds", *ours)
    for part in dict.fromkeys(part for name in reversed(ours) for part in measured[name]["parts"]):
        table.add_row(part, *(f"{measured[name]['parts'].get(part, 0):.2f}" for name in ours))
    table.add_row("whole", *(f"{measured[name]['seconds']:.2f}" for name in ours), style="bold")
    return table


def _stages(measured: dict[str, dict]) -> Table:
    days = {name: run for name, run in measured.items() if "stages" in run}
    table = _table("Stage, seconds", *days)
    for stage in dict.fromkeys(stage for run in days.values() for stage in run["stages"]):
        table.add_row(
            stage, *(f"{run['stages'][stage]:.1f}" if stage in run["stages"] else "" for run in days.values())
        )
    table.add_row("files", *(f"{run['files']:,}" for run in days.values()), style="bold")
    return table


def _pages(pages: dict[str, dict[str, float]]) -> Table:
    """The server's times are parts of the first: from what the browser asked until it had the answer's last byte."""
    table = _table("Page, milliseconds", *pages)
    for part in next(iter(pages.values())):
        table.add_row(part, *(f"{took[part]:.0f}" for took in pages.values()))
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

"""What dbt costs when years of days lie behind it, and what the readers of the marts wait for.

The province of 2025 with a history of 30 days, and of five years: the same usual day is built on both.
"""

import os
import statistics
import time
from datetime import datetime, timedelta
from datetime import time as clock
from pathlib import Path
from shutil import copytree
from urllib.parse import unquote, urlsplit

import psycopg

from bench import days, years
from shegong import audit, publish, settings, transform
from shegong.calendar import SHANGHAI

MONTH, FIVE_YEARS = 30, 1827
_ASKED = 100  # times that each query of a dashboard is asked
# What a dashboard asks, each with the values that it is asked of in turn.
_QUERIES = {
    "target progress by city": (
        "select goal_id, goal_name, area_code, area_name, value, target, gap from marts.mart_target_progress"
        " where area_level = 'city' and goal_id = %s order by area_code",
        "select distinct goal_id from marts.mart_target_progress where area_level = 'city'",
    ),
    "county scorecard": (
        "select * from marts.mart_scorecards where area_code = %s order by measure_id, figure_id",
        "select area_code from marts.dim_areas where area_level = 'county'",
    ),
    "monthly trend": (
        "select month, value from marts.mart_measure_history"
        " where measure_id = %s and figure_id = %s and area_code = %s order by month",
        "select measure_id, figure_id, area_code from marts.mart_scorecards where value is not null",
    ),
    "breach list": (
        "select * from marts.mart_rule_breaches where area_code = %s order by 1, 2 limit 200",
        "select area_code from marts.mart_rule_breaches group by 1 order by count(*) desc, 1",
    ),
    "gap list": (
        "select * from marts.mart_target_gaps where goal_id = %s and area_code = %s order by gap_rank limit 200",
        "select goal_id, area_code from marts.mart_target_gaps group by 1, 2 order by count(*) desc, 1, 2",
    ),
}  # fmt: skip


def month(folder: Path) -> dict:
    """A usual day's dbt work after 30 days. `seconds` are those of core and marts, tests included."""
    _begin(folder, MONTH)
    return _usual_day()


def five_years(folder: Path) -> dict:
    """The same after five years; the dashboards' queries then, and everything built anew."""
    _begin(folder, FIVE_YEARS)
    measured = _usual_day()
    years.write_record(os.environ["BENCH_DSN"], FIVE_YEARS // 30)
    measured["queries"] = {name: _p95(*query) for name, query in _QUERIES.items()}
    _, rebuilt = _build(_moment(1), refill=True)
    measured["rebuild"] = sum(rebuilt.values())
    return measured | {"stages": measured["stages"] | {f"{name}, anew": s for name, s in rebuilt.items()}}


def grown_1(folder: Path) -> dict:
    """A usual day of the province after 30 days, to set the larger ones beside."""
    return _grown(folder, 1)


def grown_4(folder: Path) -> dict:
    """Of a province of four times the people and organisations."""
    return _grown(folder, 4)


def grown_16(folder: Path) -> dict:
    """Of sixteen times, without attendance."""
    return _grown(folder, 16, attendance=False)


def _grown(folder: Path, times: int, *, attendance: bool = True) -> dict:
    _begin(folder, MONTH, times, attendance=attendance)
    return _usual_day(times, attendance=attendance)


def _begin(folder: Path, history: int, times: int = 1, *, attendance: bool = True) -> None:
    """The first day's files through intake, years of days behind them, all of it built and published, and a usual day.

    The day that is measured follows that one: after a first build every month is as good as changed, once.
    """
    dsn = os.environ["BENCH_DSN"]
    copytree(folder, unquote(urlsplit(settings.load().counties_url).path), dirs_exist_ok=True)
    days.take(days.NOW)
    years.begin(dsn, history, times)
    first, last = years.LAST - timedelta(days=history - 1), years.LAST - timedelta(days=2)
    years.write(dsn, first, last, times, attendance=attendance)
    publication, _ = _build(_moment(-2))
    _publish(publication, _moment(-2))
    _usual_day(times, attendance=attendance, days_later=-1)


def _usual_day(times: int = 1, *, attendance: bool = True, days_later: int = 0) -> dict:
    day, now = years.LAST + timedelta(days=days_later), _moment(days_later)
    files, rows = years.write(os.environ["BENCH_DSN"], day, day, times, attendance=attendance)
    publication, stages = _build(now)
    published = _publish(publication, now)
    return {"seconds": sum(stages.values()), "rows": rows, "files": files, "stages": stages | published}


def _moment(days_later: int) -> datetime:
    return datetime.combine(years.LAST + timedelta(days=days_later), clock(21), SHANGHAI)


def _build(now: datetime, *, refill: bool = False) -> tuple[int, dict[str, float]]:
    """The publication, and the seconds of dbt's two stages."""
    ours, stages = settings.load(), {}
    publication = transform.begin(ours, now)
    days.timed(stages, "core", lambda: transform.build_core(ours, now, publication, refill))
    days.timed(stages, "marts", lambda: transform.build_marts(ours, now, publication))
    return publication, stages


def _publish(publication: int, now: datetime) -> dict[str, float]:
    """Seconds of the audit and the swap."""
    ours, stages = settings.load(), {}
    days.timed(stages, "audit", lambda: audit.audit(ours, now, publication))
    days.timed(stages, "publish", lambda: publish.publish(ours, now, publication))
    return stages


def _p95(query: str, values: str) -> float:
    """The 95th percentile of the query's milliseconds as a reader of all rows, its values in turn; warm, as dashboards are."""
    with psycopg.connect(os.environ["BENCH_DSN"]) as connection:
        asked = connection.execute(values).fetchall()[:_ASKED]
        connection.execute("set role bi_reader")
        if not asked:
            raise RuntimeError(f"nothing to ask: {values}")
        took = [_milliseconds(connection, query, asked[at % len(asked)]) for at in range(_ASKED)]
    return statistics.quantiles(took, n=20)[-1]


def _milliseconds(connection: psycopg.Connection, query: str, values: tuple) -> float:
    begun = time.perf_counter()
    connection.execute(query, values).fetchall()
    return (time.perf_counter() - begun) * 1000

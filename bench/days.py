"""A whole day's files through every stage outside Airflow: loaded, registered, judged, answered, as the DAG does it.

Loading and answering run in two processes, as the DAG's mapped tasks do on two cores. What the scheduler costs and
the build of the marts are not in the figures.
"""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shegong import settings
from shegong.database import connect

NOW = datetime.fromisoformat("2026-05-08T20:00:00+08:00")
_PROCESSES = 2
_FILES_A_BATCH = 80  # the DAG's
_RECEIPTS_A_BATCH = 200


def rosters(folder: Path) -> dict:
    """The roster morning. `seconds` are those of loading: until all rosters are staged."""
    measured = _run(folder / "rosters", NOW)
    return measured | {"seconds": measured["stages"]["load"]}


def usual(folder: Path) -> dict:
    """A usual day's files, after the rosters of the first day."""
    _run(folder / "before", NOW - timedelta(days=1))
    return _run(folder / "usual", NOW)


def quarter(folder: Path) -> dict:
    """A week's files and all rosters at once."""
    return _run(folder / "quarter", NOW)


def _run(landing: Path, now: datetime) -> dict:
    """Everything that a run does with these files; seconds by stage, and what came of them."""
    shutil.copytree(landing, unquote(urlsplit(settings.load().counties_url).path), dirs_exist_ok=True)
    stages, deliveries = take(now)
    timed(stages, "receipts", lambda: _answer(deliveries, now))
    with connect(settings.load().dsn["loader"]) as connection:
        states = connection.execute(
            """select state, count(*), coalesce(sum(rows_total), 0) from ops.submission
            where received_at = %s group by 1 order by 1""",
            [now],
        ).fetchall()
    return {
        "seconds": sum(stages.values()),
        "rows": int(sum(rows for _, _, rows in states)),
        "files": len(deliveries),
        "stages": stages,
        "states": {state: count for state, count, _ in states},
    }


def take(now: datetime) -> tuple[dict[str, float], list[int]]:
    """Load, register and judge what lies in the counties' places; seconds by stage, and the deliveries that await an answer."""
    stages: dict[str, float] = {}
    timed(stages, "load", lambda: _load(now))
    timed(stages, "register", lambda: _register(now))
    return stages, timed(stages, "judge", lambda: _judge(now))


def timed(stages: dict[str, float], name: str, work: Callable[[], object]):
    """What the work gives; its seconds under `name`."""
    begun = time.perf_counter()
    result = work()
    stages[name] = time.perf_counter() - begun
    return result


def _load(now: datetime) -> None:
    from upath import UPath

    from shegong.intake import sources
    from shegong.intake.places.reach import Reach

    ours = settings.load()
    with connect(ours.dsn["loader"]) as ledger, Reach(ours, ledger, UPath) as reach:
        found = sources.batches(sources.find(reach, ledger, now), _FILES_A_BATCH)
    with _processes() as pool:
        list(pool.map(_load_batch, found, [now] * len(found)))


def _load_batch(batch: list[dict], now: datetime) -> int:
    from upath import UPath

    from shegong.intake.run import load_batch

    return load_batch(settings.load(), now, batch, UPath)


def _register(now: datetime) -> None:
    from shegong.register import register

    register(settings.load(), now)


def _judge(now: datetime) -> list[int]:
    from shegong.intake.receipts import touched
    from shegong.judge import judge

    judge(settings.load(), now)
    return touched(settings.load(), now)


def _answer(deliveries: list[int], now: datetime) -> None:
    batches = [deliveries[at : at + _RECEIPTS_A_BATCH] for at in range(0, len(deliveries), _RECEIPTS_A_BATCH)]
    with _processes() as pool:
        list(pool.map(_answer_batch, batches, [now] * len(batches)))


def _answer_batch(deliveries: list[int], now: datetime) -> int:
    from shegong.intake.receipts import write_all

    return write_all(settings.load(), now, deliveries)


def _processes() -> ProcessPoolExecutor:
    # each with imports of its own, as a task has them
    return ProcessPoolExecutor(_PROCESSES, get_context("spawn"))

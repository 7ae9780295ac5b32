"""The demo: a simulated week of the whole province through the real scheduler, day by day.

What a day is done with is noted in home/demo.json, so that a demo that was killed goes on where it stood.
"""

import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from shegong import reference_data
from shegong.calendar import SHANGHAI
from shegong.errors import ShegongError
from shegong.runtime import airflow, lifecycle
from shegong.runtime.airflow_api import Airflow, Run
from shegong.runtime.lifecycle import Step

# The first working day after Labour Day, a Saturday that works in its stead, and the Monday and Tuesday after.
DAYS = ("2026-05-06", "2026-05-07", "2026-05-08", "2026-05-09", "2026-05-11", "2026-05-12")
MORNING = "09:00:00"
HOUR = "17:30:00"  # half an hour before the day's due time
CHAIN = ("load_submissions", "build_marts", "send_alerts")
DAGS = (*CHAIN, "approve")
_PATIENCE = 900


def run(home: Path, step: Step, days: int = len(DAYS), scale: str = "2018") -> dict[str, str]:
    """Start everything and send the week's files, a day a run. Returns the environment. May run again."""
    env = lifecycle.up(home, step)
    os.environ.update(env)  # what follows reads settings as any process of the demo does
    with step("reference data") as news:
        added = reference_data.load(env["SHEGONG_DSN_ADMIN"])
        news(f"{sum(added.values())} rows added")
    week = _sample(home, scale, step)
    api = airflow.client(env)
    with step("Airflow reads the DAGs"):
        api.wait_for_dags(set(DAGS), timeout=120)
        for dag_id in DAGS:
            api.unpause(dag_id)
    done = _done(home)
    for number, day in enumerate(DAYS[:days], start=1):
        if day not in done:
            _decide(week, number, day, step)
            files = _send_files(week / f"day-{number}", home / "counties")
            _run_day(api, f"{day}T{HOUR}+08:00", f"{day}, {files} files", step)
            done.append(day)
            _done_path(home).write_text(json.dumps(done))
    return env


def now_of(home: Path) -> datetime | None:
    """The demo's clock: the last day that was run. None where no demo ran."""
    done = _done(home)
    return datetime.fromisoformat(f"{done[-1]}T{HOUR}").replace(tzinfo=SHANGHAI) if done else None


def run_chain(api: Airflow, now: datetime, step: Step) -> None:
    """One run of the main job and of what it starts, as of `now`."""
    _run_day(api, now.isoformat(), now.strftime("%Y-%m-%d %H:%M"), step)


def extra_runs(home: Path) -> int:
    """How many runs `shegong submit` started after the week: each has its own moment on the demo's clock."""
    path = home / "demo-submitted"
    return int(path.read_text()) if path.exists() else 0


def note_extra_run(home: Path) -> None:
    (home / "demo-submitted").write_text(str(extra_runs(home) + 1))


def _run_day(api: Airflow, now: str, title: str, step: Step) -> None:
    before = {dag_id: {run.run_id for run in api.runs(dag_id)} for dag_id in CHAIN}
    for dag_id in CHAIN:
        with step(f"{title}: {dag_id}") as news:
            run_id = (
                api.trigger(dag_id, {"now": now})
                if dag_id == CHAIN[0]
                else wait_for_start(api, dag_id, before[dag_id])
            )
            run = api.wait(dag_id, run_id, _PATIENCE, _telling(news))
            if run.broken:  # a batch that failed stops no other, so the run itself ends well
                logs = " ".join(str(api.log_path(run, task)) for task in run.broken)
                raise ShegongError(
                    f"{dag_id}: failed {', '.join(task.name for task in run.broken)}.", f"Logs: {logs}"
                )
        if any(task.task_id == "judge" and task.state == "skipped" for task in run.tasks):
            return  # nothing came: nothing to build


def wait_for_start(api: Airflow, dag_id: str, before: set[str]) -> str:
    """The run that the asset of the DAG before has started."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for run in api.runs(dag_id):
            if run.run_id not in before:
                return run.run_id
        time.sleep(0.5)
    raise ShegongError(f"{dag_id} was not started by its asset.", "See the scheduler's log: shegong status")


def _telling(news: Callable[[str], None]) -> Callable[[Run], None]:
    def tell(run: Run) -> None:
        ended = sum(task.state in ("success", "failed", "skipped") for task in run.tasks)
        active = sorted({task.name for task in run.tasks if task.state == "running"})
        news(f"{ended} of {len(run.tasks)} tasks" + (f", {', '.join(active[:3])}" if active else ""))

    return tell


def _sample(home: Path, scale: str, step: Step) -> Path:
    """The week's files, made once a scale; a folder that a killed run left unfinished is made anew."""
    week = home / f"sample-{scale}"
    if not (week / "truth.csv").exists():
        from shegong import sample

        with step(f"a sample week of the province (scale {scale})") as news:
            shutil.rmtree(week, ignore_errors=True)
            unfinished = home / f"sample-{scale}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            sample.make(unfinished, scale=scale)
            unfinished.rename(week)
            news(f"{sum(1 for _ in week.glob('day-*/*/*'))} files")
    return week


def _decide(week: Path, number: int, day: str, step: Step) -> None:
    """What people do in the morning, of which the sample's files of the day know."""
    from shegong import settings
    from shegong.sample import acts

    now = datetime.fromisoformat(f"{day}T{MORNING}").replace(tzinfo=SHANGHAI)
    with step(f"{day}: the bureau's decisions") as news:
        news(f"{acts.carry_out(settings.load(), now, week, number)} done")


def _send_files(day: Path, counties: Path) -> int:
    """Lay a day's files into the counties' places; those that lie there already stay as they are."""
    files = sorted(path for path in day.glob("*/*") if path.is_file())
    for file in files:
        target = counties / file.parent.name / "submit" / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            unfinished = target.with_name(f"{target.name}.part")
            shutil.copyfile(file, unfinished)
            unfinished.rename(target)
    return len(files)


def _done_path(home: Path) -> Path:
    return home / "demo.json"


def _done(home: Path) -> list[str]:
    return json.loads(_done_path(home).read_text()) if _done_path(home).exists() else []

"""Airflow's REST API, as far as `shegong up` and `shegong demo` need it: health, unpause, trigger, wait."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from shegong.errors import ShegongError

FINISHED = {"success", "failed"}
BROKEN = {"failed", "upstream_failed"}


@dataclass(frozen=True)
class Task:
    """One task of a run; `map_index` is -1 unless the task is mapped; state None: not yet looked at."""

    task_id: str
    map_index: int
    state: str | None
    attempt: int

    @property
    def name(self) -> str:
        """As people name it: check[3]."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


@dataclass(frozen=True)
class Run:
    """A DAG run with the state of each of its tasks at one moment."""

    dag_id: str
    run_id: str
    state: str
    tasks: tuple[Task, ...] = ()

    @property
    def broken(self) -> tuple[Task, ...]:
        """The tasks that failed by themselves."""
        return tuple(task for task in self.tasks if task.state == "failed")


class ApiError(ShegongError):
    """Airflow answered with an error; `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message, "See `shegong status` and the log of the api-server.")
        self.status = status


class RunFailed(ShegongError):
    """A run failed or took too long; `run` has its tasks."""

    def __init__(self, run: Run, message: str, mend: str) -> None:
        super().__init__(message, mend)
        self.run = run


class Airflow:
    """One Airflow, addressed by its page's URL. Logs in when first needed."""

    def __init__(self, url: str, user: str, password: str, task_logs: Path) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._login = {"username": user, "password": password}
        self._task_logs = task_logs
        self._token = ""

    def health(self) -> dict[str, Any]:
        """The parts' states and last heartbeats. Raises OSError while nothing listens."""
        return self._send("GET", "/api/v2/monitor/health")

    def dag_ids(self) -> set[str]:
        """The DAGs that were read so far."""
        return {dag["dag_id"] for dag in self._pages("/api/v2/dags", "dags")}

    def wait_for_dags(self, wanted: set[str], timeout: float) -> None:
        """Wait until these DAGs were read. Raises ShegongError with the missing ones and the reason."""
        deadline = time.monotonic() + timeout
        while missing := wanted - self.dag_ids():
            if time.monotonic() > deadline:
                errors = "; ".join(f"{file}: {text.strip()}" for file, text in self.import_errors().items())
                names = ", ".join(sorted(missing))
                raise ShegongError(
                    f"Airflow did not read {names}.", errors or "See the log of the dag-processor."
                )
            time.sleep(0.5)

    def import_errors(self) -> dict[str, str]:
        """DAG file to the error that it could not be read by."""
        found = self._pages("/api/v2/importErrors", "import_errors")
        return {error["filename"]: error["stack_trace"] for error in found}

    def unpause(self, dag_id: str, paused: bool = False) -> None:
        """Let a DAG run (or pause it). New DAGs are paused, and a run of a paused one stays queued."""
        self._call("PATCH", f"/api/v2/dags/{quote(dag_id)}", {"is_paused": paused})

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run now, outside its timetable, and return its id. Each call starts another run."""
        body = {"logical_date": None, "conf": conf}
        return self._call("POST", f"/api/v2/dags/{quote(dag_id)}/dagRuns", body)["dag_run_id"]

    def runs(self, dag_id: str, limit: int = 20) -> list[Run]:
        """The newest runs first, without their tasks."""
        query = urlencode({"order_by": "-run_after", "limit": limit})
        answer = self._call("GET", f"/api/v2/dags/{quote(dag_id)}/dagRuns?{query}")
        return [Run(dag_id, run["dag_run_id"], run["state"]) for run in answer["dag_runs"]]

    def run(self, dag_id: str, run_id: str) -> Run:
        """One run with its tasks."""
        place = f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"
        state = self._call("GET", place)["state"]
        found = self._pages(f"{place}/taskInstances", "task_instances")
        tasks = (Task(t["task_id"], t["map_index"], t["state"], t["try_number"]) for t in found)
        return Run(dag_id, run_id, state, tuple(tasks))

    def wait(
        self, dag_id: str, run_id: str, timeout: float, progress: Callable[[Run], None] | None = None
    ) -> Run:
        """Wait until a run has ended well, calling `progress` about every second.

        Raises RunFailed with the tasks and their logs when it failed, or is not done after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            run = self.run(dag_id, run_id)
            if progress:
                progress(run)
            if run.state in FINISHED:
                break
            if time.monotonic() > deadline:
                waiting = ", ".join(t.name for t in run.tasks if t.state not in FINISHED) or "no task yet"
                raise RunFailed(
                    run, f"{dag_id} is not done after {timeout:.0f} s: {waiting}.", "See `shegong status`."
                )
            time.sleep(1)
        if run.state == "failed":
            logs = [str(self.log_path(run, task)) for task in run.broken]
            names = ", ".join(task.name for task in run.broken) or "no task started"
            raise RunFailed(
                run, f"{dag_id} failed in: {names}.", "Logs: " + (" ".join(logs) or str(self._task_logs))
            )
        return run

    def question(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """What a task that waits for a person asks: subject, body, options."""
        return self._call("GET", f"{_question(dag_id, run_id, task_id)}")

    def answer(
        self, dag_id: str, run_id: str, task_id: str, option: str, words: dict[str, Any]
    ) -> dict[str, Any]:
        """Answer it, in the name of who is logged in. Raises ApiError (409) when somebody did already."""
        body = {"chosen_options": [option], "params_input": words}
        return self._call("PATCH", _question(dag_id, run_id, task_id), body)

    def log_path(self, run: Run, task: Task) -> Path:
        """Where the last attempt of a task wrote its log (Airflow's default log_filename_template)."""
        place = self._task_logs / f"dag_id={run.dag_id}" / f"run_id={run.run_id}" / f"task_id={task.task_id}"
        place = place / f"map_index={task.map_index}" if task.map_index >= 0 else place
        return place / f"attempt={task.attempt}.log"

    def _pages(self, place: str, key: str, size: int = 100) -> Iterator[dict[str, Any]]:
        offset, total = 0, 1
        while offset < total:
            answer = self._call("GET", f"{place}?{urlencode({'limit': size, 'offset': offset})}")
            yield from answer[key]
            total, offset = answer["total_entries"], offset + size

    def _call(self, method: str, place: str, body: dict[str, Any] | None = None) -> Any:
        if not self._token:
            self._token = self._send("POST", "/auth/token", self._login)["access_token"]
        return self._send(method, place, body)

    def _send(self, method: str, place: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        connection = http.client.HTTPConnection(self._host, self._port, timeout=60)
        try:
            connection.request(method, place, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        if answer.status >= 400:
            raise ApiError(answer.status, f"Airflow refused {method} {place} ({answer.status}): {text[:300]}")
        return json.loads(text) if text else None


def _question(dag_id: str, run_id: str, task_id: str) -> str:
    run = f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"
    return f"{run}/taskInstances/{quote(task_id)}/-1/hitlDetails"

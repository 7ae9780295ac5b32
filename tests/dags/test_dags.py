"""The DAGs as Airflow reads them: all of them load, with the promises that every DAG of this house makes."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from shegong import approvals

DAGS = Path(__file__).resolve().parents[2] / "dags"
NAMES = {"load_submissions", "build_marts", "send_alerts", "approve", "keep_house"}
HEAVY = {"dbt", "great_expectations", "polars", "pandas", "pyarrow", "psycopg"}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DAGS))
        return DagBag(dag_folder=str(DAGS))


def test_all_dags_load(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == NAMES


def test_a_dag_is_named_as_its_file_and_says_what_it_does(bag: DagBag) -> None:
    for dag_id, dag in bag.dags.items():
        assert Path(dag.fileloc).stem == dag_id
        assert dag.doc_md and dag.tags
        assert not dag.catchup
        # A question that waits must not keep the next from being asked.
        assert dag.max_active_runs == (500 if dag_id == "approve" else 1)


def test_every_task_is_retried_limited_and_tells_of_its_failure(bag: DagBag) -> None:
    for dag in bag.dags.values():
        for task in dag.tasks:
            assert task.retries >= 1, task
            # A person has longer; the task is no process meanwhile.
            assert task.execution_timeout is not None or task.response_timeout, task
            assert task.on_failure_callback, task


def test_a_person_may_put_it_off_and_silence_does(bag: DagBag) -> None:
    ask = bag.dags["approve"].get_task("ask")
    assert ask.options == [approvals.PASS, approvals.REFUSE, approvals.LATER]
    assert ask.defaults == [approvals.LATER]
    assert ask.response_timeout == timedelta(hours=approvals.HOURS_TO_ANSWER)


def test_the_chain_is_by_assets(bag: DagBag) -> None:
    outlets = {
        dag_id: {asset.name for task in dag.tasks for asset in task.outlets}
        for dag_id, dag in bag.dags.items()
    }
    assert outlets["load_submissions"] == {"submissions_judged"}
    assert outlets["build_marts"] == {"marts_published"}
    assert outlets["approve"] == {"submissions_judged"}


def test_reading_the_dags_imports_nothing_heavy() -> None:
    """The dag-processor reads them every few minutes, and each task once more."""
    code = (
        "import sys, json, pathlib, runpy; from airflow.sdk import dag; before = set(sys.modules)\n"
        f"sys.path.insert(0, {str(DAGS)!r})\n"
        f"[runpy.run_path(str(p)) for p in pathlib.Path({str(DAGS)!r}).glob('*.py')]\n"
        "print(json.dumps(sorted({m.split('.')[0] for m in set(sys.modules) - before})))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY.intersection(json.loads(ended.stdout.splitlines()[-1]))

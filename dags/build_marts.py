"""Accepted rows to published marts: history, candidate, audit, publication by swap.

Runs when submissions were judged, and each morning: ages and forecasts move on quiet days too. A domain whose
audit fails keeps the figures that are published; a failure before the swap publishes nothing. What waits for a
person's yes or no is asked by the DAG approve, which blocks nothing here.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Metadata, Param, dag, get_current_context, task
from assets import MARTS_PUBLISHED, SUBMISSIONS_JUDGED
from wiring import DEFAULTS, NOW, by_clock, now


@dag(
    schedule=by_clock("30 6 * * *", assets=[SUBMISSIONS_JUDGED]),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "now": NOW,
        "refill": Param(
            False, type="boolean", title="refill", description="Build every key of core anew, in place."
        ),
    },
    tags=["warehouse"],
    doc_md=__doc__,
)
def build_marts():
    @task
    def build_core() -> int:
        from shegong import settings, transform

        publication_id = transform.begin(settings.load(), now())
        refill = get_current_context()["params"]["refill"]
        transform.build_core(settings.load(), now(), publication_id, refill=refill)
        return publication_id

    @task
    def build_candidate(publication_id: int) -> int:
        from shegong import settings, transform

        transform.build_marts(settings.load(), now(), publication_id)
        return publication_id

    @task
    def audit(publication_id: int) -> int:
        from airflow.sdk.exceptions import AirflowSkipException

        from shegong import settings
        from shegong.audit import audit as ask_audit

        verdict = ask_audit(settings.load(), now(), publication_id)
        if publication_id not in verdict.values():
            raise AirflowSkipException("every domain failed or is held: what is published stays")
        return publication_id

    @task(outlets=[MARTS_PUBLISHED])
    def publish(publication_id: int):
        from shegong import settings
        from shegong.publish import publish as swap

        swap(settings.load(), now(), publication_id)
        yield Metadata(MARTS_PUBLISHED, extra={"now": now().isoformat()})

    @task(trigger_rule="none_failed")  # also after an audit that let nothing through
    def who_waits() -> list[dict]:
        from shegong import approvals, settings

        return [
            {
                "trigger_run_id": f"{asked.key}:{asked.again}".rstrip(":"),
                "conf": {"what": asked.key, "now": now().isoformat()},
            }
            for asked in approvals.waiting(settings.load(), now())
        ]

    audited = audit(build_candidate(build_core()))
    publish(audited)
    waiting = who_waits()
    audited >> waiting
    TriggerDagRunOperator.partial(
        task_id="ask_people", trigger_dag_id="approve", skip_when_already_exists=True
    ).expand_kwargs(waiting)


build_marts()

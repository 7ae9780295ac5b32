"""A person's yes or no, in Airflow's own approval (required actions): a held submission, or a domain that its audit refused.

build_marts starts a run for each that waits. A yes to a domain is a waiver that the next build honours; a yes to a
submission counts it. Without an answer in time nothing is decided, and nothing of it is published.
"""

from datetime import timedelta

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Metadata, Param, dag, get_current_context, task
from assets import SUBMISSIONS_JUDGED
from wiring import DEFAULTS, NOW, now

PASS, REFUSE, LATER = "放行", "不放行", "暂不决定"  # as shegong.approvals names them; a test compares


@dag(
    schedule=None,
    catchup=False,
    # One waits in each: none may keep another from being asked.
    max_active_runs=500,
    default_args=DEFAULTS,
    params={
        "what": Param("", type="string", pattern="^(submission:[0-9]+|domain:[a-z_]+)?$", title="what"),
        "now": NOW,
    },
    tags=["people"],
    doc_md=__doc__,
)
def approve():
    @task
    def describe() -> dict[str, str]:
        from airflow.sdk.exceptions import AirflowSkipException

        from shegong import approvals, settings

        what = get_current_context()["params"]["what"]
        asked = approvals.describe(settings.load(), now(), what)
        if asked is None:
            raise AirflowSkipException("decided meanwhile, or nothing waits")
        return {"subject": asked.subject, "body": asked.body}

    ask = HITLOperator(
        task_id="ask",
        subject="{{ ti.xcom_pull('describe')['subject'] }}",
        body="{{ ti.xcom_pull('describe')['body'] }}",
        options=[PASS, REFUSE, LATER],
        defaults=[LATER],
        params={"reason": Param("", type="string", maxLength=200, title="理由（放行、不放行时必填）")},
        response_timeout=timedelta(hours=20),
        execution_timeout=None,
    )

    @task(outlets=[SUBMISSIONS_JUDGED])
    def carry_out(answer: dict):
        from airflow.sdk.exceptions import AirflowSkipException

        from shegong import approvals, settings

        what = get_current_context()["params"]["what"]
        by = (answer["responded_by_user"] or {}).get("name") or ""
        reason = answer["params_input"].get("reason") or ""
        if not approvals.carry_out(settings.load(), now(), what, answer["chosen_options"][0], by, reason):
            raise AirflowSkipException("nothing changes")
        yield Metadata(SUBMISSIONS_JUDGED, extra={"now": now().isoformat()})

    described = describe()
    described >> ask
    carry_out(ask.output)


approve()

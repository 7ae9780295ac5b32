"""Counties' files to accepted rows: find, load by batches, ask the register, judge, answer.

A batch that fails is retried and stops no other; what it left comes with the next run. Running it again at any
point gives the same tables.
"""

from datetime import timedelta

from airflow.sdk import Metadata, dag, task
from airflow.sdk.exceptions import AirflowSkipException
from assets import SUBMISSIONS_JUDGED
from wiring import DEFAULTS, NOW, access, by_clock, now

# A task start costs a second, a file some 30 ms: batches of a city, and a large city in two.
FILES_A_BATCH = 80


@dag(
    schedule=by_clock("0,30 8-19 * * *"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={"now": NOW},
    tags=["intake"],
    doc_md=__doc__,
)
def load_submissions():
    @task
    def find() -> list[list[dict]]:
        from airflow.sdk import ObjectStoragePath

        from shegong import settings
        from shegong.database import connect
        from shegong.intake import sources
        from shegong.intake.places.reach import Reach

        ours = settings.load()
        with connect(ours.dsn["loader"]) as ledger, Reach(ours, ledger, ObjectStoragePath, access) as reach:
            found = sources.find(reach, ledger, now(), ours.settle_seconds)
        return sources.batches(found, FILES_A_BATCH)

    @task(map_index_template="{{ batch_name }}", max_active_tis_per_dagrun=2)
    def load(batch: list[dict]) -> int:
        from airflow.sdk import ObjectStoragePath, get_current_context

        from shegong import settings
        from shegong.intake.run import load_batch

        units = sorted({file["unit_code"] for file in batch})
        get_current_context()["batch_name"] = f"{units[0]}…{units[-1]}"
        return load_batch(settings.load(), now(), batch, ObjectStoragePath, access)

    @task(trigger_rule="all_done")
    def register() -> None:
        from shegong import settings
        from shegong.register import register as ask_register

        ask_register(settings.load(), now())

    @task(outlets=[SUBMISSIONS_JUDGED], execution_timeout=timedelta(hours=1))
    def judge():
        from shegong import settings
        from shegong.intake.receipts import touched
        from shegong.judge import judge as ask_judge

        ask_judge(settings.load(), now())
        waiting = touched(settings.load(), now())
        if not waiting:
            raise AirflowSkipException("nothing came")
        yield Metadata(SUBMISSIONS_JUDGED, extra={"now": now().isoformat()})
        return [waiting[at : at + 200] for at in range(0, len(waiting), 200)]

    @task
    def answer(deliveries: list[int]) -> int:
        from shegong import settings
        from shegong.intake.receipts import write_all

        return write_all(settings.load(), now(), deliveries, access=access)

    @task(trigger_rule="none_failed")
    def follow_claims() -> int:
        from shegong import settings
        from shegong.claim_notices import follow_and_tell

        return follow_and_tell(settings.load(), now(), access=access)

    judged = judge()
    load.expand(batch=find()) >> register() >> judged >> follow_claims()
    answer.expand(deliveries=judged)


load_submissions()

"""Whether the other DAGs come and end, and disks have room: every quarter of an hour, by a clock of its own.

What is wrong is an incident, and urgent ones are told at once from here too, so that they arrive while send_alerts
stands still. That the scheduler itself stands still nobody in it can tell: `shegong watch` is for a timer outside.
"""

from airflow.sdk import dag, task
from wiring import DEFAULTS, by_clock, send_messages


@dag(
    schedule=by_clock("*/15 * * * *"),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["alerts"],
    doc_md=__doc__,
)
def keep_house():
    @task
    def watch() -> int:
        from datetime import UTC, datetime

        from shegong import settings
        from shegong.alerts import watch
        from shegong.database import connect

        ours = settings.load()
        with connect(ours.dsn["loader"]) as ledger:
            return len(watch.watch(ledger, ours, datetime.now(UTC)))

    @task
    def tell() -> dict[str, int]:
        from datetime import UTC, datetime

        from shegong import settings
        from shegong.alerts import telling
        from shegong.database import connect

        ours, moment = settings.load(), datetime.now(UTC)
        with connect(ours.dsn["loader"]) as ledger:
            telling.compose(ledger, moment, ours.mail_to, ours.owner_name, ours.page_url)
        return send_messages(moment)

    watch() >> tell()


keep_house()

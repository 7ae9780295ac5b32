"""Incidents from the ledger and the marts, and the messages that tell of them.

Runs after each publication, at 9:05 when yesterday's reports are overdue, at 16:30 with reminders for the counties'
contacts, and every ten minutes for what is urgent and for what could not leave before. One message a cause: what was
told stays told when a run is repeated.
"""

from airflow.sdk import dag, task
from assets import MARTS_PUBLISHED
from wiring import DEFAULTS, NOW, by_clock, now, send_messages


@dag(
    schedule=by_clock("*/10 * * * *", "5 9 * * *", assets=[MARTS_PUBLISHED]),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={"now": NOW},
    tags=["alerts"],
    doc_md=__doc__,
)
def send_alerts():
    @task
    def find_incidents() -> int:
        from shegong import settings
        from shegong.alerts import causes, reminders, telling
        from shegong.database import connect

        ours = settings.load()
        with connect(ours.dsn["loader"]) as ledger, connect(ours.dsn["publisher"]) as marts:
            causes.gather(ledger, marts, now())
            told = telling.compose(ledger, now(), ours.mail_to, ours.owner_name, ours.page_url)
            return told + reminders.compose(ledger, now(), ours.owner_name)

    @task
    def send() -> dict[str, int]:
        return send_messages(now())

    find_incidents() >> send()


send_alerts()

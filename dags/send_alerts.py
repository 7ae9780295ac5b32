"""Incidents from the ledger and the marts, and the digests that tell of them.

Runs after each publication, at 9:05 when yesterday's reports are overdue, and at 16:30 with reminders for
the counties' contacts. One message a cause: what was told stays told when a run is repeated.
"""

from airflow.sdk import dag, task
from assets import MARTS_PUBLISHED
from wiring import DEFAULTS, NOW, by_clock, now


@dag(
    schedule=by_clock("5 9 * * *", "30 16 * * *", assets=[MARTS_PUBLISHED]),
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
        from shegong.alerts import causes, digest, reminders
        from shegong.database import connect

        ours = settings.load()
        with connect(ours.dsn["loader"]) as ledger, connect(ours.dsn["publisher"]) as marts:
            causes.gather(ledger, marts, now())
            digests = digest.compose(ledger, now(), ours.mail_to, ours.owner_name)
            return digests + reminders.compose(ledger, now(), ours.owner_name)

    @task
    def send() -> int:
        from airflow.providers.smtp.hooks.smtp import SmtpHook
        from airflow.sdk import ObjectStoragePath

        from shegong import settings
        from shegong.alerts import outbox
        from shegong.database import connect
        from shegong.intake.returning import receipts_archive

        ours = settings.load()
        attachments = receipts_archive(ours, ObjectStoragePath)
        with connect(ours.dsn["loader"]) as ledger:
            if not ours.smtp_connection:
                folder = outbox.OutboxFolder(ObjectStoragePath(ours.outbox_url))
                return outbox.send_pending(ledger, folder, ours.mail_from, now(), attachments)
            with SmtpHook(smtp_conn_id=ours.smtp_connection) as hook:
                # The hook's own method takes no text part (provider 3.2); its logged-in client does.
                send_mail = hook._smtp_client.send_message
                return outbox.send_pending(ledger, send_mail, ours.mail_from, now(), attachments)

    find_incidents() >> send()


send_alerts()

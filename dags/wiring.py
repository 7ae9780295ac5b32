"""What every DAG shares: retries, who is told of a failure, the run's clock. No logic of the warehouse."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Asset, AssetOrTimeSchedule, MultipleCronTriggerTimetable, Param, get_current_context

from shegong import settings

TIMEZONE = "Asia/Shanghai"


def open_incident(context: dict[str, Any]) -> None:
    """A task that failed for good is an incident for the engineers."""
    from shegong.alerts import incidents
    from shegong.database import connect

    task = context["task_instance"]
    error = type(context.get("exception")).__name__  # its text may quote a county's data
    with connect(settings.load().dsn["loader"]) as connection:
        incidents.task_failed(
            connection, dag_id=task.dag_id, task_id=task.task_id, error=error, now=_now(context)
        )


def resolve_incident(context: dict[str, Any]) -> None:
    """Its success in a later run ends the incident."""
    from shegong.alerts import incidents
    from shegong.database import connect

    task = context["task_instance"]
    with connect(settings.load().dsn["loader"]) as connection:
        incidents.task_succeeded(
            connection,
            dag_id=task.dag_id,
            task_id=task.task_id,
            now=_now(context),
            is_mapped=task.map_index >= 0,
        )


DEFAULTS = {
    "owner": "engineers",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": open_incident,
    "on_success_callback": resolve_incident,
}


def by_clock(*crons: str, assets: Sequence[Asset] = ()) -> Any:
    """A DAG's schedule: its timetable in Asia/Shanghai, and the assets that start it as well.

    A demo's week is simulated: there the clock starts nothing, only assets and people do.
    """
    if not settings.runs_by_clock():
        return list(assets) or None
    timetable = MultipleCronTriggerTimetable(*crons, timezone=TIMEZONE)
    return AssetOrTimeSchedule(timetable=timetable, assets=list(assets)) if assets else timetable


NOW = Param(
    None,
    type=["null", "string"],
    format="date-time",
    title="now",
    description="The clock of the run, for simulations and replays. Empty: the moment of the timetable.",
)


def now() -> datetime:
    """The one clock of this run: its parameter, else that of the run that triggered it, else its timetable's moment."""
    return _now(get_current_context())


def _now(context: dict[str, Any]) -> datetime:
    given = (context.get("params") or {}).get("now")
    if given:
        return datetime.fromisoformat(given)
    events = context.get("triggering_asset_events") or {}
    handed_on = [event.extra["now"] for group in events.values() for event in group if event.extra.get("now")]
    if handed_on:
        return datetime.fromisoformat(max(handed_on))
    # the moment of the timetable, not of the start: a file found by the run of 18:00 is in time for 18:00
    return context["dag_run"].run_after


def access(connection_id: str) -> Any:
    """The login that Airflow keeps under this id, as the package takes it. Raises SourceError where there is none."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from shegong.intake.places.place import Access, SourceError

    try:
        known = Connection.get(connection_id)
    except AirflowNotFoundException as error:
        raise SourceError("misconfigured", f"Airflow has no connection {connection_id}") from error
    return Access(
        known.host or "", known.port, known.login or "", known.password or "", dict(known.extra_dejson)
    )


def _channels(ours: settings.Settings) -> dict[str, Any]:
    """Every way that messages leave by: mails by Airflow's SMTP connection or into the folder, robots by connections."""
    from airflow.sdk import ObjectStoragePath

    from shegong.alerts.channels.mail import Mail, OutboxFolder
    from shegong.alerts.channels.robots import DingTalk, Feishu, WeCom
    from shegong.alerts.channels.webhook import Webhook

    folder = OutboxFolder(ObjectStoragePath(ours.outbox_url))
    by_smtp = ours.smtp_connection
    mail = Mail(lambda: _smtp(by_smtp) if by_smtp else nullcontext(folder), ours.mail_from)
    robots = {"dingtalk": DingTalk, "wecom": WeCom, "feishu": Feishu, "webhook": Webhook}
    return {"mail": mail} | {name: made(_robot_access) for name, made in robots.items()}


def send_messages(moment: datetime) -> dict[str, int]:
    """Send what waits in the outbox by all channels; how many went, wait and were given up."""
    from airflow.sdk import ObjectStoragePath

    from shegong.alerts import outbox
    from shegong.database import connect
    from shegong.intake.returning import receipts_archive

    ours = settings.load()
    attachments = receipts_archive(ours, ObjectStoragePath)
    with connect(ours.dsn["loader"]) as ledger:
        outcome = outbox.send_pending(ledger, _channels(ours), moment, attachments)
    return {kind: len(messages) for kind, messages in vars(outcome).items()}


@contextmanager
def _smtp(connection_id: str) -> Iterator[Any]:
    from airflow.providers.smtp.hooks.smtp import SmtpHook
    from airflow.sdk.exceptions import AirflowException

    from shegong.alerts.channels.channel import TryLater

    try:
        hook = SmtpHook(smtp_conn_id=connection_id).get_conn()
    except AirflowException as error:
        # No connection of this id, or a server that hangs up: the texts of both are fixed.
        raise TryLater("connection", str(error), is_service=True) from error
    with hook:
        # The hook's own method takes no text part (provider 3.2); its logged-in client does.
        yield hook._smtp_client.send_message


def _robot_access(connection_id: str) -> Any:
    from shegong.alerts.channels.channel import Refused
    from shegong.intake.places.place import SourceError

    try:
        return access(connection_id)
    except SourceError as error:
        raise Refused("connection", "Airflow has no connection of this id") from error

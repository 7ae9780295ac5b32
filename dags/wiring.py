"""What every DAG shares: retries, who is told of a failure, the run's clock. No logic of the warehouse."""

from collections.abc import Sequence
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

"""What every DAG shares: retries, who is told of a failure, the run's clock. No logic of the warehouse."""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, get_current_context

TIMEZONE = "Asia/Shanghai"


def open_incident(context: dict[str, Any]) -> None:
    """A task that failed for good is an incident for the engineers; its success in a later run resolves it."""
    from shegong import settings
    from shegong.alerts import causes

    task = context["task_instance"]
    causes.task_failed(settings.load(), task.dag_id, task.task_id, str(context.get("exception")), _now(context))


def resolve_incident(context: dict[str, Any]) -> None:
    from shegong import settings
    from shegong.alerts import causes

    task = context["task_instance"]
    causes.task_succeeded(settings.load(), task.dag_id, task.task_id, _now(context))


DEFAULTS = {
    "owner": "engineers",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": open_incident,
    "on_success_callback": resolve_incident,
}

NOW = Param(
    None,
    type=["null", "string"],
    format="date-time",
    title="now",
    description="The clock of the run, for simulations and replays. Empty: the time at which the run began.",
)


def now() -> datetime:
    """The one clock of this run: its parameter, else that of the run that triggered it, else when it began."""
    return _now(get_current_context())


def _now(context: dict[str, Any]) -> datetime:
    given = (context.get("params") or {}).get("now")
    if given:
        return datetime.fromisoformat(given)
    events = context.get("triggering_asset_events") or {}
    handed_on = [event.extra["now"] for group in events.values() for event in group if event.extra.get("now")]
    if handed_on:
        return datetime.fromisoformat(max(handed_on))
    return context["dag_run"].start_date or datetime.now(UTC)

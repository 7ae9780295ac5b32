"""Incidents: the list with its filters, and a person's hand on each (the acts themselves: alerts/handling.py)."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import psycopg
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from shegong.alerts import handling, reading
from shegong.alerts.handling import ACTS
from shegong.alerts.incidents import KINDS
from shegong.calendar import SHANGHAI
from shegong.database import connect
from shegong.page import incident_list
from shegong.page.frame import Frame, NotDone, given
from shegong.page.guard import Person, same_origin

Text = Annotated[str, Form(max_length=200)]


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look, act_on = Depends(frame.guard.look), Depends(frame.guard.act)

    @router.get("/incidents")
    def incidents(
        request: Request,
        person: Annotated[Person, look],
        state: str = "",
        kind: str = "",
        severity: str = "",
        area: str = "",
        number: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        message: str = "",
        done: bool = False,
    ) -> HTMLResponse:
        if message:  # a link in one of our messages led here
            with connect(frame.settings.dsn["loader"]) as connection:
                reading.opened(connection, message, datetime.now(UTC))
        with frame.reading() as connection:
            listed = incident_list.listed(connection, state, kind, severity, area)
            # a link leads to its incident, whatever is chosen and however many there are
            is_listed = number in {row["incident_id"] for row in listed}
            asked = [] if is_listed else incident_list.one(connection, number)
            rows = [*asked, *listed]
            acts = incident_list.acts(connection, [row["incident_id"] for row in rows])
            cities = incident_list.cities(connection)
        return frame.show(
            request, person, "incidents", rows=rows, acts=acts, cities=cities, kinds=KINDS, states=incident_list.STATES,
            severities=incident_list.SEVERITIES, chosen={"state": state, "kind": kind, "severity": severity, "area": area},
            listed=listed, is_unknown=bool(number and not asked and not is_listed), done=done,
        )  # fmt: skip

    @router.post("/incidents/{number}/{act}", dependencies=[Depends(same_origin)])
    def handle(
        person: Annotated[Person, act_on], number: int, act: Literal[ACTS],
        reason: Text = "", assignee: Text = "", until: Text = "",
    ) -> RedirectResponse:  # fmt: skip
        moment = frame.present()
        more = _more(act, moment, assignee, until)
        reason = given(reason)
        with connect(frame.settings.dsn["loader"]) as connection:
            _still_open(connection, number)
            getattr(handling, act)(connection, number, person.name, reason, moment, **more)
        place = f"{frame.guard.prefix}/incidents?done=1&number={number}#incident-{number}"
        return RedirectResponse(place, status_code=303)

    return router


def _more(act: str, moment: datetime, assignee: str, until: str) -> dict:
    """What an act needs beside its reason. Raises NotDone when that is missing or makes no sense."""
    if act == "assign":
        if not assignee.strip():
            raise NotDone("assignee_missing")
        return {"assignee": assignee.strip()}
    if act == "mute":
        try:
            day = datetime.strptime(until.strip(), "%Y-%m-%d").replace(tzinfo=SHANGHAI)
        except ValueError:
            raise NotDone("day_unknown") from None
        if day <= moment:
            raise NotDone("day_past")
        return {"until": day}
    return {}


def _still_open(connection: psycopg.Connection, number: int) -> None:
    """Lock the incident until the commit: it may be ending at this moment."""
    query = "select state from ops.incident where incident_id = %s for update"
    row = connection.execute(query, [number]).fetchone()
    if row is None:
        raise NotDone("incident_unknown")
    if row[0] == "resolved":
        raise NotDone("incident_over")

"""Incidents: the list with its filters."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from shegong.alerts import reading
from shegong.alerts.incidents import KINDS
from shegong.database import connect
from shegong.page import incident_list
from shegong.page.frame import Frame
from shegong.page.guard import Person


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look = Depends(frame.guard.look)

    @router.get("/incidents")
    def incidents(
        request: Request,
        person: Annotated[Person, look],
        state: str = "",
        kind: str = "",
        severity: str = "",
        area: str = "",
        message: str = "",
    ) -> HTMLResponse:
        if message:  # a link in one of our messages led here
            with connect(frame.settings.dsn["loader"]) as connection:
                reading.opened(connection, message, datetime.now(UTC))
        with frame.reading() as connection:
            rows = incident_list.listed(connection, state, kind, severity, area)
            cities = incident_list.cities(connection)
        return frame.show(
            request, person, "incidents", rows=rows, cities=cities, kinds=KINDS, states=incident_list.STATES,
            severities=incident_list.SEVERITIES, chosen={"state": state, "kind": kind, "severity": severity, "area": area},
        )  # fmt: skip

    return router

"""The record of publications, what two of them differ in, and the way back to an earlier one."""

from typing import Annotated

import psycopg
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from shegong import gate, marts_schemas, publications
from shegong import revert as back
from shegong.errors import ShegongError
from shegong.page.frame import Frame, NotDone, given, now
from shegong.page.guard import Person, same_origin

MOST = 500


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look, act = Depends(frame.guard.look), Depends(frame.guard.act)

    @router.get("/publications")
    def record(request: Request, person: Annotated[Person, look], done: bool = False) -> HTMLResponse:
        with frame.reading() as connection:
            moment = now(connection)
            rows, waits = publications.listed(connection), publications.waits(connection, moment)
            areas = _areas(connection)
        titles = {name: gate.title(name) for name in gate.names()}
        return frame.show(
            request, person, "publications", rows=rows, waits=waits, titles=titles, now=moment, done=done, areas=areas,
            states=publications.STATES, standing=[row["publication_id"] for row in rows if row["state"] == "published"],
        )  # fmt: skip

    @router.get("/publications/diff")
    def difference(
        request: Request, person: Annotated[Person, look], first: int, last: int, area: str = "", measure: str = ""
    ) -> HTMLResponse:  # fmt: skip
        first, last = sorted((first, last))
        with frame.reading() as connection:
            areas = _areas(connection)
            try:
                found = publications.diff(connection, first, last, area or None, measure.strip() or None)
            except ShegongError as error:  # in the right order, only an unknown number is left
                raise NotDone("publication_unknown") from error
        return frame.show(
            request, person, "difference", found=found, areas=areas, most=MOST, chosen={"area": area, "measure": measure},
            figures=_figures,
        )  # fmt: skip

    @router.post("/publications/{number}/revert", dependencies=[Depends(same_origin)])
    def revert(
        person: Annotated[Person, act], number: int, reason: Annotated[str, Form(max_length=200)] = ""
    ) -> RedirectResponse:
        reason = given(reason)
        with frame.reading() as connection:
            if number not in {*marts_schemas.kept(connection), marts_schemas.current(connection)}:
                raise NotDone("publication_gone")
        back.revert(frame.settings, frame.present(), number, person.name, reason)
        return RedirectResponse(f"{frame.guard.prefix}/publications?done=1", status_code=303)

    return router


def _figures(row: dict) -> tuple[str, str]:
    """A number before and after, with two decimals or as many as tell them apart."""
    values = row["value_before"], row["value_after"]
    if None in values:
        return publications.figure_text(row, "before"), publications.figure_text(row, "after")
    for decimals in range(2, 13):
        one, other = (f"{value:,.{decimals}f}" for value in values)
        if one != other:
            break
    if all(value == int(value) for value in values):
        one, other = (f"{value:,.0f}" for value in values)
    return one, other


def _areas(connection: psycopg.Connection) -> dict[str, str]:
    """Name of each area of today, by code."""
    query = "select area_code, area_name from reference.area where is_current order by 1"
    return dict(connection.execute(query).fetchall())

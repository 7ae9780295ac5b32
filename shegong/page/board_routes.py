"""收数看板: the page, its matrix as JSON, and one cell opened."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from shegong import areas, contract
from shegong.page import board_matrix, file_history
from shegong.page.frame import Frame, NotDone, json_response, language_of, now, words
from shegong.page.guard import Person

Day = Annotated[date | None, Query()]


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look = Depends(frame.guard.look)

    @router.get("/board")
    def board(
        request: Request, person: Annotated[Person, look], first: Day = None, last: Day = None
    ) -> HTMLResponse:
        with frame.reading() as connection:
            moment = now(connection)
            begin, end = _range(first, last) or board_matrix.last_days(connection, moment)
        if (end - begin).days >= board_matrix.MOST_DAYS:
            raise NotDone("too_many_days")
        return frame.show(
            request, person, "board", first=begin, last=end, now=moment, states=list(board_matrix.LETTERS)
        )

    @router.get("/board/data")
    def data(request: Request, person: Annotated[Person, look], first: date, last: date) -> Response:
        with frame.reading() as connection:
            try:
                matrix = board_matrix.read(connection, first, last, now(connection))
            except ValueError as error:
                raise HTTPException(400, "too_many_days") from error
        language = language_of(request)
        told = {
            key: texts[language] for key, texts in words().items() if key.startswith(("state_", "board_"))
        }
        return json_response({**vars(matrix), "letters": board_matrix.LETTERS, "words": told})

    @router.get("/board/cell")
    def cell(
        request: Request, person: Annotated[Person, look], unit: str, table: str, day: date
    ) -> HTMLResponse:
        with frame.reading() as connection:
            known = areas.units(connection, day)
            tables = {name: item.title for name, item in contract.load().items()} | {
                board_matrix.WHOLE_FILE: ""
            }
            if unit not in known or table not in tables:
                raise HTTPException(404, "unit_or_table_unknown")
            files = file_history.of_cell(connection, unit, table, day, now(connection))
        return frame.show(
            request,
            person,
            "cell",
            unit=known[unit],
            table=table,
            table_title=tables[table],
            day=day,
            files=files,
        )

    return router


def _range(first: date | None, last: date | None) -> tuple[date, date] | None:
    """The days asked for; one of them alone is a month until or from it; None where neither was."""
    span = timedelta(30)
    if first and last:
        return (first, last) if first <= last else (last, first)
    if first:
        return first, first + span
    return (last - span, last) if last else None

"""Target progress: bars of the province's goals, and of one goal a map of tiles with its table."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from shegong.page import target_progress
from shegong.page.charts import SIGNS, bar, colours, number
from shegong.page.frame import Frame
from shegong.page.guard import Person


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look = Depends(frame.guard.look)

    @router.get("/targets")
    def targets(
        request: Request, person: Annotated[Person, look], goal: str = "", measure: str = ""
    ) -> HTMLResponse:
        with frame.reading() as connection:
            goals = target_progress.of_province(connection)
            usual = [row for row in goals if (row["goal_id"], row["measure_id"]) == (goal, measure)] or goals
            chosen = usual[0] if usual else None
            areas = (
                target_progress.of_areas(connection, chosen["goal_id"], chosen["measure_id"])
                if chosen
                else []
            )
        values = {r["area_code"]: float(r["value"]) for r in areas if r["value"] is not None}
        counties = {code: values[code] for code, *_ in target_progress.tiles() if code in values}
        of_area, bounds = target_progress.classes(counties) if counties else ({}, [])
        return frame.show(
            request, person, "targets", goals=goals, chosen=chosen, areas=areas, tiles=target_progress.tiles(),
            values=values, by_code={r["area_code"]: r for r in areas}, of_area=of_area, bounds=bounds, bar=bar, colours=colours(), number=number, signs=SIGNS,
        )  # fmt: skip

    return router

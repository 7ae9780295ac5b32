"""Rules: every one with its level, who acts, how often it fired and since when; of one, when it failed and recovered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from shegong.page.frame import Frame, now
from shegong.page.guard import Person
from shegong.quality import rules as catalogue

MOST = 200


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look = Depends(frame.guard.look)

    @router.get("/rules")
    def rules(
        request: Request,
        person: Annotated[Person, look],
        stage: str = "",
        level: str = "",
        word: Annotated[str, Query(max_length=40)] = "",
        fired: bool = False,
        rule: Annotated[str, Query(max_length=80)] = "",
    ) -> HTMLResponse:
        with frame.reading() as connection:
            every = catalogue.listed(connection, now(connection))
            firings = catalogue.firings(connection, rule) if rule else []
        found = [
            row
            for row in every
            if stage in ("", row.stage)
            and level in ("", row.level)
            and (row.times or not fired)
            and any(word in text for text in (row.rule_id, row.subject, row.text))
        ]
        return frame.show(
            request, person, "rules", rows=found[:MOST], found=len(found), chosen={"stage": stage, "level": level, "word": word},
            fired=fired, stages=catalogue.STAGES, levels=catalogue.LEVELS, rule=rule, firings=firings,
        )  # fmt: skip

    return router

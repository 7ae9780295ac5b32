"""Routes that belong to no part: the start, the language, the files of style and script."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import FileResponse, RedirectResponse

from shegong.page.frame import FOLDER, LANGUAGE_COOKIE, LANGUAGES, Frame
from shegong.page.guard import Person

STATIC = {path.name: path for path in sorted((FOLDER / "static").iterdir())}
_YEAR = 365 * 24 * 3600


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look, prefix = Depends(frame.guard.look), frame.guard.prefix

    @router.get("/")
    def start(person: Annotated[Person, look]) -> RedirectResponse:
        return RedirectResponse(f"{prefix}/board", status_code=303)

    @router.get("/language")
    def language(person: Annotated[Person, look], to: str, back: str = "") -> RedirectResponse:
        # only back to a page of ours
        is_ours = back.startswith(f"{prefix}/") and not back.startswith(("//", "/\\"))
        place = back if is_ours else f"{prefix}/board"
        response = RedirectResponse(place, status_code=303)
        if to in LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE, to, max_age=_YEAR, path=prefix, samesite="lax", httponly=True
            )
        return response

    @router.get("/static/{name}")
    def static(person: Annotated[Person, look], name: str) -> FileResponse:
        path: Path | None = STATIC.get(name)
        if path is None:
            raise HTTPException(404)
        return FileResponse(path, headers={"Cache-Control": "private, max-age=300"})

    return router

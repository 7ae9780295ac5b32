"""The app: all routes behind the guard, and the headers that keep a browser from loading or sending anything elsewhere."""

from collections.abc import Callable

import psycopg
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException

from shegong import settings as settings_module
from shegong.errors import ShegongError
from shegong.page import (
    board_routes,
    gate_routes,
    incident_routes,
    publication_routes,
    rule_routes,
    shared_routes,
    target_routes,
)
from shegong.page.frame import PARTS, Frame, NotDone, language_of, words
from shegong.page.guard import Guard, Person
from shegong.settings import Settings

HEADERS = {
    # No inline script or style, nothing from elsewhere; Airflow's own site shows the page in a frame.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
TOPICS = (
    shared_routes,
    board_routes,
    incident_routes,
    gate_routes,
    publication_routes,
    target_routes,
    rule_routes,
)


def create(guard: Guard, settings: Callable[[], Settings] = settings_module.load) -> FastAPI:
    """The app with every route. No route for documentation: it would be open to everybody."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    frame = Frame(guard, settings)
    for topic in TOPICS:
        app.include_router(topic.routes(frame))

    @app.middleware("http")
    async def close(request: Request, call_next: Callable) -> Response:
        response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(AnyHTTPException)  # also those of an address that no route has
    async def refuse(request: Request, error: HTTPException) -> Response:
        if error.status_code == 401 and request.method == "GET" and _wants_page(request):
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(guard.login_url(back), status_code=303)
        # a route of ours says which words; whatever else refuses (Airflow's permissions) only its number
        return told(request, error.status_code, str(error.detail), f"http_{error.status_code}")

    @app.exception_handler(RequestValidationError)
    async def misread(request: Request, error: RequestValidationError) -> Response:
        return told(request, 422, "not_understood")

    @app.exception_handler(ShegongError)
    async def tell(request: Request, error: ShegongError) -> Response:
        return told(request, 409 if request.method == "POST" else 503, error.key)

    @app.exception_handler(NotDone)
    async def tell_why(request: Request, error: NotDone) -> Response:
        return told(request, 409, error.key)

    @app.exception_handler(psycopg.OperationalError)  # it was stopped meanwhile, or a query took too long
    async def tell_away(request: Request, error: psycopg.OperationalError) -> Response:
        return told(request, 503, "database_away")

    def told(request: Request, status: int, *keys: str) -> Response:
        """Why it was not done, by the first key that is a word: as a page for people, as JSON for programs."""
        key = next((key for key in keys if key in words()), "not_possible")
        what = words()[key][language_of(request)]
        if not _wants_page(request):
            return JSONResponse({"detail": what}, status_code=status)
        part = request.url.path.removeprefix(guard.prefix).strip("/").split("/")[0]
        back = f"{guard.prefix}/{part if part in PARTS else 'board'}"
        page = frame.show(request, Person("", may_act=True), "problem", what=what, back=back)
        page.status_code = status
        return page

    return app


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")

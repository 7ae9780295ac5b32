"""The app: all routes behind the guard, and the headers that keep a browser from loading or sending anything elsewhere."""

from collections.abc import Callable

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from shegong import settings as settings_module
from shegong.errors import ShegongError
from shegong.page import (
    board_routes,
    gate_routes,
    incident_routes,
    publication_routes,
    shared_routes,
    target_routes,
)
from shegong.page.frame import Frame, NotDone, language_of, words
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
TOPICS = (shared_routes, board_routes, incident_routes, gate_routes, publication_routes, target_routes)


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

    @app.exception_handler(HTTPException)
    async def refuse(request: Request, error: HTTPException) -> Response:
        wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if error.status_code == 401 and wants_page:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(guard.login_url(back), status_code=303)
        return JSONResponse({"detail": error.detail}, status_code=error.status_code)

    @app.exception_handler(ShegongError)
    async def tell(request: Request, error: ShegongError) -> Response:
        if request.method != "POST":
            return JSONResponse({"detail": str(error)}, status_code=503)
        return not_done(request, str(error))

    @app.exception_handler(NotDone)
    async def tell_why(request: Request, error: NotDone) -> Response:
        return not_done(request, words()[error.key][language_of(request)])

    def not_done(request: Request, why: str) -> Response:
        part = request.url.path.removeprefix(guard.prefix).strip("/").split("/")[0]
        nobody = Person("", may_act=True)
        page = frame.show(request, nobody, "problem", what=why, back=f"{guard.prefix}/{part}")
        page.status_code = 409
        return page

    return app

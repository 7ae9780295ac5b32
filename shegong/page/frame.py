"""What every page shares: the language, the frame around it, the read-only connection and the clock."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import yaml
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shegong import settings as settings_module
from shegong.calendar import SHANGHAI
from shegong.database import connect
from shegong.page.guard import Guard, Person
from shegong.settings import Settings

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "bureau_language"
# The parts of the page, in the order of the menu: route -> key of its word.
PARTS = {
    "board": "board",
    "incidents": "incidents",
    "holds": "holds",
    "publications": "publications",
    "targets": "targets",
    "rules": "rules",
}
# What stands below a part, and is reached from it.
SECTIONS = {"cell": "board", "difference": "publications"}


@cache
def words() -> dict[str, dict[str, str]]:
    """The catalogue: key -> language -> text."""
    return yaml.safe_load((FOLDER / "words.yaml").read_text(encoding="utf-8"))


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class NotDone(Exception):
    """What a person asked for can't be done; `key` is the word that tells them why, in their language."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def given(reason: str) -> str:
    """The reason of an act, without blanks around it. Raises NotDone where there is none to speak of."""
    if len(reason.strip()) < 2:
        raise NotDone("reason_missing")
    return reason.strip()


class Frame:
    """One app's. `settings` is asked at the first request: Airflow reads plugins where no setting need be there."""

    def __init__(self, guard: Guard, settings: Callable[[], Settings]) -> None:
        self.guard = guard
        self._settings = settings

    @property
    def settings(self) -> Settings:
        return self._settings()

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection]:
        """A connection that can't write, as the auditor: the one role that reads the ledger and the marts but not the vault."""
        with connect(self.settings.dsn["auditor"]) as connection:
            connection.execute("set transaction read only")
            connection.execute("set local statement_timeout = '20s'")
            yield connection

    def present(self) -> datetime:
        """The moment that an act is written down under; see now()."""
        with self.reading() as connection:
            return now(connection)

    def show(self, request: Request, person: Person, name: str, **values: Any) -> HTMLResponse:
        """A whole page from a template, in the language of whoever asks."""
        language = language_of(request)
        template = _templates().get_template(f"{name}.html.j2")
        return HTMLResponse(
            template.render(
                t=lambda key: words()[key][language],
                language=language,
                person=person,
                prefix=self.guard.prefix,
                parts=PARTS,
                part=name,
                section=SECTIONS.get(name, name),
                here=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
                moment=_moment,
                **values,
            )
        )


def language_of(request: Request) -> str:
    """What was chosen before, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def now(connection: psycopg.Connection) -> datetime:
    """This moment; where the week is simulated, that of the last run."""
    if not settings_module.runs_by_clock():
        last = connection.execute("select max(run_now) from ops.stage_time").fetchone()[0]
        if last:
            return last
    return datetime.now(UTC)


def _moment(value: date | datetime | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return f"{value:%Y-%m-%d}"


def json_response(value: object) -> Response:
    """JSON as small as it gets: Chinese as it is, no spaces."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return Response(text, media_type="application/json")

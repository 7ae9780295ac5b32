"""Who may look and who may act: what the app asks of the site that it is mounted in, and the check of a form's origin."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import HTTPException, Request


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in. `name` is what is written down when they act."""

    name: str
    may_act: bool


@dataclass(frozen=True)
class Guard:
    """`look` and `act` are FastAPI dependencies that give a Person or raise HTTPException 401 or 403.

    `login_url`: where a page sends somebody who is not logged in; it takes the address to come back to.
    `prefix`: where the app is mounted.
    """

    look: Callable[..., Person]
    act: Callable[..., Person]
    login_url: Callable[[str], str]
    prefix: str


def same_origin(request: Request) -> None:
    """Refuse a POST that another site's page sent. Browsers put Origin on every POST; without it nobody is believed.

    The login cookie is lax, which stops other sites' forms in today's browsers, not in all that bureaus use.
    """
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc or origin.netloc != request.headers.get("host"):
        raise HTTPException(403, "other_site")

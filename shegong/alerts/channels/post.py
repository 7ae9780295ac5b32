"""One HTTP POST, without redirects and without a line in any log: a robot's address holds its token.

http.client rather than httpx, which logs every address at level INFO.
"""

import http.client
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from shegong.access import Access
from shegong.alerts.channels.channel import Refused, TryLater, utc_now

_MOST_ANSWER_BYTES = 1 << 16


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Poster:
    """A channel that posts: where it finds its connections, its clock, and how long it waits for an answer."""

    def __init__(
        self,
        access: Callable[[str], Access],
        clock: Callable[[], datetime] = utc_now,
        wait_seconds: float = 10,
    ) -> None:
        self._access, self._clock, self._wait_seconds = access, clock, wait_seconds

    def close(self) -> None:
        """Each message has a connection of its own."""


def as_bytes(body: Mapping[str, object]) -> bytes:
    """Characters as themselves: \\u escapes would take twice the bytes of a service's limit."""
    return json.dumps(body, ensure_ascii=False).encode()


def base_of(access: Access, default: str) -> str:
    """https://host[:port] of a connection whose host may be a name, a whole address, or empty for the public service."""
    host = access.host or default
    base = host if "://" in host else f"{access.extra.get('scheme', 'https')}://{host}"
    return base.rstrip("/") + (f":{access.port}" if access.port else "")


def post(
    base: str, path: str, body: bytes, headers: Mapping[str, str], access: Access, seconds: float
) -> Response:
    """What the server answered, of any status below 500 but 429.

    Raises TryLater where none came or the server says that it is busy. `ca` in the connection's extra: the only roots
    that are trusted then (PEM).
    """
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("address", "the connection's host is no http(s) address")
    connection = _connection(parts, access, seconds)
    try:
        connection.request("POST", parts.path + path, body, dict(headers))
        answer = connection.getresponse()
        response = Response(answer.status, answer.headers, answer.read(_MOST_ANSWER_BYTES))
    except ssl.SSLCertVerificationError as error:
        raise TryLater("tls", error.verify_message, is_service=True) from error
    except (OSError, http.client.HTTPException) as error:
        raise TryLater(type(error).__name__, "no answer", is_service=True) from error
    finally:
        connection.close()
    if response.status == 429 or response.status >= 500:
        is_busy = response.status == 429
        raise TryLater(
            str(response.status), "the server is busy", _wait(response.headers), is_service=not is_busy
        )
    return response


def _connection(parts, access: Access, seconds: float) -> http.client.HTTPConnection:
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    context = ssl.create_default_context(cadata=access.extra.get("ca"))
    return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=seconds, context=context)


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """Seconds by Retry-After, or by the header of Feishu's gateway. A date in Retry-After is left to our own back-off."""
    said = headers.get("Retry-After") or headers.get("x-ogw-ratelimit-reset") or ""
    return timedelta(seconds=min(int(said), 86_400)) if said.isdigit() else None

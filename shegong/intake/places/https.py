"""A unit's files on a web server: one address, or an index page that links to them. HTTPS only, no redirects.

What was taken before is asked for by its ETag or Last-Modified; 304 means nothing new and costs no transfer.
"""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx

from shegong.intake.places import names
from shegong.intake.places.place import Access, FileChanged, Found, Limits, Source, SourceError, Whole

_NEVER = datetime.fromtimestamp(0, UTC).isoformat()  # a server that tells no time: known by content alone
_MOST_INDEX_BYTES = 4 << 20


class HttpsPlace:
    """Extra of the connection: ca (PEM text) or ca_file, the only roots that are trusted then; bearer_token."""

    def __init__(self, source: Source, access: Access, limits: Limits) -> None:
        if urlsplit(source.address).scheme != "https":
            raise SourceError("misconfigured", "the address must begin with https://")
        self._source, self._limits = source, limits
        headers = {"Accept-Encoding": "identity", "User-Agent": "shegong"}
        if token := access.extra.get("bearer_token"):
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(
            auth=(access.login, access.password) if access.login else None,
            headers=headers,
            timeout=limits.wait_seconds,
            verify=tls(access),
            follow_redirects=False,
            trust_env=False,
        )

    def look(self, known: Callable[[str], str | None] = lambda path: None) -> Iterator[Found]:
        for address in self._addresses():
            if found := self._found(address, known(names.ledger_path(address))):
                yield found

    @contextmanager
    def open(self, file: dict) -> Iterator[Whole]:
        with self._answer("GET", file["key"]) as answer:
            if file["version"] and _version(answer) != file["version"]:
                raise FileChanged
            length = answer.headers.get("Content-Length")
            stream = _Body(answer.iter_raw(1 << 16))
            yield Whole(stream, int(length) if length else None, self._limits, _failure)

    def give_back(self, unit_code: str, name: str, content: bytes) -> str | None:
        if self._source.receipts_address is None:
            return None
        address = urljoin(self._source.receipts_address.rstrip("/") + "/", quote(names.safe(name)))
        with self._answer("PUT", address, content=content):
            return address

    def close(self) -> None:
        self._client.close()

    def _found(self, address: str, version: str | None) -> Found | None:
        """The file as its headers tell, or None where it is what we have."""
        headers = {}
        if version:
            kind = "If-Modified-Since" if version.startswith("time:") else "If-None-Match"
            headers[kind] = version.removeprefix("time:")
        try:
            with self._answer("HEAD", address, headers=headers) as answer:
                return self._from(address, answer)
        except _NotAllowed:
            with self._answer("GET", address, headers=headers) as answer:  # closed before its body comes
                return self._from(address, answer)

    def _from(self, address: str, answer: httpx.Response) -> Found | None:
        if answer.status_code == 304:
            return None
        path = urlsplit(address).path
        return Found(
            unit_code=self._source.unit_code,
            path=names.ledger_path(address),
            name=names.safe(unquote(path.rpartition("/")[2], errors="surrogateescape")),
            size_bytes=int(answer.headers.get("Content-Length") or 0),
            modified_at=_modified(answer),
            source=self._source.source_name,
            key=address,
            version=_version(answer),
        )

    def _addresses(self) -> list[str]:
        if not self._source.address.endswith("/"):
            return [self._source.address]
        with self._answer("GET", self._source.address) as answer:
            page = b""
            for part in answer.iter_raw():
                page += part
                if len(page) > _MOST_INDEX_BYTES:
                    raise SourceError("server", "the index page is larger than 4 MiB")
            is_json = "json" in answer.headers.get("Content-Type", "")
        links = json.loads(page) if is_json else _links(page.decode(answer.encoding or "utf-8", "replace"))
        found = dict.fromkeys(urljoin(self._source.address, link) for link in links if isinstance(link, str))
        return [address for address in found if self._is_file(address)]

    def _is_file(self, address: str) -> bool:
        """Only what lies directly in the registered folder: a page may link to anywhere."""
        name = address.removeprefix(self._source.address)
        is_inside = address.startswith(self._source.address) and name and not set(name) & set("/?#\\")
        return bool(is_inside) and not names.is_unfinished(unquote(name))

    @contextmanager
    def _answer(self, method: str, address: str, **more) -> Iterator[httpx.Response]:
        try:
            with self._client.stream(method, address, **more) as answer:
                _judge(answer)
                yield answer
        except (httpx.HTTPError, ssl.SSLError, OSError, ValueError) as error:
            raise _failure(error) from error


class _NotAllowed(Exception):
    """The server doesn't know HEAD."""


class _Body:
    """An iterator of parts as a stream."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._rest = parts, b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._parts, b"")
        part, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return part


def tls(access: Access) -> ssl.SSLContext:
    """What this connection trusts: its own roots where it names them, else the system's."""
    try:
        return ssl.create_default_context(
            cafile=access.extra.get("ca_file"), cadata=access.extra.get("ca") or None
        )
    except (OSError, ssl.SSLError) as error:
        raise SourceError("misconfigured", "the CA can't be read") from error


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _links(page: str) -> list[str]:
    parser = _Links()
    parser.feed(page)
    return parser.found


def _version(answer: httpx.Response) -> str:
    if tag := answer.headers.get("ETag"):
        return tag
    changed = answer.headers.get("Last-Modified")
    return f"time:{changed}" if changed else ""


def _modified(answer: httpx.Response) -> str:
    try:
        return parsedate_to_datetime(answer.headers["Last-Modified"]).astimezone(UTC).isoformat()
    except (KeyError, ValueError):
        return _NEVER


def _judge(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (405, 501) and answer.request.method == "HEAD":
        raise _NotAllowed
    if status == 304 or 200 <= status < 300:
        return
    why = {401: "auth", 403: "denied", 404: "missing", 410: "missing"}.get(status, "server")
    raise SourceError(why, f"status {status}")


def _failure(error: Exception) -> SourceError:
    if isinstance(error, SourceError):
        return error
    text = f"{type(error).__name__} {error} {error.__cause__}"
    if "CERTIFICATE" in text or "certificate" in text or isinstance(error, ssl.SSLError):
        return SourceError("tls")
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return SourceError("timeout")
    if isinstance(error, httpx.ConnectError):
        return SourceError("unreachable")
    if isinstance(error, httpx.ReadError | httpx.RemoteProtocolError | httpx.WriteError | ConnectionError):
        return SourceError("broken_off", type(error).__name__)
    return SourceError("server", type(error).__name__)

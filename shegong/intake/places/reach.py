"""Opens places by their kind, each once a task, and remembers which of them failed so that none is waited for twice."""

from collections.abc import Callable, Iterable
from contextlib import suppress

import psycopg
from psycopg.rows import class_row

from shegong.intake.places.files import FsspecTree
from shegong.intake.places.place import COUNTIES, Access, Limits, Place, Source, SourceError
from shegong.intake.places.tree import TreePlace
from shegong.settings import Settings


def no_access(connection_id: str) -> Access:
    """For processes that hold no connections."""
    raise SourceError("misconfigured", "connections can be asked for in Airflow only")


class Reach:
    """The sources that the bureau keeps, and the means to open them. `path` makes a pathlib-like path of an address.

    Use as a context: what was opened is closed at its end.
    """

    def __init__(
        self,
        settings: Settings,
        connection: psycopg.Connection,
        path: Callable,
        access: Callable[[str], Access] = no_access,
    ) -> None:
        self.sources = {source.source_name: source for source in read_sources(connection)}
        self._contacts = _contacts(connection)
        self._limits = limits_of(settings)
        self._path, self._access = path, access
        address = settings.counties_url
        self.sources[COUNTIES] = Source(COUNTIES, "folder", address, receipts_address=address)
        self._opened: dict[str, Place | SourceError] = {}

    def __enter__(self) -> "Reach":
        return self

    def __exit__(self, *error) -> None:
        for place in self._opened.values():
            if not isinstance(place, SourceError):
                with suppress(Exception):
                    place.close()

    def enabled(self) -> Iterable[Source]:
        return [source for source in self.sources.values() if source.is_enabled]

    def place(self, source_name: str) -> Place:
        """The opened place. Raises SourceError, the same again for the rest of the task."""
        if source_name not in self._opened:
            try:
                self._opened[source_name] = self._open(source_name)
            except SourceError as error:
                self._opened[source_name] = error
        place = self._opened[source_name]
        if isinstance(place, SourceError):
            raise place
        return place

    def give_up(self, source_name: str, error: SourceError) -> None:
        """This source broke: the rest of its files wait for the next run."""
        self.drop(source_name)
        self._opened[source_name] = error

    def drop(self, source_name: str) -> None:
        """Close it; the next question opens it anew."""
        place = self._opened.pop(source_name, None)
        if place is not None and not isinstance(place, SourceError):
            with suppress(Exception):
                place.close()

    def _open(self, source_name: str) -> Place:
        source = self.sources.get(source_name)
        if source is None or not source.is_enabled:
            raise SourceError("misconfigured", "no such source, or switched off")
        return open_place(source, self._limits, self._contacts, self._path, self._access)


def open_place(source: Source, limits: Limits, contacts, path: Callable, access: Callable) -> Place:
    """One source, opened. Raises SourceError. Clients are imported by who needs them."""
    if source.kind == "folder":
        root = path(source.address)
        receipts = source.receipts_address
        inner = Source(**(vars(source) | {"receipts_address": receipts and path(receipts).path}))
        shown, place = str(root), str(root.path)
        prefix = shown.removesuffix(place) if shown.endswith(place) else ""
        return TreePlace(FsspecTree(root.fs), inner, limits, place, prefix)
    login = access(source.connection_id)
    if source.kind == "sftp":
        from shegong.intake.places.sftp import SftpTree

        return TreePlace(
            SftpTree(login, limits), source, limits, source.address, f"sftp:{source.source_name}:"
        )
    if source.kind == "s3":
        from shegong.intake.places.files import s3_tree

        return TreePlace(s3_tree(login, limits), source, limits, source.address, f"s3:{source.source_name}:")
    if source.kind == "https":
        from shegong.intake.places.https import HttpsPlace

        return HttpsPlace(source, login, limits)
    from shegong.intake.places.mailbox import MailboxPlace

    return MailboxPlace(source, login, limits, contacts)


def limits_of(settings: Settings) -> Limits:
    return Limits(settings.source_wait_seconds, settings.source_work_seconds, settings.max_mail_mib << 20)


def read_sources(connection: psycopg.Connection) -> list[Source]:
    with connection.cursor(row_factory=class_row(Source)) as cursor:
        return cursor.execute(
            "select source_name, kind, address, unit_code, connection_id, receipts_address, is_enabled"
            " from reference.source order by source_name"
        ).fetchall()


def _contacts(connection: psycopg.Connection) -> dict[str, set[str]]:
    """Which units an address may send for: those whose contact it is today, by the machine's clock like the mailbox."""
    found: dict[str, set[str]] = {}
    rows = connection.execute(
        "select lower(address), area_code from reference.contact"
        " where channel = 'mail' and area_code in (select unit_code from reference.unit)"
        " and current_date between coalesce(valid_from, '-infinity') and coalesce(valid_until, 'infinity')"
    )
    for address, unit in rows:
        found.setdefault(address, set()).add(unit)
    return found

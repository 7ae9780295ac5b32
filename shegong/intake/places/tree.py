"""A place with folders: <root>/<unit>/submit and receipts, or a unit's own folder. What lists and moves bytes is a Tree."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Protocol
from urllib.parse import unquote_to_bytes

from shegong.intake.places import names
from shegong.intake.places.place import FileChanged, Found, Limits, Source, SourceError, Whole


@dataclass(frozen=True)
class Entry:
    """One name in a folder. `path` is the tree's own; `tag` changes with the content where the tree knows."""

    path: str
    is_folder: bool
    size: int
    modified: datetime
    tag: str = ""


class Tree(Protocol):
    """A file system as far as places need it. `failure` says what one of its exceptions means."""

    is_whole: bool

    def entries(self, path: str) -> Iterable[Entry]: ...
    def entry(self, path: str) -> Entry: ...
    def stream(self, path: str, size: int) -> BinaryIO: ...
    def write(self, path: str, content: bytes) -> None: ...
    def failure(self, error: Exception) -> SourceError: ...
    def close(self) -> None: ...


class TreePlace:
    """A source on a tree. `prefix` is what the ledger writes before a path."""

    def __init__(self, tree: Tree, source: Source, limits: Limits, root: str, prefix: str = "") -> None:
        self._tree, self._source, self._limits = tree, source, limits
        self._root, self._prefix = root.rstrip("/"), prefix

    def look(self, known: Callable[[str], str | None] = lambda path: None) -> Iterator[Found]:
        if self._source.unit_code:
            yield from self._files(self._source.unit_code, self._root)
            return
        for unit in sorted(self._entries(self._root), key=lambda entry: entry.path):
            if unit.is_folder:
                try:
                    files = list(self._files(_last(unit.path), f"{unit.path}/submit"))
                except SourceError as error:
                    if error.why != "missing":
                        raise
                    continue
                yield from files

    @contextmanager
    def open(self, file: dict) -> Iterator[Whole]:
        path = os.fsdecode(unquote_to_bytes(file["key"]))

        def verify() -> None:
            after = self._asked(self._tree.entry, path)
            if (_version(after), after.modified.isoformat()) != (file["version"], file["modified_at"]):
                raise FileChanged

        try:
            verify()
            stream = self._asked(self._tree.stream, path, file["size_bytes"])
        except SourceError as error:
            if error.why == "missing":
                raise FileNotFoundError from error
            raise
        with stream:
            yield Whole(stream, file["size_bytes"], self._limits, self._tree.failure, verify)

    def give_back(self, unit_code: str, name: str, content: bytes) -> str | None:
        if self._source.receipts_address is None:
            return None
        folder = self._source.receipts_address.rstrip("/")
        if not self._source.unit_code:
            folder = f"{folder}/{unit_code}/receipts"
        self._asked(self._tree.write, f"{folder}/{names.safe(name)}", content)
        return f"{self._prefix}{folder}/{names.safe(name)}"

    def close(self) -> None:
        self._tree.close()

    def _files(self, unit_code: str, folder: str) -> Iterator[Found]:
        for entry in self._entries(folder):
            name = _last(entry.path)
            if entry.is_folder or names.is_unfinished(name):
                continue
            yield Found(
                unit_code=names.safe(unit_code),
                path=names.ledger_path(self._prefix + entry.path),
                name=names.safe(name),
                size_bytes=entry.size,
                modified_at=entry.modified.isoformat(),
                source=self._source.source_name,
                key=names.key(entry.path),
                version=_version(entry),
                is_whole=self._tree.is_whole,
            )

    def _entries(self, folder: str) -> list[Entry]:
        return self._asked(lambda: list(self._tree.entries(folder)))

    def _asked(self, question: Callable, *words):
        try:
            return question(*words)
        except (SourceError, FileChanged):
            raise
        except Exception as error:
            raise self._tree.failure(error) from error


def _version(entry: Entry) -> str:
    return entry.tag or str(entry.size)


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def as_time(value) -> datetime:
    """Seconds or a datetime, as UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(value or 0), UTC)

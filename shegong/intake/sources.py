"""Finds what is new in the counties' places: <root>/<unit code>/submit/<file>. Reads names and dates, never content."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import psycopg

# what editors and transfer programs leave beside a file, or write before it is whole
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".uploading")


@dataclass(frozen=True)
class Found:
    """One file in a county's place, as it was when it was listed."""

    unit_code: str
    path: str
    name: str
    size_bytes: int
    modified_at: str

    def as_dict(self) -> dict:
        return asdict(self)


def find(places, connection: psycopg.Connection) -> list[Found]:
    """Files below `places` (a pathlib-like path) that the ledger doesn't know as they are now, oldest first.

    Known is: same path, size and time of change, and read to its end. A file that a killed run left half-way is found again.
    """
    known = set(
        connection.execute(
            "select source_path, size_bytes, modified_at from ops.delivery where state <> 'received'"
        ).fetchall()
    )
    found = [
        file
        for file in _list(places)
        if (file.path, file.size_bytes, datetime.fromisoformat(file.modified_at)) not in known
    ]
    return sorted(found, key=lambda file: (file.modified_at, file.path))


def batches(found: Iterable[Found], size: int) -> list[list[dict]]:
    """Files by city, a unit's files always in one batch and in order; large cities are split at `size` files."""
    cities: dict[str, dict[str, list[dict]]] = {}
    for file in found:
        cities.setdefault(file.unit_code[:4], {}).setdefault(file.unit_code, []).append(file.as_dict())
    result: list[list[dict]] = []
    for units in cities.values():
        batch: list[dict] = []
        for files in units.values():
            if batch and len(batch) + len(files) > size:
                result.append(batch)
                batch = []
            batch = batch + files
        result.append(batch)
    return result


def _list(places) -> Iterable[Found]:
    for unit in places.iterdir():
        submit = unit / "submit"
        if not submit.is_dir():
            continue
        for path in submit.iterdir():
            if (
                path.name.startswith((".", "~$"))
                or path.name.lower().endswith(_UNFINISHED)
                or not path.is_file()
            ):
                continue
            stat = path.stat()
            changed = datetime.fromtimestamp(stat.st_mtime, UTC)
            yield Found(unit.name, str(path), path.name, stat.st_size, changed.isoformat())

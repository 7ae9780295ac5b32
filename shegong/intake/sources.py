"""Finds what is new in all sources, each on its own: one that fails is an incident and stops no other.

Reads names, dates and sizes, never content; how a kind of source is listed is in places/.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg

from shegong.intake import source_reports
from shegong.intake.places.place import TRANSIENT, Found, Source, SourceError
from shegong.intake.places.reach import Reach

AT_ONCE = 6  # waiting costs nothing, and each source has its own time limit


def find(
    reach: Reach, connection: psycopg.Connection, now: datetime, settle_seconds: float = 0
) -> list[Found]:
    """Files that the ledger doesn't know as they are now and that are not being written, oldest first.

    Known is: same path, version and time of change, and read to its end. A file that a killed run left half-way is
    found again. `now` is the run's, for the ledger; whether a file lies still is asked of this machine's clock.
    """
    known, versions = _known(connection)
    sources = list(reach.enabled())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = list(pool.map(lambda source: _look(reach, source, versions), sources))
    found: list[Found] = []
    for source, files in zip(sources, looks, strict=True):
        if isinstance(files, SourceError):
            source_reports.failed(connection, source, "look", files, now)
            continue
        new = [file for file in files if not file.version or _identity(file) not in known]
        new = _settled(connection, source, new, datetime.now(UTC), settle_seconds)
        source_reports.looked(connection, source, reach.place(source.source_name), len(new), now)
        found += new
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


def _look(reach: Reach, source: Source, versions: Mapping[str, str]) -> list[Found] | SourceError:
    """All files of one source; what is likely to pass is tried once more."""
    for attempt in (1, 2):
        try:
            return list(reach.place(source.source_name).look(versions.get))
        except SourceError as error:
            problem = error
        except Exception as error:  # noqa: BLE001 one source's oddity must not stop the others
            problem = SourceError("server", type(error).__name__)
        reach.give_up(source.source_name, problem)
        if problem.why not in TRANSIENT or problem.why == "timeout" or attempt == 2:
            break
        reach.drop(source.source_name)
    return problem


def _known(connection: psycopg.Connection) -> tuple[set[tuple], dict[str, str]]:
    """What was read: its identities, and the last version of each path."""
    rows = connection.execute(
        "select source_name, source_path, modified_at, source_version from ops.delivery"
        " where state <> 'received' order by delivery_id"
    ).fetchall()
    return set(rows), {path: version for _, path, _, version in rows}


def _identity(file: Found) -> tuple:
    return file.source, file.path, datetime.fromisoformat(file.modified_at), file.version


def _settled(
    connection: psycopg.Connection, source: Source, files: list[Found], clock: datetime, seconds: float
) -> list[Found]:
    """Those that nobody writes to: old enough by our clock, or unchanged since an earlier look.

    The second way is for servers whose clock is ahead: their files would be of the future for ever.
    """
    young = [
        file
        for file in files
        if not file.is_whole
        and seconds > 0
        and datetime.fromisoformat(file.modified_at) > clock - timedelta(seconds=seconds)
    ]
    waiting = {file.path for file in young}
    for file in young:
        first_seen = connection.execute(
            """insert into ops.unsettled_file as known (source_path, source_name, source_version, modified_at, first_seen_at)
            values (%(path)s, %(source)s, %(version)s, %(modified_at)s, %(clock)s)
            on conflict (source_path) do update set
                first_seen_at = case
                    when (known.source_version, known.modified_at) = (excluded.source_version, excluded.modified_at)
                        then known.first_seen_at
                    else excluded.first_seen_at
                end,
                source_version = excluded.source_version, modified_at = excluded.modified_at
            returning first_seen_at""",
            file.as_dict() | {"clock": clock, "reply": None},
        ).fetchone()[0]
        if first_seen <= clock - timedelta(seconds=seconds):
            waiting.discard(file.path)
    connection.execute(
        "delete from ops.unsettled_file where source_name = %s and not source_path = any(%s)",
        [source.source_name, list(waiting)],
    )
    return [file for file in files if file.path not in waiting]

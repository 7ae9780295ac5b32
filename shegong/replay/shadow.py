"""`shegong replay --shadow`: a new rule over all past files without effect, and what it would have refused.

Only checks of class "file" are asked; what is asked of the register (keys, owners, references) needs the time when a
file came. Nothing is written, and nothing but counts and the rule's own words is shown.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from upath import UPath

from shegong import contract
from shegong.archive import Archive
from shegong.contract import Contract
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.replay.reading import Outcome, Rereader, as_it_stands
from shegong.replay.run import Earlier, earlier_of, latest
from shegong.settings import Settings


@dataclass
class Shadowed:
    """What the changed contracts say of one unit's files of one table beside what was said of them.

    `rules`: (rule id, level) -> findings that would be new. Rows and files are those that would be refused.
    """

    unit_code: str
    table: str
    files: int = 0
    rows: int = 0
    refused_before: int = 0
    refused_after: int = 0
    files_refused_before: int = 0
    files_refused_after: int = 0
    rules: Counter = field(default_factory=Counter)
    texts: dict[str, str] = field(default_factory=dict)


def shadow(settings: Settings, now: datetime, path: Path, archive: Archive | None = None) -> list[Shadowed]:
    """Read every past file of the tables that the diff (or the folder's diffs) at `path` change, as if it counted then."""
    changed = changed_contracts(path)
    archive = archive or Archive(UPath(settings.archive_url), settings.archive_key)
    made: dict[tuple[str, str], Shadowed] = {}
    with connect(settings.dsn["loader"]) as connection:
        connection.autocommit = True
        reader = Rereader(settings, connection, archive, now)
        reader.choose = lambda said: changed.get(said.table) or contract.load(on=said.report_date)[said.table]
        by_file: dict[int, list[Earlier]] = {}
        for earlier in latest(connection):
            by_file.setdefault(earlier.delivery_id, []).append(earlier)
        for candidates in by_file.values():
            if any(earlier.table_name in (None, *changed) for earlier in candidates):
                _one_file(connection, reader, candidates, changed, made)
    return sorted(made.values(), key=lambda s: (s.table, s.unit_code))


def changed_contracts(path: Path) -> dict[str, Contract]:
    """The tables that are otherwise with the diffs at `path`: their newest version. Raises ShegongError for none."""
    files = tuple(sorted(path.glob("*.yaml"))) if path.is_dir() else (path,)
    already = {p.resolve() for p in (contract.FOLDER / "changes").glob("*.yaml")}
    more = tuple(p for p in files if p.resolve() not in already)
    newest, before = contract.load(more=more), contract.load()
    first = {table: history[0] for table, history in contract.versions().items()}
    # a diff that is released already is compared with what was before all diffs
    compared = before if more else first
    changed = {table: made for table, made in newest.items() if repr(made) != repr(compared[table])}
    if not changed:
        raise ShegongError(f"{path} changes no contract", "Give a diff as contracts/README.md describes it.")
    return changed


def _one_file(
    connection: psycopg.Connection,
    reader: Rereader,
    candidates: list[Earlier],
    changed: dict[str, Contract],
    made: dict[tuple[str, str], Shadowed],
) -> None:
    for outcome in reader.outcomes(candidates[0].past):
        earlier = earlier_of(outcome, candidates)
        if outcome.table not in changed or earlier is None:
            continue
        count = made.setdefault(
            (outcome.unit_code, outcome.table), Shadowed(outcome.unit_code, outcome.table)
        )
        was = as_it_stands(
            connection,
            earlier.submission_id,
            Outcome(earlier.sheet_name, earlier.table_name, earlier.state, earlier.unit_code),
        )
        count.files += 1
        count.rows += max(outcome.total, earlier.rows_total)
        count.files_refused_before += earlier.state == "refused"
        count.files_refused_after += outcome.state == "refused"
        count.refused_before += _refused_rows(connection, earlier.submission_id)
        count.refused_after += outcome.refused
        # rule by rule: what is told more often than it was
        for key, findings in (outcome.rules - was.rules).items():
            count.rules[key] += findings
            count.texts[key[0]] = outcome.texts[key[0]]


def _refused_rows(connection: psycopg.Connection, submission_id: int) -> int:
    query = "select count(*) from ops.refused_row where submission_id = %s and check_class = 'file'"
    return connection.execute(query, [submission_id]).fetchone()[0]

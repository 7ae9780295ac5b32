"""`shegong replay`: reads again what a changed rule, alias or contract may touch, and replaces what comes out otherwise.

A submission is looked at when what it was read with (ops.submission.read_with) is no longer what it would be read
with. Where rows and findings stay the same, only that word is renewed. Otherwise the file's sheet is staged anew, as a
replay of the earlier submission (also where only the register would answer otherwise), which stays in force until the judge accepts the new one. A transaction a file: killed
anywhere, the next run goes on; run again, it finds nothing.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row
from upath import UPath

from shegong.archive import Archive
from shegong.database import connect
from shegong.intake.fingerprint import fingerprint
from shegong.replay import asked
from shegong.replay.reading import Outcome, Past, Replayer, Rereader, as_it_stands
from shegong.settings import Settings

log = logging.getLogger(__name__)

# the latest reading of each sheet; what a person rejected stays rejected, what was replaced is answered
_LATEST = """
select
    s.submission_id, s.delivery_id, s.unit_code, s.table_name, s.sheet_name, s.state, s.report_date, s.read_with,
    s.contract_version, s.rows_total, d.place_unit_code as place, d.file_name, d.content_hash, d.received_at
from ops.submission as s inner join ops.delivery as d on d.delivery_id = s.delivery_id
where
    s.state in ('accepted', 'partly_accepted', 'held', 'refused')
    and not exists (select from ops.submission as newer where newer.replay_of = s.submission_id)
    and (%(delivery)s::bigint is null or s.delivery_id = %(delivery)s)
    and (%(table)s::text is null or s.table_name is null or s.table_name = %(table)s)
    and (%(since)s::date is null or coalesce(s.report_date, d.received_at::date) >= %(since)s)
order by s.delivery_id, s.submission_id
"""
_RENEW = "update ops.submission set read_with = %s where submission_id = %s"
# a refused file that is refused anew has its new answer; one that is staged anew is replaced by the judge
_ANSWERED = """
update ops.submission set state = 'replaced', replaced_by = %s, replaced_at = %s
where submission_id = %s and state = 'refused'
"""


@dataclass(frozen=True)
class Earlier:
    """A submission that may be read again, with the file that it came in."""

    submission_id: int
    delivery_id: int
    unit_code: str
    table_name: str | None
    sheet_name: str
    state: str
    report_date: date | None
    read_with: str | None
    contract_version: str | None
    rows_total: int
    place: str
    file_name: str
    content_hash: str
    received_at: datetime

    @property
    def past(self) -> Past:
        return Past(self.delivery_id, self.place, self.file_name, self.content_hash, self.received_at)


@dataclass
class Replayed:
    """What a run did: files and submissions looked at, and of those that come out otherwise the counts.

    `rules`: (rule id, level) -> findings before and after; `states`: (before, after) -> submissions.
    """

    files: int = 0
    looked_at: int = 0
    changed: int = 0
    staged: int = 0
    before: Counter = field(default_factory=Counter)
    after: Counter = field(default_factory=Counter)
    states: Counter = field(default_factory=Counter)
    rows: Counter = field(default_factory=Counter)

    def count(self, earlier: Earlier, was: Outcome, now: Outcome, register: asked.Counts) -> None:
        self.changed += 1
        self.before += was.rules + register[0]
        self.after += now.rules + register[1]
        self.states[earlier.state, "refused" if now.state == "refused" else "staged"] += 1
        self.rows["before"] += earlier.rows_total
        self.rows["after"] += now.total


def replay(
    settings: Settings,
    now: datetime,
    *,
    table: str | None = None,
    rule: str | None = None,
    since: date | None = None,
    dry_run: bool = False,
    archive: Archive | None = None,
) -> Replayed:
    """Look at every candidate of `table` and later than `since`; with `rule`, replace only where its count changes."""
    archive = archive or Archive(UPath(settings.archive_url), settings.archive_key)
    made = Replayed()
    with connect(settings.dsn["loader"]) as connection:
        connection.autocommit = True
        connection.execute("select pg_advisory_lock(hashtext('shegong replay'))")
        reader = Rereader(settings, connection, archive, now)
        writer = Replayer(settings, connection, archive, now)
        by_file = _by_delivery(connection, reader, table, since)
        every = [earlier for candidates in by_file for earlier in candidates]
        said = asked.otherwise(connection, every, {e.submission_id: _word(reader, e) for e in every})
        for candidates in by_file:
            made.files += 1
            made.looked_at += len(candidates)
            _one_file(connection, reader, writer, candidates, said, rule, dry_run, made)
    log.info("replay: %d files read again, %d submissions come out otherwise", made.files, made.changed)
    return made


def _by_delivery(
    connection: psycopg.Connection, reader: Rereader, table: str | None, since: date | None
) -> list[list[Earlier]]:
    """Candidates by file: what was read with something else than it would be read with now."""
    by_file: dict[int, list[Earlier]] = {}
    for earlier in latest(connection, table=table, since=since):
        if earlier.read_with != _word(reader, earlier):
            by_file.setdefault(earlier.delivery_id, []).append(earlier)
    return list(by_file.values())


def latest(
    connection: psycopg.Connection,
    *,
    delivery: int | None = None,
    table: str | None = None,
    since: date | None = None,
) -> list[Earlier]:
    """The latest reading of every sheet that is in force, held or refused."""
    with connection.cursor(row_factory=class_row(Earlier)) as cursor:
        return cursor.execute(_LATEST, {"delivery": delivery, "table": table, "since": since}).fetchall()


def _word(reader: Rereader, earlier: Earlier) -> str:
    return fingerprint(reader.aliases, earlier.table_name, earlier.unit_code, earlier.report_date)


def _one_file(
    connection: psycopg.Connection,
    reader: Rereader,
    writer: Replayer,
    candidates: list[Earlier],
    said: Mapping[int, asked.Counts],
    rule: str | None,
    dry_run: bool,
    made: Replayed,
) -> None:
    past = candidates[0].past
    with connection.transaction():
        connection.execute("select from ops.delivery where delivery_id = %s for update", [past.delivery_id])
        # a judging or another replay may have been since the list was made
        known = {e.submission_id: e for e in latest(connection, delivery=past.delivery_id)}
        candidates = [known[e.submission_id] for e in candidates if e.submission_id in known]
        outcomes = reader.outcomes(past)
        again: dict[tuple[str, str | None], int] = {}
        same = []
        for earlier in candidates:
            new = [o for o in outcomes if earlier_of(o, candidates) is earlier]
            was = as_it_stands(
                connection,
                earlier.submission_id,
                Outcome(earlier.sheet_name, earlier.table_name, "", earlier.unit_code),
            )
            changed = [o for o in new if o.digest != was.digest or o.table != earlier.table_name]
            register = said.get(earlier.submission_id, asked.NONE)
            if not changed and register is asked.NONE:
                same.append(earlier)
            for outcome in changed or (new if register is not asked.NONE else []):
                if rule and not (_is_touched(rule, was, outcome) or asked.is_touched(rule, register)):
                    continue
                made.count(earlier, was, outcome, register)
                again[outcome.sheet_name, outcome.table] = earlier.submission_id
        if not dry_run:
            _write(connection, writer, past, again, same, made)


def earlier_of(outcome: Outcome, candidates: list[Earlier]) -> Earlier | None:
    """The submission that a sheet was: of its name and table, or the refusal of the sheet or of the whole file."""
    for name, table in (
        (outcome.sheet_name, outcome.table),
        (outcome.sheet_name, None),
        ("", outcome.table),
        ("", None),
    ):
        for earlier in candidates:
            if (earlier.sheet_name, earlier.table_name) == (name, table):
                return earlier
    of_sheet = [e for e in candidates if e.sheet_name == outcome.sheet_name]
    return of_sheet[0] if len(of_sheet) == 1 and "refused" in (outcome.state, of_sheet[0].state) else None


def _is_touched(rule: str, was: Outcome, now: Outcome) -> bool:
    return asked.is_touched(rule, (was.rules, now.rules))


def _write(
    connection: psycopg.Connection,
    writer: Replayer,
    past: Past,
    again: dict[tuple[str, str | None], int],
    same: list[Earlier],
    made: Replayed,
) -> None:
    for earlier in same:
        connection.execute(_RENEW, [_word(writer, earlier), earlier.submission_id])
    if not again:
        return
    for earlier_id, (submission_id, state) in writer.replay(past, again).items():
        if state == "refused":
            connection.execute(_ANSWERED, [submission_id, writer.now, earlier_id])
        else:
            made.staged += 1
    # its receipt is written anew by the next run of the load DAG
    connection.execute(
        "update ops.delivery set receipt_path = null where delivery_id = %s", [past.delivery_id]
    )

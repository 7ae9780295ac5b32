"""An archived file read again as intake reads it: in memory, with what came of it as an Outcome; or into the ledger.

Both are the loader itself with some of its steps done otherwise, so that a file read again can't be read differently.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl
import psycopg
from psycopg import sql

from shegong import contract
from shegong.calendar import SHANGHAI
from shegong.contract import Contract
from shegong.intake import explanations, load
from shegong.intake.envelope import Envelope, FileRefused
from shegong.intake.identify import NIL
from shegong.intake.load import Loader
from shegong.intake.sheets import Sheet

_NULL, _NEXT = "\x02", "\x1f"  # neither is in a cleaned cell
_SIZE = 2**128
_FINDING = (
    "sheet_name", "row_number", "column_letter", "header", "rule_id", "level", "text", "mend", "value_shown",
)  # fmt: skip


@dataclass(frozen=True)
class Past:
    """A delivery that was read before."""

    delivery_id: int
    place: str
    file_name: str
    content_hash: str
    received_at: datetime


@dataclass
class Outcome:
    """What came of one sheet: its accepted rows and its findings of class "file", as digests and as counts.

    `rules` counts findings by (rule id, level), `texts` has what they say.
    """

    sheet_name: str
    table: str | None
    state: str  # read, or refused
    unit_code: str
    total: int = 0
    refused: int = 0
    rows: str = ""
    findings: int = 0
    rules: Counter = field(default_factory=Counter)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> tuple[str, int]:
        return self.rows, self.findings

    def tell(self, found: Iterable[tuple]) -> None:
        """Count findings, given as _FINDING has them; their order says nothing."""
        for finding in found:
            said = hashlib.sha256(repr(finding).encode()).digest()
            self.findings = (self.findings + int.from_bytes(said[:16])) % _SIZE
            _, _, _, _, rule_id, level, text, *_ = finding
            self.rules[rule_id, level] += 1
            self.texts.setdefault(rule_id, text)


class _Again(Loader):
    """The loader's steps that belong to the day when the file came, not to its reading."""

    past: Past

    def _today(self) -> date:
        return self.past.received_at.astimezone(SHANGHAI).date()

    def _take_explanations(self, delivery_id: int, place: str, forms: Sequence[Sheet]) -> int:
        returned = (form for form in forms if form.table == explanations.EXPLANATIONS)
        return sum(1 for form in returned for _ in explanations.read(form))

    def _note_proposals(self, table: str, unit_code: str, proposals: Iterable) -> None:
        """They were counted when the file came."""

    def _again(self, past: Past) -> None:
        self.past = past
        self._read(past.delivery_id, past.content_hash, {"name": past.file_name, "unit_code": past.place})


class Rereader(_Again):
    """Reads in memory and writes nothing. `choose` gives the contract of an envelope, by default the one in force."""

    choose: Callable[[Envelope], Contract] | None = None

    def outcomes(self, past: Past) -> list[Outcome]:
        """What would come of the file now, an Outcome a sheet; nil reports have none."""
        self._made: list[Outcome] = []
        self._again(past)
        return self._made

    def _contract(self, said: Envelope) -> Contract:
        return self.choose(said) if self.choose else super()._contract(said)

    def _load_sheet(self, delivery_id: int, sheet: Sheet, said: Envelope, stated: Sequence) -> None:
        if said.table == NIL:
            return
        if self.choose:
            sheet.version = None  # a template of the time when it was made
        ready = self._prepare(sheet, said)
        made = Outcome(sheet.name, said.table, "read", said.unit_code)
        digest = hashlib.sha256()
        for chunk in sheet.chunks:
            checked = ready.checker.check(chunk)
            made.total += checked.total
            made.refused += len(checked.refused)
            for line in _lines(checked.rows, said.table):
                digest.update(line.encode() + b"\n")
            made.tell(_findings(checked.findings, sheet.name))
        made.tell(_findings(ready.checker.totals(), sheet.name))
        if not made.total:
            raise load.admission.no_rows(sheet)
        for at, rule_id, level, text, mend, row, letter, header in load.remarks(
            sheet, ready, made.total, stated
        ):
            made.tell([(at, row, letter, header, rule_id, level, text, mend, None)])
        made.rows = digest.hexdigest()
        self._made.append(made)

    def _refuse(self, delivery_id: int, place: str, said: Envelope, refused: FileRefused) -> None:
        table = said.table if said.table in self.contracts else None
        made = Outcome(refused.sheet, table, "refused", place, rows=hashlib.sha256().hexdigest())
        told = (refused.rule_id, "F", refused.text, refused.mend, None)
        made.tell([(refused.sheet, refused.row, None, refused.header or None, *told)])
        self._made.append(made)


class Replayer(_Again):
    """Reads chosen sheets into the ledger once more, each as a replay of an earlier submission."""

    def replay(self, past: Past, earlier: Mapping[tuple[str, str | None], int]) -> dict[int, tuple[int, str]]:
        """Stage or refuse anew the sheets (name, table) of `earlier`: earlier submission -> the new one and its state.

        To be called in a transaction. The new one came when the earlier did, and was due then.
        """
        self._earlier, self._made = earlier, {}
        self._again(past)
        return self._made

    def _load_sheet(self, delivery_id: int, sheet: Sheet, said: Envelope, stated: Sequence) -> None:
        if (sheet.name, said.table) in self._earlier:
            super()._load_sheet(delivery_id, sheet, said, stated)

    def _refuse(self, delivery_id: int, place: str, said: Envelope, refused: FileRefused) -> None:
        table = said.table if said.table in self.contracts else None
        if (refused.sheet, table) in self._earlier:
            super()._refuse(delivery_id, place, said, refused)

    def _replay_of(self, sheet_name: str, table: str | None) -> int | None:
        return self._earlier[sheet_name, table]

    def _submission(
        self, delivery_id: int, said: Envelope, state: str, sheet_name: str, version: str | None
    ) -> int:
        made = super()._submission(delivery_id, said, state, sheet_name, version)
        earlier = self._earlier[sheet_name, said.table]
        self.connection.execute(
            """update ops.submission as own set received_at = e.received_at, due_at = e.due_at, is_late = e.is_late
            from ops.submission as e where own.submission_id = %s and e.submission_id = %s""",
            [made, earlier],
        )
        self._made[earlier] = (made, state)
        return made


def as_it_stands(connection: psycopg.Connection, submission_id: int, made: Outcome) -> Outcome:
    """Fill `made` with what the ledger and staging hold of a submission."""
    query = sql.SQL("select {} from ops.finding where submission_id = %s and check_class = 'file'").format(
        sql.SQL(", ").join(map(sql.Identifier, _FINDING))
    )
    made.tell(connection.execute(query, [submission_id]))
    digest = hashlib.sha256()
    if made.table:
        cells = [
            sql.SQL("coalesce({}::text, {})").format(sql.Identifier(name), sql.Literal(_NULL))
            for name in _compared(made.table)
        ]
        rows = sql.SQL(
            "select concat_ws({}, {}) from {} where _submission_id = {} order by _row_number"
        ).format(
            sql.Literal(_NEXT),
            sql.SQL(", ").join(cells),
            sql.Identifier("staging", made.table),
            sql.Literal(submission_id),
        )
        with connection.transaction(), connection.cursor("staged") as cursor:
            cursor.itersize = 10_000
            for (line,) in cursor.execute(rows):
                digest.update(line.encode() + b"\n")
    made.rows = digest.hexdigest()
    return made


def _compared(table: str) -> list[str]:
    """Every column that staging has of the table, those of other versions included."""
    return [*(column.name for column in contract.stored()[table].columns), "_row_number"]


def _lines(rows: pl.DataFrame, table: str) -> Iterator[str]:
    """Accepted rows as as_it_stands reads them from staging."""
    cells = [
        (pl.col(name).cast(pl.String) if name in rows.columns else pl.lit(None, dtype=pl.String)).fill_null(
            _NULL
        )
        for name in _compared(table)
    ]
    return iter(rows.select(pl.concat_str(cells, separator=_NEXT)).to_series())


def _findings(found: pl.DataFrame, sheet_name: str) -> Iterator[tuple]:
    return found.with_columns(sheet_name=pl.lit(sheet_name)).select(_FINDING).iter_rows()

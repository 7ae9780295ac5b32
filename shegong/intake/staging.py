"""Writes one submission: staged rows, findings, refused rows and the vault, inside the caller's transaction.

Three chunks are under way at a time: one is being checked by the caller, one turned into bytes by a second thread,
one taken in by the database, with which a third thread speaks. Nothing is committed here: the ledger and the rows
become visible together, or not at all. A file of few rows is written by the caller: threads would cost it more.
"""

import io
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import polars as pl
import psycopg
from psycopg import sql

from shegong.contract import Contract
from shegong.intake import vault_rows
from shegong.intake.findings import FINDING
from shegong.intake.rows import Checked
from shegong.render.staging import all_columns
from shegong.vault import Vault

_FEW_ROWS = 1_000
_Part = tuple[sql.Composable, bytes]  # a COPY statement and what it is fed


class SubmissionWriter:
    """Use as a context manager; `write` per chunk, then `finish`. Grain of what it writes: one row per accepted row.

    Without a `vault` nothing is kept of people but what staging holds.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        contract: Contract,
        submission_id: int,
        unit_code: str,
        sheet_name: str,
        vault: Vault | None,
        now,
    ) -> None:
        self._connection, self._contract = connection, contract
        self._submission_id, self._unit_code, self._sheet_name = submission_id, unit_code, sheet_name
        self._newcomers = vault_rows.Newcomers(connection)
        self._waiting = (
            vault_rows.Waiting(vault, submission_id, now) if vault and contract.has_person else None
        )
        self._encoder = _Worker()
        self._database = _Worker()  # the only thread that uses the connection meanwhile
        self._encoding: Future | None = None
        self._sending: list[Future] = []
        self.total = self.accepted = self.refused = 0

    def __enter__(self) -> "SubmissionWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._encoder.end()
        self._database.end()

    def write(self, checked: Checked) -> None:
        """Hand over a chunk. An error of a chunk before is raised here."""
        self._wait()
        self.total += checked.total
        self.accepted += checked.rows.height
        self.refused += len(checked.refused)
        if self.total > _FEW_ROWS:
            self._encoder.start()
            self._database.start()
        self._encoding = self._encoder.submit(self._encode, checked)

    def finish(self, more: Iterable[pl.DataFrame] = ()) -> None:
        """Write the last chunk and `more` findings."""
        self._wait()
        self._settle([])
        if self._waiting:
            self._copy(sql.SQL(vault_rows.COPY), self._waiting.all())
        for findings in more:
            self._copy(*self._findings(findings))

    def _wait(self) -> None:
        if self._encoding is not None:
            self._encoding.result()
            self._encoding = None

    def _settle(self, sending: list[Future]) -> None:
        """Wait for the chunk before `sending`: more than two in hand would only cost memory."""
        before, self._sending = self._sending, sending
        for sent in before:
            sent.result()

    def _encode(self, checked: Checked) -> None:
        """In the second thread. The vault is asked first, so that its answer is there when the rows are encoded."""
        send = self._database.submit
        persons = vault_rows.persons(checked.rows) if self._waiting else pl.DataFrame()
        known = send(self._newcomers.ask, persons) if persons.height else None
        parts = (self._rows(checked.rows), self._findings(checked.findings), self._refused(checked.refused))
        sending = [send(self._copy, *part) for part in parts]
        if known:
            new = self._newcomers.among(persons, known.result())
            sending.append(send(self._copy, sql.SQL(vault_rows.COPY), self._waiting.add(new)))
        self._settle(sending)

    def _rows(self, rows: pl.DataFrame) -> _Part:
        columns = [column.name for column in all_columns(self._contract)]
        staged = rows.with_columns(
            _submission_id=pl.lit(self._submission_id),
            _unit_code=pl.lit(self._unit_code),
            # an empty name must reach COPY as "" and not as null
            _sheet_name=pl.lit(self._sheet_name),
        )
        return _part(sql.Identifier("staging", self._contract.table), staged.select(columns))

    def _findings(self, findings: pl.DataFrame) -> _Part:
        told = findings.with_columns(
            submission_id=pl.lit(self._submission_id),
            check_class=pl.lit("file"),
            sheet_name=pl.lit(self._sheet_name),
        )
        columns = ["submission_id", "check_class", "sheet_name", *FINDING]
        return _part(sql.Identifier("ops", "finding"), told.select(columns))

    def _refused(self, refused: pl.Series) -> _Part:
        frame = pl.DataFrame({"row_number": refused}).select(
            submission_id=pl.lit(self._submission_id),
            sheet_name=pl.lit(self._sheet_name),
            row_number="row_number",
            check_class=pl.lit("file"),
        )
        return _part(sql.Identifier("ops", "refused_row"), frame)

    def _copy(self, statement: sql.Composable, content: bytes) -> None:
        if content:
            with self._connection.cursor().copy(statement) as copy:
                copy.write(content)


class _Worker:
    """Does its work in the caller's thread until it is started, then in one of its own, in order."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None

    def start(self) -> None:
        self._thread = self._thread or ThreadPoolExecutor(max_workers=1)

    def submit(self, work: Callable, *values: object) -> Future:
        if self._thread:
            return self._thread.submit(work, *values)
        done: Future = Future()
        done.set_result(work(*values))  # what it raises goes to the caller
        return done

    def end(self) -> None:
        if self._thread:
            self._thread.shutdown(wait=True, cancel_futures=True)


def _part(table: sql.Identifier, frame: pl.DataFrame) -> _Part:
    """COPY of a frame into the columns of its names, and the bytes for it; none where there is no row."""
    names = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    buffer = io.BytesIO()
    if frame.height:
        frame.write_csv(buffer, include_header=False)
    return sql.SQL("copy {} ({}) from stdin (format csv)").format(table, names), buffer.getvalue()

"""Writes one submission: staged rows, findings, refused rows and the vault, inside the caller's transaction.

A second thread writes a chunk while the next one is being checked. Nothing is committed here: the ledger and the
rows become visible together, or not at all.
"""

import io
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

from shegong import people
from shegong.contract import Contract
from shegong.intake.rows import FINDING, Checked
from shegong.render.staging import all_columns

_DUPLICATE = ("{table}.duplicate_key", "同一主键在本文件中出现不止一次", "请只保留一行；先后有变化的请填写不同的生效日期")


class SubmissionWriter:
    """Use as a context manager; `write` per chunk, then `finish`. Grain of what it writes: one row per accepted row."""

    def __init__(
        self,
        connection: psycopg.Connection,
        contract: Contract,
        submission_id: int,
        unit_code: str,
        sheet_name: str,
        vault: people.Vault,
        now,
    ) -> None:
        self._connection, self._contract, self._vault, self._now = connection, contract, vault, now
        self._submission_id, self._unit_code, self._sheet_name = submission_id, unit_code, sheet_name
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._pending: Future | None = None
        self._keys: list[np.ndarray] = []
        self._rows: list[np.ndarray] = []
        self.total = self.accepted = self.refused = 0

    def __enter__(self) -> "SubmissionWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def write(self, checked: Checked) -> None:
        """Hand over a chunk. An error of the chunk before is raised here."""
        self._wait()
        self.total += checked.total
        self.accepted += checked.rows.height
        self.refused += len(checked.refused)
        self._keys.append(checked.rows["_key"].to_numpy())
        self._rows.append(checked.rows["_row_number"].to_numpy())
        self._pending = self._thread.submit(self._write, checked)

    def finish(self, more: Iterable[pl.DataFrame] = ()) -> None:
        """Write the last chunk, `more` findings, and refuse the later ones of rows with the same key and day."""
        self._wait()
        for findings in more:
            self._copy_findings(findings)
        self._refuse_duplicates()

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None

    def _write(self, checked: Checked) -> None:
        self._copy_rows(checked.rows)
        self._copy_findings(checked.findings)
        self._copy_refused(checked.refused)
        if self._contract.has_person:
            self._fill_vault(checked.rows)

    def _copy_rows(self, rows: pl.DataFrame) -> None:
        columns = [column.name for column in all_columns(self._contract)]
        staged = rows.with_columns(
            _submission_id=pl.lit(self._submission_id),
            _unit_code=pl.lit(self._unit_code),
            # an empty name must reach COPY as "" and not as null
            _sheet_name=pl.lit(self._sheet_name),
        ).select(columns)
        self._copy(sql.Identifier("staging", self._contract.table), columns, staged)

    def _copy_findings(self, findings: pl.DataFrame) -> None:
        if findings.is_empty():
            return
        told = findings.with_columns(
            submission_id=pl.lit(self._submission_id), check_class=pl.lit("file"), sheet_name=pl.lit(self._sheet_name)
        )
        columns = ["submission_id", "check_class", "sheet_name", *FINDING]
        self._copy(sql.Identifier("ops", "finding"), columns, told.select(columns))

    def _copy_refused(self, refused: pl.Series) -> None:
        if refused.is_empty():
            return
        frame = pl.DataFrame({"row_number": refused}).select(
            submission_id=pl.lit(self._submission_id), sheet_name=pl.lit(self._sheet_name), row_number="row_number", check_class=pl.lit("file")
        )
        self._copy(sql.Identifier("ops", "refused_row"), frame.columns, frame)

    def _copy(self, table: sql.Identifier, columns: list[str], frame: pl.DataFrame) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(table, names)
        buffer = io.BytesIO()
        frame.write_csv(buffer, include_header=False)
        with self._connection.cursor().copy(statement) as copy:
            copy.write(buffer.getbuffer())

    def _fill_vault(self, rows: pl.DataFrame) -> None:
        """Keep what is new about the people of these rows; who is known by number and name stays as is."""
        persons = rows.filter(pl.col("person_key").is_not_null()).unique(["person_key", "name_key"], maintain_order=True)
        if persons.is_empty():
            return
        persons = persons.select("person_key", pl.col("name_key").fill_null("").alias("content_key"), "id_type", "id_no", "person_name")
        known = self._connection.execute(
            "select distinct person_key, content_key from vault.person where person_key = any(string_to_array(%s, ','))",
            [persons["person_key"].str.join(",")[0]],  # one text: an array costs psycopg 2 µs an element
        ).fetchall()
        if known:
            seen = pl.DataFrame(known, schema=["person_key", "content_key"], orient="row")
            persons = persons.join(seen, on=["person_key", "content_key"], how="anti")
        sealed = self._vault.seal_all(*(persons[name].to_list() for name in ("person_key", "id_type", "id_no", "person_name")))
        frame = persons.select("person_key", "content_key").with_columns(
            key_version=pl.lit(people.KEY_VERSION),
            sealed=pl.Series([f"\\x{record.hex()}" for record in sealed], dtype=pl.String),
            submission_id=pl.lit(self._submission_id),
            recorded_at=pl.lit(self._now.isoformat()),
        )
        self._copy(sql.Identifier("vault", "person"), frame.columns, frame)

    def _refuse_duplicates(self) -> None:
        if not self._keys:
            return
        keys, numbers = np.concatenate(self._keys), np.concatenate(self._rows)
        order = np.argsort(keys, kind="stable")
        again = order[1:][keys[order][1:] == keys[order][:-1]]
        if not len(again):
            return
        rows = pl.Series("row_number", np.sort(numbers[again]), dtype=pl.Int32)
        self._connection.execute(
            sql.SQL("delete from {} where _submission_id = %s and _sheet_name = %s and _row_number = any(%s)").format(
                sql.Identifier("staging", self._contract.table)
            ),
            [self._submission_id, self._sheet_name, rows.to_list()],
        )
        rule, text, mend = _DUPLICATE
        told = pl.DataFrame({"row_number": rows}).with_columns(
            rule_id=pl.lit(rule.format(table=self._contract.table)), level=pl.lit("E"), text=pl.lit(text), mend=pl.lit(mend)
        )
        missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in FINDING.items() if name not in told.columns]
        self._copy_findings(told.with_columns(missing).select(*FINDING))
        self._copy_refused(rows)
        self.accepted -= len(rows)
        self.refused += len(rows)

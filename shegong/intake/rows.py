"""Checks every cell and row of one sheet against its contract, chunk by chunk, all findings at once.

Asks only what the file alone can answer (check class "file"); the register and the judge ask the rest.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from shegong import people
from shegong.contract import Contract, Field
from shegong.intake import fields
from shegong.intake.as_written import AsWritten
from shegong.intake.data_rows import DataRows
from shegong.intake.findings import Findings
from shegong.intake.layout import Placed, absent
from shegong.intake.person_rows import PersonRows
from shegong.intake.seen_keys import SeenKeys


@dataclass(frozen=True)
class Context:
    """What a row rule may know beyond its row. `county_code` is null for a unit that no county contains."""

    unit_code: str
    county_code: str | None
    report_date: date
    mode: str


@dataclass
class Checked:
    """One chunk after its checks. `rows`: accepted rows as staged, with `_row_number`, `_key` (a hash of the key and
    the day) and, where the table names people, the cells for the vault. `refused`: numbers of the other rows."""

    rows: pl.DataFrame
    findings: pl.DataFrame
    refused: pl.Series
    total: int


class RowChecker:
    """The checks of one sheet. Call `check` for each chunk in order, then `totals` once."""

    def __init__(
        self, contract: Contract, layout: list[Placed], context: Context, hasher: people.Hasher
    ) -> None:
        self._contract, self._context, self._hasher = contract, context, hasher
        self._seen = SeenKeys()
        self._placed = {placed.field.name: placed for placed in layout if placed.field}
        self._as_written = AsWritten(self._placed)
        self._person_rows = PersonRows(self._placed, hasher)
        self._data_rows = DataRows(layout)

    def check(self, chunk: pl.DataFrame) -> Checked:
        findings = Findings(self._placed)
        total = chunk["_misshapen"].sum()
        if total:
            findings.misshapen(chunk.filter("_misshapen"))
            chunk = chunk.filter(~pl.col("_misshapen"))
        data = self._data_rows.of(chunk)
        frame, cells = self._read(data, findings)
        if self._contract.has_person:
            frame = self._person_rows.add(frame, cells, findings)
        self._required(frame, cells, findings)
        self._rules(frame, cells, findings)
        rows, refused = self._staged(frame), findings.refused()
        if len(refused):
            rows = rows.filter(~pl.col("_row_number").is_in(refused.implode()))
        again = self._seen.again(rows["_key"])
        if again.any():
            findings.duplicates(rows["_row_number"].filter(again), self._contract.table)
            rows = rows.filter(~again)
        return Checked(rows, findings.frame(), findings.refused(), frame.height + total)

    @property
    def sums(self) -> dict[str, object]:
        """The sum of each column of figures over all rows so far, refused ones included, in the field's unit."""
        return self._data_rows.sums

    def totals(self) -> pl.DataFrame:
        """Findings about totals that don't equal the sums of their rows, refused ones included."""
        findings = Findings(self._placed)
        for found in self._data_rows.mismatches():
            findings.add(
                [found.row_number],
                found.placed,
                f"file.{found.rule}",
                "W",
                found.text,
                found.mend,
                [str(found.stated)],
            )
        return findings.frame()

    def _read(self, data: pl.DataFrame, findings: Findings) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
        numbers, as_written = data["_row_number"], self._as_written.read(data)
        columns, cells = [numbers], {}
        for field in self._contract.fields:
            placed = self._placed.get(field.name)
            if placed is None:
                blank = pl.Series(field.name, [None], dtype=fields.dtype(field)).new_from_index(
                    0, data.height
                )
                columns.append(fields.default(field, blank).alias(field.name))
                continue
            cells[field.name] = _unmerge(data[str(placed.index)], numbers, placed.merged)
            values = as_written.get(field.name)
            if values is None:
                values = self._read_again(field, placed, data, cells[field.name], findings)
            columns.append(values.alias(field.name))
            if field.type in ("integer", "decimal"):
                self._data_rows.add(field.name, values, numbers)
        return pl.DataFrame(columns), cells

    def _read_again(
        self, field: Field, placed: Placed, data: pl.DataFrame, cells: pl.Series, findings: Findings
    ) -> pl.Series:
        """A column in which some cells don't read as they stand."""
        is_number = data[f"n{placed.index}"] if f"n{placed.index}" in data.columns else None
        read = fields.read(field, cells, is_number, placed.factor, since_1904=placed.since_1904)
        if placed.split:
            read.note("merged", cells.is_null() & _is_within(data["_row_number"], placed.split))
        for check, mask in read.found.items():
            findings.field(data["_row_number"], cells, mask, placed, check)
        return read.values

    def _required(self, frame: pl.DataFrame, cells: dict[str, pl.Series], findings: Findings) -> None:
        context = self._with_context(frame)
        for field in self._contract.fields:
            if not (field.required or field.required_when) or not frame[field.name].null_count():
                continue
            empty = frame[field.name].is_null()
            # a sheet may lack an optional column, but not where one of its rows needs it
            placed = self._placed.get(field.name) or absent(field, self._contract)
            shown = cells.get(field.name, frame[field.name].cast(pl.String))
            empty = empty & ~frame["_row_number"].is_in(findings.rows_of_field(field.name))
            if field.required:
                findings.field(frame["_row_number"], shown, empty, placed, "required")
            else:
                asked = context.select(_expression(field.required_when)).to_series()
                findings.field(frame["_row_number"], shown, empty & asked, placed, "required_when")

    def _rules(self, frame: pl.DataFrame, cells: dict[str, pl.Series], findings: Findings) -> None:
        rules = {
            r.rule_id: r for r in self._contract.rules if any(name in self._placed for name in r.columns)
        }
        if not rules:
            return
        context = self._with_context(frame)
        is_broken = context.select((~_expression(r.ok)).any().alias(rule_id) for rule_id, r in rules.items())
        for rule in (rules[rule_id] for rule_id, broken in is_broken.to_dicts()[0].items() if broken):
            placed = next(self._placed[name] for name in rule.columns if name in self._placed)
            broken = context.select(~_expression(rule.ok)).to_series().fill_null(False)
            values = cells[placed.field.name].filter(broken).to_list()
            numbers = frame["_row_number"].filter(broken).to_list()
            findings.add(numbers, placed, rule.rule_id, rule.level, rule.text, rule.mend, values)

    def _with_context(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(
            pl.lit(self._context.report_date).alias("_report_date"),
            pl.lit(self._context.mode).alias("_mode"),
            pl.lit(self._context.unit_code).alias("_unit_code"),
            pl.lit(self._context.county_code, dtype=pl.String).alias("_county_code"),
        )

    def _staged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns that staging has, the key's hash, and what the vault needs."""
        if "sex" in self._contract.person_stores:
            frame = frame.with_columns(sex=pl.col("_sex"))
        if self._contract.has_person and "corrects_key" in frame.columns:
            frame = frame.with_columns(corrects_key=self._hash_corrected(frame))
        key = [name for name in self._contract.key if name != "_unit_code"]
        day = pl.col("effective_date").fill_null(self._context.report_date)
        frame = frame.with_columns(_key=frame.select(*key, day).hash_rows(seed=0))
        columns = [column.name for column in self._contract.columns]
        vault = ["id_no", "person_name"] if self._contract.has_person else []
        return frame.select(*columns, *vault, "_row_number", "_key")

    def _hash_corrected(self, frame: pl.DataFrame) -> pl.Series:
        """A corrected key as staging may hold it: the document number in it becomes the person's key.

        One that has other parts than the key is hashed whole, so that no number slips through: the register refuses it.
        """
        own = [name for name in self._contract.key if name != "_unit_code"]
        if "person_key" not in own:
            return frame["corrects_key"]
        at = own.index("person_key")

        def keyed(row: dict) -> str | None:
            if row["corrects_key"] is None:
                return None
            parts = row["corrects_key"].split("|")
            if len(parts) != len(own):
                return self._hasher.key(row["corrects_key"])
            parts[at] = self._hasher.key(people.person_text(row["id_type"], parts[at].strip().upper()))
            return "|".join(parts)

        if frame["corrects_key"].is_null().all():
            return frame["corrects_key"]
        keys = [keyed(row) for row in frame.select("corrects_key", "id_type").iter_rows(named=True)]
        return pl.Series("corrects_key", keys, dtype=pl.String)


@cache
def _expression(text: str) -> pl.Expr:
    return pl.sql_expr(text)


def _is_within(numbers: pl.Series, ranges: tuple[tuple[int, int], ...]) -> pl.Series:
    """Marks rows that a merged cell covers and that are not its first."""
    covered = [
        row
        for first, last in ranges
        for row in range(first + 1, min(last, numbers[-1] if len(numbers) else 0) + 1)
    ]
    return numbers.is_in(covered)


def _unmerge(cells: pl.Series, numbers: pl.Series, merged: tuple[tuple[int, int], ...]) -> pl.Series:
    """Cells with the value of a merged cell in all its rows."""
    if not merged or not len(numbers):
        return cells
    by_row = dict(zip(numbers.to_list(), cells.to_list(), strict=True))
    for first, last in merged:
        for row in range(first + 1, min(last, numbers[-1]) + 1):
            if row in by_row:
                by_row[row] = by_row[row] or by_row.get(first)
    return pl.Series(cells.name, list(by_row.values()), dtype=pl.String)

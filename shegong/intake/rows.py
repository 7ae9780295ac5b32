"""Checks every cell and row of one sheet against its contract, chunk by chunk, all findings at once.

Asks only what the file alone can answer (check class "file"); the register and the judge ask the rest.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from shegong import people
from shegong.contract import Contract, Field
from shegong.intake import fields, messages, normalise
from shegong.intake.data_rows import DataRows
from shegong.intake.layout import Placed, absent
from shegong.intake.seen_keys import SeenKeys

_IDENTITY = r"^\d{17}[\dX]$"
_OTHER_DOCUMENT = r"^[0-9A-Z()（）-]{5,30}$"
# what looks like an identity number or a mobile phone is never shown, whatever column it stands in
NUMBER_LIKE = r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)"

FINDING = {
    "row_number": pl.Int32,
    "column_letter": pl.String,
    "column_name": pl.String,
    "header": pl.String,
    "value_shown": pl.String,
    "rule_id": pl.String,
    "level": pl.String,
    "text": pl.String,
    "mend": pl.String,
}


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
        self._name_keys, self._seen = people.NameKeys(hasher), SeenKeys()
        self._placed = {placed.field.name: placed for placed in layout if placed.field}
        self._data_rows = DataRows(layout)

    def check(self, chunk: pl.DataFrame) -> Checked:
        findings = _Findings(self._placed)
        total = chunk["_misshapen"].sum()
        if total:
            findings.misshapen(chunk.filter("_misshapen"))
            chunk = chunk.filter(~pl.col("_misshapen"))
        data = self._data_rows.of(chunk)
        frame, cells = self._read(data, findings)
        frame = self._people(frame, cells, findings)
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
        """Findings about 合计 rows that don't equal the sum of the rows above, refused ones included."""
        findings = _Findings(self._placed)
        for found in self._data_rows.mismatches():
            findings.add(
                [found.row_number], found.placed, "file.total_mismatch", "W",
                f"{found.placed.field.header}的合计与各行之和不符（各行之和 {found.actual}）", "请核对合计和各行", [str(found.stated)],
            )  # fmt: skip
        return findings.frame()

    def _read(self, data: pl.DataFrame, findings: "_Findings") -> tuple[pl.DataFrame, dict[str, pl.Series]]:
        columns, cells = [data["_row_number"]], {}
        for field in self._contract.fields:
            placed = self._placed.get(field.name)
            if placed is None:
                blank = pl.Series(field.name, [None], dtype=fields.dtype(field)).new_from_index(
                    0, data.height
                )
                columns.append(fields.default(field, blank).alias(field.name))
                continue
            raw = _unmerge(data[str(placed.index)], data["_row_number"], placed.merged)
            cells[field.name] = raw
            is_number = data[f"n{placed.index}"] if f"n{placed.index}" in data.columns else None
            read = fields.read(field, raw, is_number, placed.factor)
            columns.append(read.values.alias(field.name))
            for check, mask in read.found.items():
                findings.field(data["_row_number"], raw, mask, placed, check)
            if field.type in ("integer", "decimal"):
                self._data_rows.add(field.name, read.values)
        return pl.DataFrame(columns), cells

    def _people(
        self, frame: pl.DataFrame, cells: dict[str, pl.Series], findings: "_Findings"
    ) -> pl.DataFrame:
        """The person of each row: document checked, keyed, masked; birth and sex read from the number."""
        if not self._contract.has_person:
            return frame
        number, kind = frame["id_no"], frame["id_type"]
        damaged = findings.rows_of("id_no.number_cell")
        sound = ~frame["_row_number"].is_in(damaged)
        is_card = (kind == "1") & number.is_not_null() & sound
        well_formed = is_card & number.str.contains(_IDENTITY)
        birth = pl.Series("b", [None], dtype=pl.Date).new_from_index(0, frame.height)
        sex = pl.Series("s", [None], dtype=pl.String).new_from_index(0, frame.height)
        valid = pl.Series([False]).new_from_index(0, frame.height)
        at = well_formed.fill_null(False).arg_true()
        if len(at):
            read = people.read_numbers(number.gather(at))
            valid = valid.scatter(at, pl.Series(read.is_valid))
            birth = birth.scatter(at, read.birth_date)
            sex = sex.scatter(at, read.sex)
        placed = self._placed.get("id_no")
        if placed:
            self._blame_documents(findings, placed, frame, is_card, well_formed, valid, sound)
            birth, sex = self._compare(findings, frame, cells, birth, sex, valid)
        key = self._hasher.keys(
            pl.select(pl.when(number.is_not_null()).then(kind + ":" + number)).to_series()
        )
        name_key = self._name_keys.keys(frame["person_name"])
        mask = people.mask_numbers(number)
        return frame.with_columns(
            key.alias("person_key"), mask.alias("person_mask"), name_key.alias("name_key"),
            birth.dt.year().alias("birth_year"), sex.alias("_sex"),
        )  # fmt: skip

    def _blame_documents(self, findings, placed, frame, is_card, well_formed, valid, sound) -> None:
        number = frame["id_no"]
        bad = is_card & ~well_formed
        scientific = bad & number.str.contains(r"^\d(\.\d+)?E\+?\d+$")
        old = bad & number.str.contains(r"^\d{15}$")
        other = (
            (frame["id_type"] != "1") & number.is_not_null() & sound & ~number.str.contains(_OTHER_DOCUMENT)
        )
        ends_in_zeros = number.str.ends_with("000")
        for check, mask in (
            ("scientific", scientific),
            ("old_15_digit", old),
            ("format", (bad & ~scientific & ~old) | other),
            ("check_digit", well_formed & ~valid & ~ends_in_zeros),
            ("damaged", well_formed & ~valid & ends_in_zeros),
            ("rounded", valid & ends_in_zeros),
        ):
            findings.field(frame["_row_number"], number, mask, placed, check)

    def _compare(self, findings, frame, cells, birth, sex, valid) -> tuple[pl.Series, pl.Series]:
        """Given sex and birth against the number's; where there is no card, the given ones are taken."""
        for name, said, level in (("sex", sex, "W"), ("birth_date", birth, "E")):
            if name in frame.columns and (placed := self._placed.get(name)):
                differs = valid & (frame[name] != said)
                findings.field(frame["_row_number"], cells[name], differs, placed, "number", level)
        if "birth_date" in frame.columns:
            birth = birth.zip_with(valid, frame["birth_date"])
        if "sex" in frame.columns:
            sex = sex.zip_with(valid, frame["sex"])
        return birth, sex

    def _required(self, frame: pl.DataFrame, cells: dict[str, pl.Series], findings: "_Findings") -> None:
        context = self._with_context(frame)
        for field in self._contract.fields:
            empty = frame[field.name].is_null()
            if not (field.required or field.required_when) or not empty.any():
                continue
            # a sheet may lack an optional column, but not where one of its rows needs it
            placed = self._placed.get(field.name) or absent(field, self._contract)
            shown = cells.get(field.name, frame[field.name].cast(pl.String))
            empty = empty & ~frame["_row_number"].is_in(findings.rows_of_field(field.name))
            if field.required:
                findings.field(frame["_row_number"], shown, empty, placed, "required")
            else:
                asked = context.select(_expression(field.required_when)).to_series()
                findings.field(frame["_row_number"], shown, empty & asked, placed, "required_when")

    def _rules(self, frame: pl.DataFrame, cells: dict[str, pl.Series], findings: "_Findings") -> None:
        rules = [rule for rule in self._contract.rules if any(name in self._placed for name in rule.columns)]
        kept = self._with_context(frame).select(_expression(rule.ok).alias(rule.rule_id) for rule in rules)
        for rule in rules:
            broken = ~kept[rule.rule_id]
            if broken.any():
                placed = next(self._placed[name] for name in rule.columns if name in self._placed)
                at = broken.fill_null(False)
                values = cells[placed.field.name].filter(at).to_list()
                numbers = frame["_row_number"].filter(at).to_list()
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


class _Findings:
    """Findings of one chunk, gathered column-wise."""

    def __init__(self, placed: dict[str, Placed]) -> None:
        self._placed = placed
        self._parts: list[pl.DataFrame] = []
        self._by_field: dict[str, list[int]] = {}
        self._by_check: dict[str, list[int]] = {}

    def field(
        self,
        rows: pl.Series,
        cells: pl.Series,
        mask: pl.Series,
        placed: Placed,
        check: str,
        level: str | None = None,
    ) -> None:
        mask = mask.fill_null(False)
        if not mask.any():
            return
        numbers = rows.filter(mask).to_list()
        field: Field = placed.field
        level = level or messages.LEVELS.get(check, "E")
        self.add(
            numbers,
            placed,
            f"{placed.table}.{field.name}.{check}",
            level,
            *messages.message(field, check),
            cells.filter(mask).to_list(),
        )
        self._by_check.setdefault(f"{field.name}.{check}", []).extend(numbers)
        if level == "E":
            self._by_field.setdefault(field.name, []).extend(numbers)

    def add(
        self,
        numbers: list[int],
        placed: Placed,
        rule_id: str,
        level: str,
        text: str,
        mend: str,
        values: Iterable[str | None],
    ) -> None:
        shown = [_show(placed.field, value) for value in values]
        self._parts.append(
            pl.DataFrame({"row_number": pl.Series(numbers, dtype=pl.Int32), "value_shown": pl.Series(shown, dtype=pl.String)}).with_columns(
                column_letter=pl.lit(placed.letter, dtype=pl.String), column_name=pl.lit(placed.field.name), header=pl.lit(placed.header),
                rule_id=pl.lit(rule_id), level=pl.lit(level), text=pl.lit(text), mend=pl.lit(mend),
            ).select(*FINDING)
        )  # fmt: skip

    def misshapen(self, rows: pl.DataFrame) -> None:
        if rows.height:
            self._parts.append(
                rows.select(
                    row_number="_row_number",
                    rule_id=pl.lit("file.row_shape"), level=pl.lit("E"),
                    text=pl.lit("这一行的列数与表头不同"), mend=pl.lit("请检查这一行是否多了或少了逗号、引号"),
                ).with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in ("column_letter", "column_name", "header", "value_shown")).select(*FINDING)
            )  # fmt: skip

    def duplicates(self, rows: pl.Series, table: str) -> None:
        """Rows whose key and day an accepted row above them has. No one column is to blame."""
        told = {
            "rule_id": f"{table}.duplicate_key", "level": "E", "text": "同一主键在本文件中出现不止一次",
            "mend": "请只保留一行；先后有变化的请填写不同的生效日期",
        }  # fmt: skip
        blank = [
            pl.lit(None, dtype=kind).alias(name)
            for name, kind in FINDING.items()
            if name not in (*told, "row_number")
        ]
        frame = pl.DataFrame({"row_number": rows}).with_columns(
            *blank, **{name: pl.lit(text) for name, text in told.items()}
        )
        self._parts.append(frame.select(*FINDING))

    def refused(self) -> pl.Series:
        """Numbers of the rows that an E refuses."""
        return self.frame().filter(pl.col("level") == "E")["row_number"].unique()

    def rows_of(self, check: str) -> list[int]:
        return self._by_check.get(check, [])

    def rows_of_field(self, name: str) -> list[int]:
        return self._by_field.get(name, [])

    def frame(self) -> pl.DataFrame:
        return pl.concat(self._parts) if self._parts else pl.DataFrame(schema=FINDING)


def _show(field: Field, value: str | None) -> str | None:
    """A cell as a finding may show it: personal ones masked, and numbers of people in any other."""
    if value is None:
        return None
    if field.personal == "document" or field.name == "corrects_key":
        return people.mask_number(normalise.visible(value)[:60])
    if field.personal == "name":
        return people.mask_name(normalise.visible(value))
    if field.personal == "birth":
        return "****"
    return re.sub(NUMBER_LIKE, lambda found: people.mask_number(found[0]) or "", normalise.visible(value))[
        :100
    ]

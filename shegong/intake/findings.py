"""What is wrong with one chunk's cells and rows, gathered as columns; personal values are masked here."""

import re
from collections.abc import Iterable

import polars as pl

from shegong import people
from shegong.contract import Field
from shegong.intake import messages, normalise
from shegong.intake.layout import Placed

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


class Findings:
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

"""Which rows of a sheet are data: not blank ones, headers said again, notes or totals, whose figures are compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shegong.intake import fields
from shegong.intake.layout import Placed

_TOTALS = ("合计", "小计", "总计", "平均", "合 计", "小 计")
_NOTES = r"^(注|说明|备注|填表说明|审核人|填表人|单位负责人)\s*[：:]"
_NEAR = 0.005


@dataclass(frozen=True)
class Mismatch:
    """A figure that a 合计 row states and that is not the sum of the rows; both in the field's unit."""

    row_number: int
    placed: Placed
    stated: object
    actual: object


class DataRows:
    """The data rows of one sheet. Call `of` for each chunk in order and `add` for each of its columns of figures."""

    def __init__(self, layout: Sequence[Placed]) -> None:
        self._layout = layout
        self._figures = [p for p in layout if p.field and p.field.type in ("integer", "decimal")]
        self._stated: list[tuple[int, Placed, object]] = []
        self.sums: dict[str, object] = {}

    def of(self, chunk: pl.DataFrame) -> pl.DataFrame:
        """The chunk's rows of data."""
        cells = [str(placed.index) for placed in self._layout]
        first, second = pl.col(cells[0]), pl.col(cells[min(1, len(cells) - 1)])
        repeated = (first == self._layout[0].header) & (second == self._layout[min(1, len(cells) - 1)].header)
        is_total = first.str.strip_chars().is_in(_TOTALS)
        is_note = first.str.contains(_NOTES) & pl.all_horizontal(pl.col(cells[1:]).is_null())
        marks = chunk.select(
            total=is_total.fill_null(False),
            other=pl.all_horizontal(pl.col(cells).is_null())
            | repeated.fill_null(False)
            | is_note.fill_null(False),
        )
        for row in chunk.filter(marks["total"]).iter_rows(named=True):
            if (row[cells[0]] or "").strip().replace(" ", "") == "合计":
                self._state(row)
        is_data = ~(marks["total"] | marks["other"])
        return chunk if is_data.all() else chunk.filter(is_data)

    def add(self, name: str, values: pl.Series) -> None:
        """Count a column's figures, refused rows' included."""
        if not values.is_null().all():
            self.sums[name] = self.sums.get(name, 0) + values.sum()

    def mismatches(self) -> list[Mismatch]:
        """Stated figures that are not the sums. Ask when all rows have been counted."""
        found = []
        for row_number, placed, stated in self._stated:
            actual = self.sums.get(placed.field.name) or 0
            if abs(float(stated) - float(actual)) > _NEAR:
                found.append(Mismatch(row_number, placed, stated, actual))
        return found

    def _state(self, row: dict) -> None:
        for placed in self._figures:
            cell = row[str(placed.index)]
            read = fields.read(placed.field, pl.Series([cell], dtype=pl.String), factor=placed.factor)
            if cell is not None and read.values[0] is not None:
                self._stated.append((row["_row_number"], placed, read.values[0]))

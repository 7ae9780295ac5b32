"""A sheet of a package as columns of text, without a Python object a cell: three times as fast, and the same texts.

What is no text fastexcel turns into text in its own way, so those cells are written here anew, from package_cells. Where
anything is unusual `load` answers None, and the sheet is read cell by cell (sheet_cells.py), whose texts are the rule.
"""

from collections.abc import Iterator

import polars as pl

from shegong.intake import sheet_cells
from shegong.intake.package_cells import Range
from shegong.intake.traits import Traits

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
_NUMBER = r"^-?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?$"
_MIDNIGHT = " 00:00:00"
_FIRST_DAY = 61  # 1 March 1900: before it a day is a time, or counted otherwise
_EXACT = 1e15


class Columns:
    """The cells of one sheet from A1 on: texts (String, null where empty), and which of them were numbers."""

    def __init__(self, texts: pl.DataFrame, numbers: dict[int, pl.Series], merged: list[Range]) -> None:
        self._texts, self._numbers, self.merged = texts, numbers, merged

    def top(self, rows: int) -> list[list[str]]:
        return [list(row) for row in self._texts.head(rows).fill_null("").iter_rows()]

    def is_empty(self) -> bool:
        return all(column.null_count() == len(column) for column in self._texts.iter_columns())

    def __len__(self) -> int:
        return self._texts.height

    def chunks(self, after: int, columns: int, size: int) -> Iterator[pl.DataFrame]:
        """Chunks of `size` rows from row `after` (from 0) on; `columns` are those with a header."""
        for at in range(after, max(len(self), after + 1), size):
            yield self._chunk(at, columns, size)

    def _chunk(self, at: int, columns: int, size: int) -> pl.DataFrame:
        part = self._texts[at : at + size] if at < len(self) else self._texts.clear()
        series = [pl.int_range(at + 1, at + 1 + part.height, dtype=pl.Int32, eager=True).alias("_row_number")]
        series += part.get_columns()[:columns]
        masks = ((number, mask.slice(at, size)) for number, mask in self._numbers.items())
        series += [mask.alias(f"n{number}") for number, mask in masks if mask.any()]
        missing = [pl.lit(None, dtype=pl.String).alias(str(n)) for n in range(part.width, columns)]
        return pl.DataFrame(series).with_columns(pl.lit(False).alias("_misshapen"), *missing)


def load(texts: pl.DataFrame, traits: Traits) -> Columns | None:
    """The sheet with its numbers, days and yes/no as sheet_cells writes them; None where that isn't certain.

    The traits have its cells, and the formulas without a result and errors that stand for themselves.
    """
    cells = traits.cells
    numbers: dict[int, pl.Series] = {}
    by_column = cells.typed.partition_by("column", as_dict=True) if len(cells.typed) else {}
    series = {}
    for (at,), typed in by_column.items():
        if at >= texts.width or typed["row"].max() >= texts.height or typed["row"].is_duplicated().any():
            return None
        column = texts[str(at)]
        written = _written(column.gather(typed["row"]), typed)
        if written is None:
            return None
        series[str(at)] = column.scatter(typed["row"], written["text"])
        figures = typed["row"].filter(written["is_number"])
        if len(figures):
            mask = pl.repeat(False, texts.height, dtype=pl.Boolean, eager=True)
            numbers[at] = mask.scatter(figures, True)
    for row, column, text in traits.failed(texts.height, texts.width):
        at = column - 1
        series[str(at)] = series.get(str(at), texts[str(at)]).scatter([row - 1], [text])
        if at in numbers:
            numbers[at] = numbers[at].scatter([row - 1], [False])
    texts = texts.with_columns(column.alias(at) for at, column in series.items())
    empty = [at for at, column in enumerate(texts.iter_columns()) if (column == "").any()]
    texts = texts.with_columns(pl.col(str(at)).replace("", None) for at in empty)
    return Columns(texts, numbers, cells.merged)


def _written(found: pl.Series, typed: pl.DataFrame) -> pl.DataFrame | None:
    """text and is_number of the cells of one column that are no text; None where one is neither number, day, nor yes/no."""
    cells = typed.with_columns(found.alias("found"))
    said, day = pl.col("is_said"), pl.col("found").str.contains(_DAY)
    number = ~said & ~day & pl.col("found").str.contains(_NUMBER) & pl.col("value").is_finite()
    cells = cells.with_columns(
        is_number=number, is_day=~said & day & (pl.col("value") >= _FIRST_DAY), is_yes=said & pl.col("found").is_in(["true", "false"])
    )  # fmt: skip
    if not cells.select(pl.any_horizontal("is_number", "is_day", "is_yes").fill_null(False).all()).item():
        return None
    text = (
        pl.when("is_day").then(pl.col("found").str.strip_suffix(_MIDNIGHT))
        .when("is_yes").then(pl.col("found").replace({"true": "是", "false": "否"}))
    )  # fmt: skip
    return cells.select("is_number", text=text.otherwise(_figures(cells)))


def _figures(cells: pl.DataFrame) -> pl.Series:
    """Whole numbers at once, others one by one as sheet_cells writes them."""
    values = cells["value"]
    is_whole = (values.abs() < _EXACT) & (values == values.floor())
    texts = values.set(~is_whole, 0.0).cast(pl.Int64).cast(pl.String)
    others = cells["is_number"] & ~is_whole
    if not others.any():
        return texts
    rows = others.arg_true()
    return texts.scatter(rows, [sheet_cells.text(value) for value in values.gather(rows).to_list()])

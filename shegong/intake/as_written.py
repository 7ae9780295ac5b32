"""Columns whose every cell reads as it stands, all of a chunk at once. What fails here is read by fields.py, cell by cell.

Two queries a chunk instead of some ten calls a column: the calls are what a small file costs, and the passes what a
large one does. A column comes from here only where fields.py would have found nothing in it.
"""

from collections.abc import Callable

import polars as pl

from shegong.contract import Field
from shegong.intake import fields, normalise
from shegong.intake.documents import CHECKS
from shegong.intake.layout import Placed

# makes of a field and its cells the values, and of the field, its cells and values a condition that all must meet
_Value = Callable[[Field, pl.Expr], pl.Expr]
_Sound = Callable[[Field, pl.Expr, pl.Expr], list[pl.Expr]]


class AsWritten:
    """For the chunks of one sheet."""

    def __init__(self, placed: dict[str, Placed]) -> None:
        self._placed = {
            name: column
            for name, column in placed.items()
            if column.field.type in _TYPES and column.factor == 1 and not (column.merged or column.split)
        }
        self._values, self._sound = [], []
        for name, column in self._placed.items():
            value, sound = _TYPES[column.field.type]
            cells, values = pl.col(str(column.index)), pl.col(name)
            self._values.append(value(column.field, cells).alias(name))
            conditions = [values.null_count() == cells.null_count()]
            conditions += [c.all() for c in sound(column.field, cells, values)]
            self._sound.append(pl.all_horizontal(conditions).alias(name))

    def read(self, data: pl.DataFrame) -> dict[str, pl.Series]:
        """Values of the columns that read as they stand, by field."""
        if not self._values or not data.height:
            return {}
        read = data.with_columns(self._values)
        sound = read.select(self._sound).row(0, named=True)
        return {
            name: fields.default(column.field, read[name])
            for name, column in self._placed.items()
            if sound[name] and not self._is_number(column, data) and _is_checked(column.field, read[name])
        }

    @staticmethod
    def _is_number(column: Placed, data: pl.DataFrame) -> bool:
        """Text that was written as a number: how long it is tells whether it was damaged."""
        return f"n{column.index}" in data.columns and column.field.type in ("text", "document")


def _is_checked(spec: Field, values: pl.Series) -> bool:
    return not spec.check or all(map(CHECKS[spec.check], values.drop_nulls().unique().to_list()))


def _date(_: Field, cells: pl.Expr) -> pl.Expr:
    return cells.str.to_date("%Y-%m-%d", strict=False)


def _month(_: Field, cells: pl.Expr) -> pl.Expr:
    days = pl.when(cells.str.len_bytes() == len("2026-05")).then(cells + "-01").otherwise(cells)
    return days.str.to_date("%Y-%m-%d", strict=False).dt.month_start()


def _known_code(spec: Field, _: pl.Expr, values: pl.Expr) -> list[pl.Expr]:
    return [~values.is_in(spec.warn_codes)] if spec.warn_codes else []


def _within(spec: Field, _: pl.Expr, values: pl.Expr) -> list[pl.Expr]:
    low, high = fields.bounds(spec)
    limits = ((low, values.ge), (high, values.le))
    return [is_on_side(limit) for limit, is_on_side in limits if limit is not None]


def _fine_enough(spec: Field, cells: pl.Expr, values: pl.Expr) -> list[pl.Expr]:
    fraction = rf"(\.[0-9]{{1,{spec.scale}}})?" if spec.scale else ""
    plain = rf"^-?[0-9]{{1,{fields.whole_digits(spec)}}}{fraction}$"
    return [cells.str.contains(plain), *_within(spec, cells, values)]


def _clean(spec: Field, cells: pl.Expr, _: pl.Expr, dirty: str = normalise.DIRTY) -> list[pl.Expr]:
    conditions = [~cells.str.contains(dirty)]
    if spec.max_length:
        conditions.append(cells.str.len_chars() <= spec.max_length)
    if spec.pattern:
        conditions.append(cells.str.contains(spec.pattern))
    return conditions


_TYPES: dict[str, tuple[_Value, _Sound]] = {
    "code": (lambda spec, cells: cells.replace_strict(spec.codes.words, default=None, return_dtype=pl.String), _known_code),
    "boolean": (lambda _, cells: cells.replace_strict(fields.BOOLEANS, default=None, return_dtype=pl.Boolean), lambda *_: []),
    "integer": (lambda _, cells: cells.cast(pl.Int64, strict=False), _within),
    "decimal": (lambda spec, cells: cells.cast(fields.dtype(spec), strict=False), _fine_enough),
    "date": (_date, _within),
    "month": (_month, _within),
    "text": (lambda _, cells: cells, _clean),
    "name": (lambda _, cells: cells, lambda spec, cells, values: [*_clean(spec, cells, values, normalise.DIRTY_NAME), cells.str.contains(fields.NAME)]),
    "document": (lambda _, cells: cells, lambda spec, cells, values: [*_clean(spec, cells, values), ~cells.str.contains(fields.ODD_DOCUMENT)]),
}  # fmt: skip

"""A workbook's cells as text: what a clerk sees in each, in chunks of columns."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl

CHUNK_ROWS = 10_000  # so that one chunk is staged while the next is checked


class Rows:
    """A sheet from A1 on as calamine gives it: lists of values. `merged` are ranges of cells, counted from 0."""

    def __init__(self, grid: list[list], merged: list | None) -> None:
        self._grid, self.merged = grid, merged or []

    def __len__(self) -> int:
        return len(self._grid)

    def top(self, rows: int) -> list[list[str]]:
        return [[text(cell) for cell in row] for row in self._grid[:rows]]

    def is_empty(self) -> bool:
        return not any(cell != "" for row in self._grid for cell in row)

    def chunks(self, after: int, columns: int, size: int) -> Iterator[pl.DataFrame]:
        """Chunks of `size` rows from row `after` (from 0) on; `columns` are those with a header."""
        return chunks(self._grid[after:], columns, after + 1, size)


def chunks(rows: list[list], columns: int, first: int, size: int) -> Iterator[pl.DataFrame]:
    """Chunks of `size` rows; the first row is row `first` as Excel counts, `columns` are those with a header."""
    for at in range(0, max(len(rows), 1), size):
        yield _chunk(rows[at : at + size], columns, first + at)


def _chunk(rows: list[list], columns: int, first: int) -> pl.DataFrame:
    series: list[pl.Series] = [
        pl.int_range(first, first + len(rows), dtype=pl.Int32, eager=True).alias("_row_number")
    ]
    for at, cells in enumerate(zip(*rows, strict=False)):
        kinds = set(map(type, cells))
        if kinds <= {str}:
            values = cells
        else:
            values = [cell if type(cell) is str else _TEXTS[type(cell)](cell) for cell in cells]
            if kinds & {float, int}:
                series.append(
                    pl.Series(f"n{at}", [type(cell) in (float, int) for cell in cells], dtype=pl.Boolean)
                )
        if at < columns:
            series.append(pl.Series(str(at), [value or None for value in values], dtype=pl.String))
    frame = pl.DataFrame(series).with_columns(pl.lit(False).alias("_misshapen"))
    missing = [
        pl.lit(None, dtype=pl.String).alias(str(at)) for at in range(columns) if str(at) not in frame.columns
    ]
    return frame.with_columns(missing)


def text(cell: object) -> str:
    """A cell as a clerk sees it, whatever the type that the workbook library gave it."""
    return _TEXTS[type(cell)](cell)


def _number(cell: float) -> str:
    """Numbers keep Excel's 15 digits, so that 0.1 + 0.2 is 0.3."""
    if cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return f"{Decimal(format(cell, '.15g')):f}"


def _moment(cell: datetime) -> str:
    return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")


# asked of every cell that is no text: a look-up by type takes a third of the time of a chain of tests
_TEXTS: dict[type, Callable[..., str]] = {
    str: str,
    bool: lambda cell: "是" if cell else "否",
    int: str,
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: str,
    timedelta: str,
    type(None): lambda _: "",
}

"""Identity numbers that rise by one from row to row: a cell was dragged down, and the people below it have no number."""

import polars as pl

LEAST = 4  # rows: no roster has four people of one place and day one after the other


def starts(numbers: pl.Series) -> pl.Series:
    """Marks the first row of each run of at least LEAST rows, by the whole number or by what stands before its check digit."""
    return _starts(numbers) | _starts(numbers.str.slice(0, 17))


def _starts(numbers: pl.Series) -> pl.Series:
    rises = (numbers.cast(pl.Int64, strict=False).diff() == 1).fill_null(value=False)
    if rises.sum() < LEAST - 1:
        return pl.Series([False]).new_from_index(0, len(numbers))
    runs = rises.rle().struct.unnest().with_columns(end=pl.col("len").cum_sum())
    runs = runs.filter(pl.col("value") & (pl.col("len") >= LEAST - 1))
    first = runs["end"] - runs["len"] - 1  # the row before the first that rises
    return pl.int_range(0, len(numbers), eager=True).is_in(first.cast(pl.Int64).implode())

"""Identity numbers that rise by one from row to row: a cell was dragged down, and the people below it have no number."""

import polars as pl

LEAST = 4  # rows: no roster has four people of one place and day one after the other
_BEFORE_CHECK_DIGIT = 17


class Runs:
    """The runs of one sheet. Call `starts` for each chunk in order: a run may begin in one and go on in the next."""

    def __init__(self) -> None:
        self._whole, self._body = _Kind(), _Kind()

    def starts(self, numbers: pl.Series, rows: pl.Series) -> pl.DataFrame:
        """First row of each run that is long enough by now and was not told before, by the whole number or by what
        stands before its check digit: its number in `row`, its cell in `number`."""
        found = [
            self._whole.starts(numbers, numbers, rows),
            self._body.starts(numbers.str.slice(0, _BEFORE_CHECK_DIGIT), numbers, rows),
        ]
        return pl.concat(found).unique("row").sort("row")


class _Kind:
    """Runs of one way to read a number. `_last` are the rows before the chunk in which a run may have begun."""

    def __init__(self) -> None:
        self._last = pl.DataFrame(schema={"value": pl.String, "number": pl.String, "row": pl.Int32})
        self._is_told = False  # of the run that the last row is in

    def starts(self, values: pl.Series, numbers: pl.Series, rows: pl.Series) -> pl.DataFrame:
        chunk = pl.DataFrame({"value": values, "number": numbers, "row": rows})
        frame = pl.concat([self._last, chunk]) if self._last.height else chunk
        runs = _runs(frame["value"])
        if self._is_told and self._last.height:
            runs = runs.filter(pl.col("first") >= self._last.height)
        goes_on = _goes_on(frame["value"], self._last.height, is_told=self._is_told)
        self._is_told = goes_on or bool(len(runs) and runs["last"][-1] == frame.height - 1)
        self._last = frame.tail(LEAST - 1)
        return frame[runs["first"]].select("row", "number")


def _rises(values: pl.Series) -> pl.Series:
    return (values.cast(pl.Int64, strict=False).diff() == 1).fill_null(value=False)


def _goes_on(values: pl.Series, before: int, *, is_told: bool) -> bool:
    """Whether the run that was told already, and that ended with row `before` - 1, goes on to the end of `values`."""
    return is_told and bool(_rises(values)[before:].all())


def _runs(values: pl.Series) -> pl.DataFrame:
    """First and last row, counted from 0, of each run of at least LEAST rows."""
    rises = _rises(values)
    if rises.sum() < LEAST - 1:
        return pl.DataFrame(schema={"first": pl.Int64, "last": pl.Int64})
    runs = rises.rle().struct.unnest().with_columns(end=pl.col("len").cast(pl.Int64).cum_sum())
    runs = runs.filter(pl.col("value") & (pl.col("len") >= LEAST - 1))
    # the row before the first that rises is the run's first
    return runs.select(first=pl.col("end") - pl.col("len").cast(pl.Int64) - 1, last=pl.col("end") - 1)

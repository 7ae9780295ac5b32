"""Which cells of a sheet in a package are no text, and what is merged: what a column of texts doesn't tell.

Only markup as Excel, WPS and the usual libraries write it is understood; of anything else `is_plain` is false, and the
sheet is then read cell by cell. Nothing here is shown to a clerk. The patterns are searched by polars, which takes a
third of the time of Python's `re` and lets other threads work.
"""

import re

import polars as pl

_CELL = r'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="[0-9]+")?'
_FORMULA = r"(?:<f(?:/>| [^<>]*/>|>[^<]*</f>| [^<>]*[^/<>]>[^<]*</f>))?"
# a number (days are numbers) or a yes/no, with a formula's result too
_NO_TEXT = rf'{_CELL}(?: t="([bn])")?>{_FORMULA}<v>([^<]+)</v></c>'
# all that a cell may be: text or an error, or one of those above, with or without a value
_KNOWN = rf'{_CELL}(?: t="(?:s|str|e|inlineStr)"(?: ?/)?>|(?: t="[bn]")?(?: ?/>|>{_FORMULA}(?:<v>[^<]*</v>|<v ?/>)?</c>))'
_HIDING = r"<!--|<!\[CDATA\[|:c |:c>|:c[\t\r\n]|<c>|<c[\t\r\n]"  # what hides cells from a pattern
# text in the first column: from there on the columns are counted
_FIRST_COLUMN = r'<c r="A[0-9]{1,7}"(?: s="[0-9]+")? t="(?:s|str|inlineStr)">'
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"\s*/>')
_SCHEMA = {"row": pl.Int32, "column": pl.Int32, "is_said": pl.Boolean, "value": pl.Float64}
Range = tuple[tuple[int, int], tuple[int, int]]


class Cells:
    """Of one sheet, seen in pieces that cut no row in two. `typed` has a row a cell that is no text."""

    def __init__(self) -> None:
        self._is_plain, self.merged, self._typed, self._has_first = True, [], [], False

    def see(self, piece: bytes, text: pl.Series) -> None:
        """`text` is the piece with each byte as a letter, in a series of one."""
        if not self._is_plain:
            return
        self._is_plain = not text.str.contains(_HIDING).item() and self._see_cells(text, piece.count(b"<c "))
        self._has_first = self._has_first or text.str.contains(_FIRST_COLUMN).item()
        if b"mergeCell " in piece:
            ranges = _MERGED.findall(piece)
            self._is_plain = self._is_plain and len(ranges) == piece.count(b"mergeCell ")
            self.merged += [_range(found) for found in ranges]

    def _see_cells(self, text: pl.Series, cells: int) -> bool:
        """Whether all cells are known."""
        if text.str.count_matches(_KNOWN).item() != cells:
            return False
        found = text.str.extract_all(_NO_TEXT).explode(empty_as_null=False)
        if len(found):
            self._typed.append(_typed(found))
        return True

    @property
    def is_plain(self) -> bool:
        return self._is_plain and self._has_first

    @property
    def typed(self) -> pl.DataFrame:
        """row, column (both from 0), is_said (a yes/no), value (null: not a number)."""
        return pl.concat(self._typed) if self._typed else pl.DataFrame(schema=_SCHEMA)


def _typed(found: pl.Series) -> pl.DataFrame:
    cells = found.str.extract_groups(_NO_TEXT).struct.unnest()
    cells.columns = ["letters", "row", "kind", "value"]
    letters = cells["letters"].unique()
    numbers = [number(word.encode()) - 1 for word in letters]
    return cells.select(
        pl.col("row").cast(pl.Int32) - 1,
        pl.col("letters").replace_strict(letters, numbers, return_dtype=pl.Int32).alias("column"),
        (pl.col("kind") == "b").fill_null(False).alias("is_said"),
        pl.col("value").cast(pl.Float64, strict=False),
    )


def _range(found: tuple[bytes, ...]) -> Range:
    left, top, right, bottom = found
    return (int(top) - 1, number(left) - 1), (int(bottom) - 1, number(right) - 1)


def number(letters: bytes) -> int:
    """A column's number, counted from 1."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return column

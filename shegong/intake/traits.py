"""What a workbook's file tells of a sheet and calamine does not, whatever the format that it was found in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from shegong.intake.package_cells import Cells, Range


class NoValue(NamedTuple):
    """A formula without a result, or an error: its place, counted from 1, and the text that stands for it.

    It may stand for a block of such cells, from its place on.
    """

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Traits:
    """`blanks` counts formulas whose result is an empty text. `merged` is told where calamine doesn't know: ranges
    counted from 0. `cells` are there where they were asked for and the sheet is written plainly."""

    no_values: tuple[NoValue, ...] = ()
    hidden_rows: int = 0
    since_1904: bool = False
    cells: Cells | None = None
    merged: tuple[Range, ...] = ()
    blanks: int = 0

    @property
    def last_row(self) -> int:
        """The last row with a cell that has no value; calamine leaves such rows away at the end of a sheet."""
        return max((cell.row + cell.rows - 1 for cell in self.no_values), default=0)

    def failed(self, rows: int, columns: int) -> Iterator[tuple[int, int, str]]:
        """Row, column and text of each cell without a value among the first `rows` and `columns`."""
        for cell in self.no_values:
            for row in range(cell.row, min(cell.row + cell.rows - 1, rows) + 1):
                for column in range(cell.column, min(cell.column + cell.columns - 1, columns) + 1):
                    yield row, column, cell.text

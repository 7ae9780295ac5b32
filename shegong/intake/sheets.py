"""What a reader hands on: sheets as chunks of text cells, whatever the file's format. No column has a meaning here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

NIL_HEADERS = ("数据表", "报表")  # over the column of a nil report that names the tables
FORMS = ("cover", "explanation")  # tables of sheets that a clerk signs or writes on: rows without a header


class Notice(NamedTuple):
    """What is said of a sheet as a whole: rule, level (N or I), and the texts for the clerk."""

    rule_id: str
    level: str
    text: str
    mend: str


@dataclass
class Sheet:
    """One sheet: the rows above the header, the header row, and the data as chunks.

    A chunk has a String column per sheet column named "0", "1", …, null where a cell is empty, and `_row_number`
    (Int32, as Excel shows it). `number_cells` in a chunk (Boolean columns "n0", "n1", …) tell of text that was
    written as a number: only the columns where any was are there. `merged` has, per column index, first and last row
    number of the cells that were merged downwards; only the first of them has the value. `parent` is the submission
    whose refused rows these are, if a receipt says so.
    """

    name: str
    header: list[str]
    header_row: int
    chunks: Iterator[pl.DataFrame]
    labels: list[str] = field(default_factory=list)
    table: str | None = None
    version: str | None = None
    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    paths: list[tuple[str, ...]] = field(default_factory=list)
    since_1904: bool = False
    notices: list[Notice] = field(default_factory=list)
    parent: int | None = None


def grid(sheet: Sheet) -> Iterator[tuple[int, list[str | None]]]:
    """Number and cells of each row of a form."""
    for chunk in sheet.chunks:
        cells = [name for name in chunk.columns if name.isdigit()]
        for number, *row in chunk.select("_row_number", *cells).iter_rows():
            yield number, row


def column_letter(index: int) -> str:
    """The letter that Excel shows over column `index`, counted from 0."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters

"""The top of a text of cells: what parts its cells, which row is the header, what stands above it."""

import csv
import io
from dataclasses import dataclass

from shegong.intake import header as headers
from shegong.intake.header import Header

WIDE_COMMA, STAND_IN = "，", "\x1f"  # Arrow parts cells by one byte only
SIGNS = (",", "\t", ";", WIDE_COMMA)


@dataclass(frozen=True)
class Top:
    """`skipped` bytes of UTF-8 stand above the header's last row, which is row `first_row` as Excel counts.

    `header` is None where no row has headers that are known.
    """

    delimiter: str
    skipped: int
    first_row: int
    labels: list[str]
    header: Header | None

    @property
    def sign(self) -> str:
        return STAND_IN if self.delimiter == WIDE_COMMA else self.delimiter


def find(text: str, known: frozenset[str]) -> Top:
    """Read the top by each separator: the one that finds most known headers, else the one that makes most cells."""
    tops = [_top(parted(text, sign), sign, known) for sign in SIGNS]
    return max(tops, key=_merit)[1]


def parted(text: str, delimiter: str) -> str:
    """The text with a separator that is one byte."""
    return text.replace(WIDE_COMMA, STAND_IN) if delimiter == WIDE_COMMA else text


def _merit(found: tuple[list[list[str]], Top]) -> tuple[bool, int]:
    rows, top = found
    return top.header is not None, len(top.header.names) if top.header else len(rows[top.first_row - 1])


def _top(text: str, sign: str, known: frozenset[str]) -> tuple[list[list[str]], Top]:
    rows, ends = _rows(text, STAND_IN if sign == WIDE_COMMA else sign)
    header = headers.find(rows, known)
    at = header.last if header else next((at for at, row in enumerate(rows) if any(row)), 0)
    labels = [cell for row in rows[: header.first] for cell in row if cell] if header else []
    return rows or [[]], Top(sign, ends[at - 1] if at else 0, at + 1, labels, header)


def _rows(text: str, sign: str) -> tuple[list[list[str]], list[int]]:
    """The first rows, and after how many bytes each ends."""
    read = _Lines(text)
    rows, ends = [], []
    try:
        for row in csv.reader(read, delimiter=sign):
            rows.append([cell.replace(STAND_IN, WIDE_COMMA).strip() for cell in row])
            ends.append(read.bytes_read)
            if len(rows) == headers.WITHIN:
                break
    except csv.Error:  # a cell beyond the module's limit: what came before it is what there is
        pass
    return rows, ends


class _Lines:
    """Lines of a text, and how many bytes of UTF-8 were taken."""

    def __init__(self, text: str) -> None:
        self._lines, self.bytes_read = io.StringIO(text, newline=""), 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.bytes_read += len(line.encode())
        return line

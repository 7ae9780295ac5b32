"""Where a sheet's header stands, and what it calls each column when it has several rows.

Offices put titles and labels above it, and merge cells over groups of columns: a column is then called by its path,
人员费用/其他, wherever its last word alone is said twice. What a column means is asked in layout.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from shegong.intake.layout import normal
from shegong.intake.sheets import NIL_HEADERS

WITHIN = 20  # rows that are looked through: a title, labels, notes, three rows of header, and some to spare
Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Header:
    """Rows `first` to `last`, counted from 0; `names` as printed, one a column; `paths` from the top row down."""

    first: int
    last: int
    names: list[str]
    paths: list[tuple[str, ...]]


def find(rows: Sequence[Sequence[str]], known: frozenset[str], merged: Sequence[Range] = ()) -> Header | None:
    """The header among the first rows: the row with most `known` headers and the rows that belong to it. None: no such row.

    `merged` are cells of the sheet, where the format tells of them: (top, left), (bottom, right), counted from 0.
    """
    words = _normal(known)
    rows = [[cell.strip() for cell in row] for row in rows[:WITHIN]]
    # a nil report may have no other column than the one that names the tables
    scores = [
        sum((normal(cell) in words) + 2 * (cell in NIL_HEADERS) for cell in row if cell) for row in rows
    ]
    best = max(scores, default=0)
    if best < 2:
        return None
    first = last = scores.index(best)
    while first and _is_over(rows[first - 1], rows[first]) and not _is_title(rows[first - 1]):
        first -= 1
    while last + 1 < len(rows) and scores[last + 1] and _is_over(rows[last], rows[last + 1]):
        last += 1
    # what is merged downwards from the header's rows is as deep as the header
    depth = [bottom for (top, _), (bottom, _) in merged if first <= top <= last < bottom < first + 5]
    return _named(rows, first, min(max([last, *depth]), len(rows) - 1), merged)


def plain(names: Sequence[str], at: int) -> Header:
    """A header of one row, which nobody knows."""
    return Header(at, at, [name.strip() for name in names], [(name.strip(),) for name in names])


@cache
def _normal(known: frozenset[str]) -> frozenset[str]:
    return frozenset(map(normal, known))


def _is_title(row: Sequence[str]) -> bool:
    """One text at the left, or labels with their colons."""
    said = [at for at, cell in enumerate(row) if cell]
    return said in ([0], []) or any("：" in row[at] or ":" in row[at] for at in said)


def _is_over(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether the cells of `lower` stand under groups of `upper`, or where `upper` has none, as no row of data does."""

    def is_group(at: int) -> bool:
        return at + 1 < len(upper) and not upper[at + 1] and at + 1 < len(lower) and bool(lower[at + 1])

    under = [at for at, cell in enumerate(lower) if cell]
    if not under or not any(upper):
        return False
    return all(at >= len(upper) or not upper[at] or is_group(at) for at in under)


def _named(rows: list[list[str]], first: int, last: int, merged: Sequence[Range]) -> Header:
    width = max(len(row) for row in rows[first : last + 1])
    paths = [_path(rows, first, last, at, merged) for at in range(width)]
    while paths and not paths[-1]:
        paths.pop()
    leaves = [path[-1] if path else "" for path in paths]
    names = [
        leaf if leaves.count(leaf) == 1 else "/".join(path) for leaf, path in zip(leaves, paths, strict=True)
    ]
    return Header(first, last, names, paths)


def _path(rows: list[list[str]], first: int, last: int, at: int, merged: Sequence[Range]) -> tuple[str, ...]:
    path: list[str] = []
    for number in range(first, last + 1):
        below = any(at < len(row) and row[at] for row in rows[number + 1 : last + 1])
        word = rows[number][at] if at < len(rows[number]) else ""
        if not word and below:
            word = _group(rows[number], number, at, merged)
        if word and (not path or path[-1] != word):
            path.append(word)
    return tuple(path)


def _group(row: Sequence[str], number: int, at: int, merged: Sequence[Range]) -> str:
    """What stands over a column whose own cell in this row is empty: the merged cell it lies in, or the last word before."""
    for (top, left), (bottom, right) in merged:
        if top <= number <= bottom and left <= at <= right:
            return row[left] if top == number else ""
    if merged:
        return ""
    return next((cell for cell in reversed(row[:at]) if cell), "")

"""How far a workbook's sheets reach, asked of the package before anything opens them.

calamine makes room for the whole rectangle that a sheet's cells span: one blank typed into the last cell of a sheet
would ask for 400 GB and end the process. Most packages are cleared by their first 2 KB.
"""

import re
import zipfile
from collections.abc import Iterator

_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+[0-9]+:)?([A-Z]{1,3})([0-9]{1,7})"')
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*[^>/]>')  # one that is closed at once holds nothing
_HEAD, _PART, _OVERLAP = 2048, 1 << 20, 512


def largest(package: zipfile.ZipFile, limit: int) -> tuple[int, int]:
    """(rows, columns) of the first sheet with more than `limit` cells between its first and its last; else (0, 0).

    What a sheet says of itself is believed when it is small: it counts formatted cells too, so that one which
    says more than `limit` is looked through for cells that hold something.
    """
    for name in package.namelist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            continue
        with package.open(name) as part:
            said = _DIMENSION.search(part.read(_HEAD))
        rows, columns = _place(said) if said else (limit, limit)
        if rows * columns <= limit:
            continue
        rows, columns = _reach(package, name)
        if rows * columns > limit:
            return rows, columns
    return 0, 0


def _reach(package: zipfile.ZipFile, name: str) -> tuple[int, int]:
    rows = columns = 0
    for part in _parts(package, name):
        for found in _CELL.finditer(part):
            row, column = _place(found)
            rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _parts(package: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The sheet in parts that overlap, so that no cell's beginning is cut in two."""
    with package.open(name) as stream:
        tail = b""
        while part := stream.read(_PART):
            yield tail + part
            tail = part[-_OVERLAP:]


def _place(found: re.Match[bytes]) -> tuple[int, int]:
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - ord("A") + 1
    return int(found[2]), column

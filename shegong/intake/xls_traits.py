"""What an .xls tells and calamine does not: errors, formulas with an empty result, hidden rows, the day it counts from.

The file is a small file system; its stream Workbook (Book, in Excel 95) is records of four bytes' head: what they are, and
how long. Every formula has a result there, so one that was never calculated can't be told from one that gave 0.
"""

import io
import struct
from collections.abc import Iterator, Sequence

import olefile

from shegong.intake.traits import NoValue, Traits

_BEGIN, _END, _SHEET, _EPOCH = 0x0809, 0x000A, 0x0085, 0x0022
_FORMULAS, _ERROR, _ROW = (0x0006, 0x0206, 0x0406), 0x0205, 0x0208
_WANTED = {_BEGIN, _END, *_FORMULAS, _ERROR, _ROW}
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_OTHER_ERROR = "#VALUE!"
_HIDDEN = 0x20


def traits(content: bytes, names: Sequence[str]) -> dict[str, Traits]:
    """By sheet name; `names` are all sheets in the workbook's own order. Raises ValueError where the records don't say
    the same sheets, OSError where there is no such file system."""
    records = _stream(content)
    begins, since_1904 = [], False
    for kind, data in _records(records, 0, {_SHEET, _EPOCH, _BEGIN, _END}):
        if kind == _SHEET:
            begins.append(int.from_bytes(data[:4], "little"))
        elif kind == _EPOCH:
            since_1904 = data[:2] == b"\x01\x00"
    if len(begins) != len(names):
        raise ValueError(f"{len(begins)} sheets, {len(names)} names")
    return {name: _sheet(records, at, since_1904) for name, at in zip(names, begins, strict=True)}


def _stream(content: bytes) -> bytes:
    with olefile.OleFileIO(io.BytesIO(content)) as store:
        name = next((name for name in ("Workbook", "Book") if store.exists(name)), None)
        if name is None:
            raise ValueError("no workbook stream")
        return store.openstream(name).read()


def _records(stream: bytes, at: int, wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    """The wanted records of one part, without those of charts within it. Ends where the part or the stream does.

    Raises ValueError where no part begins at `at`.
    """
    depth, size, head = 0, len(stream), struct.Struct("<HH").unpack_from
    if stream[at : at + 2] != _BEGIN.to_bytes(2, "little"):
        raise ValueError("no part begins there")
    while at + 4 <= size:
        kind, length = head(stream, at)
        at += 4
        if kind in wanted:
            depth += (kind == _BEGIN) - (kind == _END)
            if depth <= 0:
                return
            if depth == 1 and kind != _BEGIN:
                yield kind, stream[at : at + length]
        at += length


def _sheet(stream: bytes, at: int, since_1904: bool) -> Traits:
    errors, hidden, blanks, last = [], [], 0, -1
    for kind, data in _records(stream, at, _WANTED):
        if kind == _ROW and len(data) >= 16:
            row, _, end = struct.unpack_from("<HHH", data)
            last = max(last, row) if end else last
            hidden += [row] if data[12] & _HIDDEN else []
        elif kind == _ERROR and len(data) >= 8 and data[7]:
            errors.append(NoValue(*_place(data), _ERRORS.get(data[6], _OTHER_ERROR)))
        elif kind in _FORMULAS and len(data) >= 14 and data[12:14] == b"\xff\xff":  # its result is no number
            if data[6] == 2:
                errors.append(NoValue(*_place(data), _ERRORS.get(data[8], _OTHER_ERROR)))
            blanks += data[6] == 3
    # rows that are hidden below the last one with cells are only the rest of the sheet
    return Traits(tuple(errors), sum(row <= last for row in hidden), since_1904, blanks=blanks)


def _place(data: bytes) -> tuple[int, int]:
    """Row and column of a cell, counted from 1."""
    row, column = struct.unpack_from("<HH", data)
    return row + 1, column + 1

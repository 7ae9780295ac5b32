"""What an .xls tells of its sheets and calamine does not: how far their cells reach, errors, formulas with an empty
result, hidden rows, the day that it counts from.

The workbook is records of four bytes' head: what they are, and how long. Every formula has a result there, so one that
was never calculated can't be told from one that gave 0.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shegong.intake.traits import NoValue, Traits

_BEGIN, _END, _SHEET, _EPOCH, _SIZE, _PASSWORD = 0x0809, 0x000A, 0x0085, 0x0022, 0x0200, 0x002F
_FORMULAS, _ERROR, _ROW, _MANY = (0x0006, 0x0206, 0x0406), 0x0205, 0x0208, 0x00BD
# number, text in three forms, error or yes/no, short number, and several of those in one record
_CELLS = {0x0203, 0x0204, 0x00D6, 0x00FD, 0x027E, _ERROR, _MANY, *_FORMULAS}
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_OTHER_ERROR = "#VALUE!"
_HIDDEN = 0x20


class Locked(Exception):
    """The records of this workbook can't be read without its password."""


@dataclass
class XlsSheet:
    """`rows` and `columns` are as far as cells hold anything."""

    rows: int = 0
    columns: int = 0
    last_row: int = -1  # with cells that hold nothing but a format too; counted from 0
    hidden: list[int] = field(default_factory=list)
    no_values: list[NoValue] = field(default_factory=list)
    blanks: int = 0
    since_1904: bool = False
    sizes: list[int] = field(default_factory=list)  # places of records that say how large the sheet is

    def traits(self) -> Traits:
        """Rows that are hidden below the last one with cells are only the rest of the sheet."""
        hidden = sum(row <= self.last_row for row in self.hidden)
        return Traits(tuple(self.no_values), hidden, self.since_1904, blanks=self.blanks)


def look(stream: bytes) -> list[XlsSheet]:
    """All sheets in the workbook's own order.

    Raises Locked for one that has a password, ValueError where a sheet doesn't begin where the workbook says.
    """
    begins, since_1904 = [], False
    for kind, _, at, length in _records(stream, 0):
        if kind == _PASSWORD:
            raise Locked
        if kind == _SHEET:
            begins.append(int.from_bytes(stream[at : at + 4], "little"))
        elif kind == _EPOCH:
            since_1904 = stream[at : at + length][:2] == b"\x01\x00"
    return [_look_at_sheet(stream, at, since_1904) for at in begins]


def without_sizes(stream: bytes, sheets: Iterable[XlsSheet]) -> bytes:
    """The stream without what it says of its sheets' sizes: calamine would make room for that, whatever it is."""
    changed = bytearray(stream)
    for place in (place for sheet in sheets for place in sheet.sizes):
        changed[place : place + 2] = b"\xff\xff"  # no record that anybody knows
    return bytes(changed)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bool, int, int]]:
    """Of one part that begins at `at`: kind, whether it is of a chart within, and place and length of each record's data.

    Raises ValueError where no part begins there. Ends where the part or the stream does.
    """
    depth, size, head = 0, len(stream), struct.Struct("<HH").unpack_from
    if stream[at : at + 2] != _BEGIN.to_bytes(2, "little"):
        raise ValueError("no part begins there")
    while at + 4 <= size:
        kind, length = head(stream, at)
        at += 4
        if kind == _BEGIN:
            depth += 1
        elif kind == _END:
            depth -= 1
            if not depth:
                return
        else:
            yield kind, depth > 1, at, length
        at += length


def _look_at_sheet(stream: bytes, begin: int, since_1904: bool) -> XlsSheet:
    sheet, rows, columns = XlsSheet(since_1904=since_1904), -1, -1
    place = struct.Struct("<HH").unpack_from
    for kind, is_within, at, length in _records(stream, begin):
        if kind in _CELLS and length >= 6:
            row, column = place(stream, at) if at + 4 <= len(stream) else (0, 0)
            if kind == _MANY:
                column = int.from_bytes(stream[at + length - 2 : at + length], "little")
            rows, columns = max(rows, row), max(columns, column)
            if kind == _ERROR or kind in _FORMULAS:
                _see_result(sheet, kind, stream[at : at + length], is_within)
        elif kind == _SIZE:
            sheet.sizes.append(at - 4)
        elif kind == _ROW and not is_within:
            _see_row(sheet, stream[at : at + length])
    sheet.rows, sheet.columns = rows + 1, columns + 1
    return sheet


def _see_row(sheet: XlsSheet, data: bytes) -> None:
    if len(data) < 16:
        return
    row, _, end = struct.unpack_from("<HHH", data)
    sheet.last_row = max(sheet.last_row, row) if end else sheet.last_row
    if data[12] & _HIDDEN:
        sheet.hidden.append(row)


def _see_result(sheet: XlsSheet, kind: int, data: bytes, is_within: bool) -> None:
    if is_within:
        return
    error = None
    if kind == _ERROR:
        error = data[6] if len(data) >= 8 and data[7] else None
    elif len(data) >= 14 and data[12:14] == b"\xff\xff":  # its result is no number
        error = data[8] if data[6] == 2 else None
        sheet.blanks += data[6] == 3
    if error is not None:
        row, column = struct.unpack_from("<HH", data)
        sheet.no_values.append(NoValue(row + 1, column + 1, _ERRORS.get(error, _OTHER_ERROR)))

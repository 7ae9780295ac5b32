"""What an OpenDocument sheet's markup tells and calamine does not: how far its cells reach, errors, formulas without a
result, merged cells, hidden rows. One word may stand for a million cells there, so nothing is written out here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from shegong.intake.normalise import is_failed
from shegong.intake.package_cells import Range
from shegong.intake.traits import NoValue, Traits

CONTENT = "content.xml"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_TYPE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 value-type"
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_PARAGRAPH = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 p"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_SHEET, _ROW = f"{_TABLE}table", f"{_TABLE}table-row"
_FIRST_DAY = f"{_TABLE}null-date"
_FORMULA = f"{_TABLE}formula"
_DOWN_SPAN, _RIGHT_SPAN = f"{_TABLE}number-rows-spanned", f"{_TABLE}number-columns-spanned"
_ACROSS, _DOWN = f"{_TABLE}number-columns-repeated", f"{_TABLE}number-rows-repeated"
Attributes = Mapping[str, str]


@dataclass
class OdsSheet:
    """A table while it is read and afterwards: `rows` and `columns` are as far as cells hold anything."""

    name: str
    since_1904: bool = False
    rows: int = 0
    columns: int = 0
    hidden: int = 0
    blanks: int = 0
    no_values: list[NoValue] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)

    def traits(self) -> Traits:
        return Traits(
            tuple(self.no_values), self.hidden, self.since_1904, merged=tuple(self.merged), blanks=self.blanks
        )


def look(stream: BinaryIO) -> list[OdsSheet]:
    """All tables of a content.xml, in one pass. Raises ExpatError for broken markup, ValueError for nested tables."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.ParseFile(stream)
    return reader.sheets


class _Reader:
    """Takes the markup as it comes. Rows and columns are counted from 0, as far as they have been passed."""

    def __init__(self) -> None:
        self.sheets: list[OdsSheet] = []
        self._sheet: OdsSheet | None = None
        self._since_1904 = False
        self._row = self._column = self._holds = self._waiting = 0
        self._row_says: Attributes = {}
        self._in_row: list[NoValue] = []
        self._cell: Attributes | None = None
        self._depth = 0  # of elements within the cell: a comment on it has paragraphs of its own
        self._paragraphs: list[str] = []
        self._in_paragraph = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if self._cell is not None:
            self._depth += 1
            if self._depth == 1 and tag == _PARAGRAPH:
                self._in_paragraph = True
                self._paragraphs.append("")
        elif tag in _CELLS and self._sheet:
            self._cell, self._depth, self._paragraphs = attributes, 0, []
        elif tag == _ROW:
            self._row_says, self._column, self._holds, self._in_row = attributes, 0, 0, []
        elif tag == _SHEET:
            if self._sheet:
                raise ValueError("a table within a table")
            self._sheet = OdsSheet(attributes.get(f"{_TABLE}name", ""), self._since_1904)
            self._row = self._waiting = 0
        elif tag == _FIRST_DAY:  # stands before the tables
            self._since_1904 = attributes.get(f"{_TABLE}date-value", "").startswith("1904")

    def text(self, text: str) -> None:
        if self._in_paragraph:
            self._paragraphs[-1] += text

    def end(self, tag: str) -> None:
        if self._cell is not None:
            if self._depth:
                self._depth -= 1
                self._in_paragraph = self._in_paragraph and self._depth > 0
            else:
                self._end_cell(self._cell)
                self._cell = None
        elif self._sheet and tag == _ROW:
            self._end_row(self._sheet)
        elif self._sheet and tag == _SHEET:
            self.sheets.append(self._sheet)
            self._sheet = None

    def _end_cell(self, says: Attributes) -> None:
        # called for every cell, of which nearly all are plain: what those have not is asked of none
        paragraphs, formula, times = self._paragraphs, says.get(_FORMULA), _times(says, _ACROSS)
        is_calculated = bool(paragraphs) or _TYPE in says
        if _DOWN_SPAN in says or _RIGHT_SPAN in says:
            self._merge(says)
        if formula is not None or (paragraphs and paragraphs[0][:1] == "#"):
            text = "\n".join(paragraphs)
            if failed := _failed(says, formula, text, is_calculated=is_calculated):
                self._in_row.append(NoValue(self._row + 1, self._column + 1, failed, columns=times))
            elif not text:
                self._sheet.blanks += 1
        self._column += times
        if is_calculated or formula is not None:
            self._holds = self._column

    def _merge(self, says: Attributes) -> None:
        down, right = _times(says, _DOWN_SPAN), _times(says, _RIGHT_SPAN)
        if down > 1 or right > 1:
            last = (self._row + down - 1, self._column + right - 1)
            self._sheet.merged.append(((self._row, self._column), last))

    def _end_row(self, sheet: OdsSheet) -> None:
        times = _times(self._row_says, _DOWN)
        self._waiting += times * (self._row_says.get(f"{_TABLE}visibility", "visible") != "visible")
        sheet.no_values += [cell._replace(rows=times) for cell in self._in_row]
        self._row += times
        if self._holds:  # hidden rows below the last content are only the rest of the sheet
            sheet.rows, sheet.columns = self._row, max(sheet.columns, self._holds)
            sheet.hidden, self._waiting = sheet.hidden + self._waiting, 0


def _failed(says: Attributes, formula: str | None, text: str, *, is_calculated: bool) -> str:
    """What stands for a cell without a value: the error as it is shown, or its formula; empty where it has a value.

    LibreOffice writes an empty paragraph for a result that is an empty text, and no type.
    """
    if text.startswith("#") and is_failed(text):
        return text
    if says.get(_CALC_TYPE) == "error" or (formula is not None and not is_calculated):
        return f"={(formula or '').removeprefix('of:').removeprefix('=') or '公式'}"
    return ""


def _times(says: Attributes, attribute: str) -> int:
    """How many rows or columns an element stands for; 1 where it says nothing or nonsense."""
    said = says.get(attribute)
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 12 else 1

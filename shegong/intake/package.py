"""What the package of an .xlsx tells and calamine does not: formulas without a result, errors, hidden rows, its first day."""

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator

import polars as pl

from shegong.intake.package_cells import Cells, number
from shegong.intake.traits import NoValue, Traits

BOOK = "xl/workbook.xml"
_TAG = r"<(?:\w+:)?{}\b([^>]*)>"
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')
_NO_RESULT = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*'
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*? t="e"[^>]*>(?:\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*'
    rb"<(?:\w+:)?v>([^<]*)</"
)
_HIDDEN = re.compile(rb'<(?:\w+:)?row [^>]*?r="([0-9]+)"[^>]*?hidden="(?:1|true)"')
# formats of times that run on beyond a day: a cell of these is no day
_ELAPSED = re.compile(rb'numFmtId="4[567]"|\[(?:h+|m+|s+)\]', re.IGNORECASE)
_TELLING = '<f|:f| t="e"| hidden="'  # asked first, since most pieces have none

_PART, _OVERLAP = 1 << 20, 16_384  # a formula has up to 8,192 characters
_ROW_END = b"</row>"


def traits(content: bytes, *, with_cells: bool = False) -> dict[str, Traits]:
    """By sheet name. A package that is put together otherwise than Office does it has none."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = set(packed.namelist())
        if not {BOOK, "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        book = packed.read(BOOK).decode("utf-8", errors="replace")
        links = packed.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
        targets = {tag.get("Id"): tag.get("Target", "") for tag in _tags(links, "Relationship")}
        since_1904 = any(tag.get("date1904") in ("1", "true") for tag in _tags(book, "workbookPr"))
        is_elapsed = "xl/styles.xml" not in names or bool(_ELAPSED.search(packed.read("xl/styles.xml")))
        found = {}
        for tag in _tags(book, "sheet"):
            part = posixpath.normpath(posixpath.join("/xl", targets.get(tag.get("r:id"), "")))[1:]
            if part in names:
                found[html.unescape(tag.get("name", ""))] = _sheet(
                    packed, part, since_1904, with_cells and not is_elapsed
                )
        return found


def _tags(text: str, name: str) -> list[dict[str, str]]:
    return [dict(_ATTRIBUTE.findall(tag)) for tag in re.findall(_TAG.format(name), text)]


def _sheet(packed: zipfile.ZipFile, part: str, since_1904: bool, with_cells: bool) -> Traits:
    formulas, blanks, hidden, cells = {}, set(), set(), Cells()
    for piece in parts(packed, part):
        if with_cells:  # a large sheet: searched without holding up other threads
            text = pl.Series([piece.decode("latin-1")])  # any byte is a letter there
            cells.see(piece, text)
            if not text.str.contains(_TELLING).item():
                continue
        if b"<f" in piece or b":f" in piece:
            for found in _NO_RESULT.finditer(piece):
                if found[5] and b't="str"' in found[3]:  # Excel's way to write the result ""
                    blanks.add(place(found))
                    continue
                formula = html.unescape((found[4] or b"").decode("utf-8", errors="replace"))
                formulas[place(found)] = f"={formula or '公式'}"
        if b' t="e"' in piece:  # calamine shows an error as an empty cell
            formulas.update(
                (place(found), found[3].decode("utf-8", errors="replace")) for found in _ERROR.finditer(piece)
            )
        if b' hidden="' in piece:
            hidden.update(_HIDDEN.findall(piece))
    no_values = tuple(NoValue(row, column, text) for (row, column), text in formulas.items())
    is_plain = with_cells and not since_1904 and cells.is_plain
    return Traits(no_values, len(hidden), since_1904, cells if is_plain else None, blanks=len(blanks))


def parts(package: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The sheet in parts that end with a row, or overlap where none ends, so that no cell is cut in two."""
    with package.open(name) as stream:
        tail = b""
        while part := stream.read(_PART):
            piece = tail + part
            end = piece.rfind(_ROW_END) + len(_ROW_END)
            if end < len(_ROW_END):
                end, tail = len(piece), part[-_OVERLAP:]
            else:
                tail = piece[end:]
            yield piece[:end]
        if tail:
            yield tail


def place(found: re.Match[bytes]) -> tuple[int, int]:
    """Row and column of a cell, counted from 1."""
    return int(found[2]), number(found[1])

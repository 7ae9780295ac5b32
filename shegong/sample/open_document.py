"""Writes the sheets of a delivery as an .ods, as LibreOffice and the offices' Linux machines save them."""

import io
import zipfile
from collections.abc import Iterable
from datetime import date
from xml.sax.saxutils import escape, quoteattr

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)
_END = "</office:spreadsheet></office:body></office:document-content>"
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


BLANK_FORMULA = object()  # a cell whose formula gives an empty text


def render(sheets: Iterable[tuple[str, list[list]]]) -> bytes:
    """The bytes of a workbook of these sheets, name and rows; the same rows give the same bytes."""
    body = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_row, rows))}</table:table>"
        for name, rows in sheets
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for path, text in (
            ("mimetype", _TYPE),
            ("content.xml", _BEGIN + body + _END),
            ("META-INF/manifest.xml", _MANIFEST),
        ):
            entry = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if path == "mimetype" else zipfile.ZIP_DEFLATED
            book.writestr(entry, text)
    return target.getvalue()


def _row(cells: list) -> str:
    return f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(cell: object) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case _ if cell is BLANK_FORMULA:
            return '<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string"/>'
        case date():
            said = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
        case int() | float():
            said = f'office:value-type="float" office:value="{cell!r}"'
        case _:
            said = 'office:value-type="string"'
    return f"<table:table-cell {said}><text:p>{escape(str(cell))}</text:p></table:table-cell>"

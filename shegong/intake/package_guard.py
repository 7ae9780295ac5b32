"""What a workbook's package would ask of us, asked before anything opens it. Raises refusals; reads no cell's value.

calamine makes room for the whole rectangle that a sheet's cells span: one blank typed into the last cell of a sheet
would ask for 400 GB and end the process. A package can also unpack to a thousand times its size.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from xml.parsers.expat import ExpatError

import pyarrow as pa
from pyarrow import compute

from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.ods_traits import CONTENT, OdsSheet, look

# what zipfile raises for packages that are cut off, changed, or locked
_BROKEN_PACKAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    ValueError,
    NotImplementedError,
    OSError,
)
_RATIO_FROM = 64 << 20  # unpacked bytes from which the ratio is asked: small files of one word pack well
# the longest that a tag or a text may be: 32,767 characters of a cell, each written as an entity
_PART, _OVERLAP, _HEAD = 4 << 20, 256 << 10, 4096
# A cell's own place: only those far out are looked at one by one. Columns beyond CB (80) or rows of six digits.
# No blank before the r: a pattern that begins with its letter is searched three times as fast. Letters alone count
# where they end, or the name of a namespace (xmlns:r="http://…") would have every sheet looked at.
_FAR = (
    r"""r\s*=\s*["'](?:[A-Za-z]{3,}[0-9"']|[D-Zd-z][A-Za-z][0-9]|[Cc][C-Zc-z][0-9]|[A-Za-z]{0,3}[0-9]{6})"""
)
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]*)([0-9]*)["'][^>]*[^>/]>""")
_ASKED = compute.MatchSubstringOptions(_FAR)
# a row's own place counts where its first cell says none
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']([0-9]{6,})["'][^>]*><(?:\w+:)?c(?![^>]*\sr\s*=)""")
_STRINGS = re.compile(rb"""uniqueCount\s*=\s*["']\s*\+?0*([0-9]{8,})""")  # calamine makes room for so many
_DIGITS, _LETTERS = 7, 3  # of XFD1048576
_MARKUP = (".xml", ".rels", ".vml")


def guard(content: bytes, limits: Limits) -> list[OdsSheet]:
    """What was seen of an OpenDocument package's sheets, all of which had to be read.

    Raises FileRefused for a package that is broken, unpacks beyond the limits, declares entities, or reaches too far.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _guard_size(package, len(content), limits)
            _guard_markup(package)
            sheets = _look(package)
            rows, columns = largest(package, sheets, limits.max_sheet_cells)
    except _BROKEN_PACKAGE as error:
        raise FileRefused(
            "not_a_workbook", "文件不是完整的 Excel 工作簿，可能没有传完", "请重新保存后报送"
        ) from error
    if rows:
        raise too_many_cells(rows, columns, limits.max_sheet_cells)
    return sheets


def guard_size(rows: int, columns: int, limits: Limits, sheet: str) -> None:
    """Raises FileRefused for a sheet that was opened and is wider or larger than the limits."""
    if columns > limits.max_columns:
        raise FileRefused(
            "too_many_columns",
            f"工作表有 {columns} 列，超过上限 {limits.max_columns} 列",
            "请使用省里的模板，删去多余的列",
            sheet=sheet,
        )
    if rows * columns > limits.max_sheet_cells:
        raise too_many_cells(rows, columns, limits.max_sheet_cells, sheet)


def too_many_cells(rows: int, columns: int, max_cells: int, sheet: str = "") -> FileRefused:
    return FileRefused(
        "too_many_cells",
        f"工作表有 {rows} 行 {columns} 列，超过上限 {max_cells} 个单元格",
        "请删去表尾的空行空列（选中后右键删除），或拆分成几个文件",
        sheet=sheet,
    )


def _guard_size(package: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    parts = package.infolist()
    if len(parts) > limits.max_package_parts:
        raise FileRefused(
            "too_large",
            f"工作簿里有 {len(parts)} 个部件，超过上限 {limits.max_package_parts} 个",
            "请把数据复制到省里的模板中报送",
        )
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.max_unpacked_mib << 20:
        raise FileRefused(
            "too_large", f"工作簿展开后超过 {limits.max_unpacked_mib} MiB 的上限", "请拆分成几个文件报送"
        )
    if unpacked > _RATIO_FROM and unpacked > packed * limits.max_unpack_ratio:
        raise FileRefused(
            "too_large",
            f"工作簿展开后是原文件的 {unpacked // packed} 倍，超过上限 {limits.max_unpack_ratio} 倍",
            "请把数据复制到省里的模板中报送",
        )
    if any(part.filename.lower().endswith("workbook.bin") for part in parts):
        raise FileRefused(
            "not_a_workbook", "文件是二进制工作簿（.xlsb），不能读取", "请另存为 .xlsx 后重新报送"
        )


def _guard_markup(package: zipfile.ZipFile) -> None:
    """No workbook program declares a document type: one that is there wants entities resolved."""
    for part in package.infolist():
        if not part.filename.lower().endswith(_MARKUP):
            continue
        with package.open(part) as stream:
            if b"<!DOCTYPE" in stream.read(_HEAD):
                raise FileRefused(
                    "not_a_workbook",
                    "工作簿里有外部实体声明，不是办公软件保存的文件",
                    "请用 Excel 或 WPS 打开检查，另存为 .xlsx 后重新报送",
                )


def largest(package: zipfile.ZipFile, sheets: Iterable[OdsSheet], limit: int) -> tuple[int, int]:
    """(rows, columns) of the first sheet with more than `limit` cells between its first and its last; else (0, 0).

    What a sheet says of its own size is not believed; any part may be a sheet, whatever its name.
    """
    parts = ((part, part.filename.lower()) for part in package.infolist())
    excel = (part for part, name in parts if name.endswith((".xml", ".rels")) or "." not in name)
    for rows, columns in chain(
        ((sheet.rows, sheet.columns) for sheet in sheets), (_reach(package, part) for part in excel)
    ):
        if rows * columns > limit:
            return rows, columns
    return 0, 0


def _reach(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """Where the cells of an Excel sheet end, if any is far out; cells that are closed at once hold nothing."""
    has_far = False
    for piece in _pieces(package, part):
        has_far = has_far or _has_far(piece)
        if b"uniqueCount" in piece and _STRINGS.search(piece):
            raise zipfile.BadZipFile("more strings than there can be cells")
    if not has_far:
        return 0, 0
    rows = columns = 0
    for piece in _pieces(package, part):
        for found in _CELL.finditer(piece):
            rows, columns = max(rows, _row(found[2])), max(columns, _column(found[1]))
        rows = max([rows, *(_row(found[1]) for found in _ROW.finditer(piece))])
    return rows, max(columns, 1)


def _has_far(piece: bytes) -> bool:
    # Arrow's RE2 searches bytes as they are: twice as fast as polars, six times as fast as re
    return compute.match_substring_regex(pa.array([piece], pa.binary()), options=_ASKED)[0].as_py()


def _pieces(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces that overlap, so that no cell's beginning is cut in two.

    Raises BadZipFile where a tag or a text is longer than the overlap.
    """
    with package.open(part) as stream:
        tail = b""
        while piece := stream.read(_PART):
            yield tail + piece
            tail = piece[-_OVERLAP:]
            if len(tail) == _OVERLAP and b">" not in tail:
                raise zipfile.BadZipFile("a tag or a text without end")


def _look(package: zipfile.ZipFile) -> list[OdsSheet]:
    """The sheets of an OpenDocument package; none of another."""
    sheets = []
    for part in (part for part in package.infolist() if part.filename == CONTENT):
        try:
            with package.open(part) as stream:
                sheets += look(stream)
        except (ExpatError, LookupError) as error:  # the latter for an encoding that nobody knows
            raise zipfile.BadZipFile(str(error)) from error
    return sheets


def _row(digits: bytes) -> int:
    """Raises BadZipFile for a number that no sheet has: calamine's own would run over, into any row."""
    if len(digits) > _DIGITS:
        raise zipfile.BadZipFile("no row has such a number")
    return int(digits or b"0")


def _column(letters: bytes) -> int:
    """Raises BadZipFile for letters that no sheet has."""
    if len(letters) > _LETTERS:
        raise zipfile.BadZipFile("no column has such letters")
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - ord("A") + 1
    return column

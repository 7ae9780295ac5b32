"""The small file system that an .xls is: its one stream that holds the workbook, and the same stream in a system of our own.

calamine believes what such a system says of itself: chains of sectors that run in a circle, or lengths of gigabytes, end
the process. So the stream is read by olefile, and calamine gets it in the plainest system that there can be.
"""

import io
import struct

import olefile

_STREAMS = ("Workbook", "Book")  # the latter in Excel 95
_SECTOR, _LEAST = 512, 4096  # a shorter stream would belong into a system within the system
_FREE, _END, _FAT, _DIFAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_IN_HEAD, _IN_SECTOR = (
    109,
    _SECTOR // 4 - 1,
)  # sectors of the allocation table that the head, and that one sector, list


def read(content: bytes) -> bytes:
    """The workbook's stream. Raises OSError or ValueError where there is none, or it can't be read to its end."""
    _demand_sound_head(content)
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as store:
            name = next((name for name in _STREAMS if store.exists(name)), None)
            if name is None:
                raise ValueError("no workbook in it")
            if max(store.get_size(name), store.root.size) > len(content):
                raise ValueError("a stream longer than the file")
            return store.openstream(name).read()
    except (struct.error, IndexError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError(f"no such file system: {type(error).__name__}") from error


def _demand_sound_head(content: bytes) -> None:
    """Raises ValueError for tables that this file has no room for: olefile would read as many as the head says."""
    if len(content) < _SECTOR:
        raise ValueError("no head")
    tables, small_tables, lists = (int.from_bytes(content[at : at + 4], "little") for at in (44, 64, 72))
    sectors = len(content) // _SECTOR
    # twice what a sound file has, for programs that reserve some
    if max(tables, lists) > sectors // 64 + 16 or small_tables > sectors // 8 + 16:
        raise ValueError("tables longer than the file")


def pack(stream: bytes) -> bytes:
    """A file system that holds nothing but this stream. Zeros at its end are no records."""
    stream = stream.ljust(max(_LEAST, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(stream) // _SECTOR
    tables, lists = _tables(sectors + 1)
    directory = tables + lists
    table = [_FAT] * tables + [_DIFAT] * lists + [_END]
    table += [*range(directory + 2, directory + 1 + sectors), _END]
    table += [_FREE] * (tables * _SECTOR // 4 - len(table))
    parts = (
        _head(tables, lists, directory),
        struct.pack(f"<{len(table)}I", *table),
        _lists(tables, lists),
        _entry("Root Entry", 5, child=1) + _entry("Workbook", 2, directory + 1, len(stream)) + bytes(256),
        stream,
    )
    return b"".join(parts)


def _tables(sectors: int) -> tuple[int, int]:
    """Sectors of the allocation table, which lists itself too, and of the lists of those that the head has no room for."""
    tables = lists = 0
    while True:
        needed = -(-(sectors + tables + lists) // (_SECTOR // 4))
        more = max(0, -(-(needed - _IN_HEAD) // _IN_SECTOR))
        if (needed, more) == (tables, lists):
            return tables, lists
        tables, lists = needed, more


def _head(tables: int, lists: int, directory: int) -> bytes:
    listed = [*range(min(tables, _IN_HEAD))]
    listed += [_FREE] * (_IN_HEAD - len(listed))
    return struct.pack(
        "<8s16x5H6x9I109I",
        olefile.MAGIC, 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, directory, 0, _LEAST, _END, 0, tables if lists else _END, lists,
        *listed,
    )  # fmt: skip


def _lists(tables: int, lists: int) -> bytes:
    packed = b""
    for at in range(lists):
        first = _IN_HEAD + at * _IN_SECTOR
        listed = [*range(first, min(first + _IN_SECTOR, tables))]
        listed += [_FREE] * (_IN_SECTOR - len(listed))
        following = tables + at + 1 if at + 1 < lists else _END
        packed += struct.pack(f"<{_IN_SECTOR + 1}I", *listed, following)
    return packed


def _entry(name: str, kind: int, start: int = _END, size: int = 0, child: int = _FREE) -> bytes:
    letters = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16x4x16xIQ", letters, len(letters) + 2, kind, 1, _FREE, _FREE, child, start, size
    )

"""Opens a file's content as sheets, whatever its format: the one place that tells formats apart."""

from typing import BinaryIO

from shegong.intake import csv_reader, workbook_reader
from shegong.intake.envelope import FileRefused
from shegong.intake.sheets import Sheet


def open_sheets(
    stream: BinaryIO, headers: frozenset[str], max_columns: int, max_cells: int
) -> list[Sheet | FileRefused]:
    """The sheets of a buffered stream; one that can't be read stands as its FileRefused.

    Raises FileRefused where the whole can't be read.
    """
    head = stream.peek(8)[:8]
    if not head:
        raise FileRefused("empty", "文件是空的", "请检查文件内容后重新报送")
    if workbook_reader.is_workbook(head):
        return workbook_reader.read(stream.read(), headers, max_columns, max_cells)
    return [csv_reader.read(stream, "", max_columns)]

"""Opens a file's content as sheets, whatever its format: the one place that tells formats apart."""

from typing import BinaryIO

from shegong.intake import csv_reader, workbook_reader
from shegong.intake.envelope import FileRefused
from shegong.intake.limits import Limits
from shegong.intake.sheets import Sheet

# What comes in place of a table. Systems export pages and XML under the name of .xls, which Excel opens as a sheet.
_OTHER_FORMATS = {
    b"%PDF": "PDF",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"MIME-Version": "网页",
    b"<html": "网页",
    b"<!doctype html": "网页",
    b"<table": "网页",
    b"<?xml": "XML 文件",
    b"{\\rtf": "Word 文件",
}


def open_sheets(stream: BinaryIO, headers: frozenset[str], limits: Limits) -> list[Sheet | FileRefused]:
    """The sheets of a buffered stream; one that can't be read stands as its FileRefused.

    Raises FileRefused where the whole can't be read.
    """
    head = stream.peek(512)[:512]
    if not head:
        raise FileRefused("empty", "文件是空的", "请检查文件内容后重新报送")
    if what := _other_format(head):
        raise FileRefused(
            "not_a_workbook", f"文件是{what}，不是工作簿或 CSV", "请用 Excel 或 WPS 另存为 .xlsx 后重新报送"
        )
    if workbook_reader.is_workbook(head):
        return workbook_reader.read(stream.read(), headers, limits)
    return [csv_reader.read(stream, "", limits.max_columns, headers)]


def _other_format(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((what for mark, what in _OTHER_FORMATS.items() if text.startswith(mark.lower())), None)

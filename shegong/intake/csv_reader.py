"""A CSV as a Sheet, read in blocks: memory does not grow with the file."""

import codecs
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from shegong.intake.envelope import FileRefused
from shegong.intake.sheets import Sheet

BLOCK = 4 << 20  # bytes of a block: small ones are read into memory that is warm, twice as fast as 12 MiB
_SAMPLE = 1 << 20


def read(stream: BinaryIO, name: str, max_columns: int) -> Sheet:
    """Open a CSV in UTF-8 (with or without BOM) or GB18030. Raises FileRefused when it is neither, or has no header.

    A row with more or fewer cells than the header comes as a chunk row whose cells are all null but `_misshapen`.
    """
    sample = stream.read(_SAMPLE)
    if not sample.strip():
        raise FileRefused("empty", "文件是空的", "请检查文件内容后重新报送", sheet=name)
    encoding = _encoding(sample, whole=len(sample) < _SAMPLE)
    whole = _Rejoined(sample.removeprefix(codecs.BOM_UTF8), stream)
    text = io.BufferedReader(whole) if encoding == "utf-8" else io.BufferedReader(_Recoded(whole, encoding))
    # a line of half a million columns would take the parser a quarter of a minute
    if (many := sample.split(b"\n", 1)[0].count(b",")) > 100 * max_columns:
        raise _too_many_columns(many + 1, max_columns)
    header = _header(sample.removeprefix(codecs.BOM_UTF8), encoding)
    if len(header) > max_columns:
        raise _too_many_columns(len(header), max_columns)
    return Sheet(name="", header=header, header_row=1, chunks=_ahead(_chunks(text, len(header), whole)))


def _too_many_columns(columns: int, limit: int) -> FileRefused:
    return FileRefused(
        "too_many_columns", f"表有 {columns} 列，超过上限 {limit} 列", "请使用省里的模板，删去多余的列"
    )


def _encoding(sample: bytes, *, whole: bool) -> str:
    # the sample may cut a character in two: an incremental decoder waits for its rest
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
        except UnicodeDecodeError:
            continue
        if "\0" in sample.decode(encoding, errors="ignore")[:1000]:
            break
        return encoding
    raise FileRefused(
        "encoding",
        "文件不是 UTF-8 或 GB18030 编码的文本",
        "请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重新报送",
    )


def _header(sample: bytes, encoding: str) -> list[str]:
    line = sample.decode(encoding, errors="ignore").lstrip("\r\n")
    try:
        table = pacsv.open_csv(
            io.BytesIO(line.encode() + b"\n"),
            read_options=pacsv.ReadOptions(
                autogenerate_column_names=True, block_size=max(len(line.encode()) + 2, 64)
            ),
            parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda row: "skip"),
            convert_options=_all_text(2000),
        )
        first = table.read_next_batch()
    except pa.ArrowInvalid as error:
        raise FileRefused(
            "header_missing", "第一行不是能识别的表头", "请检查第一行的逗号和引号，或使用省里的模板", row=1
        ) from error
    return [str(column[0].as_py() or "").strip() for column in first.columns]


def _all_text(columns: int) -> pacsv.ConvertOptions:
    return pacsv.ConvertOptions(
        column_types={f"f{at}": pa.string() for at in range(columns)},
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        null_values=[""],
    )


def _batches(
    text: BinaryIO, columns: int, misshapen: list[int], whole: "_Rejoined"
) -> Iterator[pa.RecordBatch]:
    last, rows = None, 0

    def keep(row: pacsv.InvalidRow) -> str:
        misshapen.append(row.number)
        return "skip"

    try:
        for batch in pacsv.open_csv(
            text,
            # one thread: only then does a misshapen row tell its number
            read_options=pacsv.ReadOptions(
                column_names=[f"f{at}" for at in range(columns)], block_size=BLOCK, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=_all_text(columns),
        ):
            last, rows = batch if batch.num_rows else last, rows + batch.num_rows
            yield batch
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):  # a header without a line's end
            raise _broken(str(error)) from error
    if whole.quotes % 2 and last and any("\n" in (column[-1].as_py() or "") for column in last.columns):
        raise _open_quote(rows + len(misshapen))


def _broken(error: str) -> FileRefused:
    if "straddling" in error:  # a cell longer than a block
        return _open_quote(None)
    row = re.search(r"Row #(\d+)", error)
    return FileRefused(
        "encoding",
        f"第 {row[1]} 行有不能识别的字符" if row else "文件中有不能识别的字符",
        "请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重新报送",
        row=int(row[1]) if row else None,
    )


def _open_quote(row: int | None) -> FileRefused:
    return FileRefused(
        "row_shape", "有一个引号没有结束，后面的行都成了一个单元格的内容", "请检查引号是否成对", row=row
    )


def _chunks(text: BinaryIO, columns: int, whole: "_Rejoined") -> Iterator[pl.DataFrame]:
    misshapen: list[int] = []
    next_row = 1
    for batch in _batches(text, columns, misshapen, whole):
        frame = pl.from_arrow(batch).rename({f"f{at}": str(at) for at in range(columns)})
        # Excel counts the misshapen rows too, which Arrow leaves out; it reads ahead, so some belong to later batches
        numbers = pl.int_range(next_row, next_row + frame.height + len(misshapen), dtype=pl.Int32, eager=True)
        if misshapen:
            numbers = numbers.filter(~numbers.is_in(misshapen)).head(frame.height)
        if frame.height:
            next_row = numbers[-1] + 1
        frame = frame.with_columns(numbers.alias("_row_number"), pl.lit(False).alias("_misshapen"))
        yield frame.slice((numbers == 1).sum())  # without the header
    if misshapen:
        numbers = pl.Series("_row_number", sorted(misshapen), dtype=pl.Int32)
        empty = {str(at): pl.Series([None] * len(misshapen), dtype=pl.String) for at in range(columns)}
        yield pl.DataFrame(empty | {"_row_number": numbers, "_misshapen": [True] * len(misshapen)})


def _ahead(chunks: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Reads the next chunk in a thread of its own while this one is being checked."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


class _Rejoined(io.RawIOBase):
    """The sample that was read ahead, then the rest of the stream. Counts quotes: an odd one swallows what follows."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = memoryview(head), rest
        self.quotes = head.count(b'"')

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self._head:
            size = min(len(buffer), len(self._head))
            buffer[:size] = self._head[:size]
            self._head = self._head[size:]
            return size
        data = self._rest.read(len(buffer))
        self.quotes += data.count(b'"')
        buffer[: len(data)] = data
        return len(data)


class _Recoded(io.RawIOBase):
    """A stream of another encoding as UTF-8. A byte that is no character becomes an invalid one, which Arrow reports."""

    def __init__(self, source: io.RawIOBase, encoding: str) -> None:
        self._source, self._decoder = source, codecs.getincrementaldecoder(encoding)()
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._ready:
            data = self._source.read(1 << 20) or b""
            try:
                self._ready = self._decoder.decode(data, final=not data).encode()
            except UnicodeDecodeError:
                self._ready = b"\xff\n"
                self._decoder.reset()
            if not data:
                break
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

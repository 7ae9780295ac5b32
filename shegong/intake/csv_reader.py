"""A CSV as a Sheet, read in blocks: memory does not grow with the file."""

import codecs
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from time import sleep
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from shegong.intake import messages, text_encoding, text_top
from shegong.intake.envelope import FileRefused
from shegong.intake.header import plain
from shegong.intake.sheets import Sheet

BLOCK = 2 << 20  # bytes of a block: five are under way at a time, each some forty times its size in memory
_SAMPLE = 1 << 20
_NOTHING = "\x1a\0 \t\r"
_LAST_READ = 0.2  # seconds


def read(stream: BinaryIO, name: str, max_columns: int, known: frozenset[str] = frozenset()) -> Sheet:
    """Open a text of cells in any encoding of text_encoding.py, parted by commas, tabs, semicolons or full-width commas.

    `known` headers find the header row and the sign that parts cells; without any, the first row is the header.
    A row with more or fewer cells than the header comes as a chunk row whose cells are all null but `_misshapen`.
    Raises FileRefused when it is no text, or has no header.
    """
    sample = stream.read(_SAMPLE)
    if not sample.strip():
        raise FileRefused("empty", "文件是空的", "请检查文件内容后重新报送", sheet=name)
    encoding, mark = _encoding(sample, whole=len(sample) < _SAMPLE)
    beginning = _text_of(sample[mark:], encoding)
    # a line of half a million columns would take the parser a quarter of a minute
    line = beginning.split("\n", 1)[0]
    if (many := max(map(line.count, text_top.SIGNS))) > 100 * max_columns:
        raise _too_many_columns(many + 1, max_columns)
    top = text_top.find(beginning, known)
    bytes_read = _Rejoined(sample[mark:], stream)
    if encoding != "utf-8" or top.delimiter == text_top.WIDE_COMMA:
        bytes_read = _Recoded(bytes_read, encoding, top.delimiter)
    text = _Gate(io.BufferedReader(bytes_read))
    text.read(top.skipped)
    # the header row itself is read by Arrow, which then reads the rest alike
    rest = text_top.parted(beginning, top.delimiter).encode()[top.skipped :]
    cells = _header(rest.decode(), top.sign)
    header = top.header or plain(cells, top.first_row - 1)
    if len(cells) > max_columns:
        raise _too_many_columns(len(cells), max_columns)
    names = header.names + [""] * (len(cells) - len(header.names))
    return Sheet(
        name="",
        header=names,
        header_row=header.last + 1,
        chunks=_ahead(_chunks(text, len(cells), bytes_read, top)),
        labels=top.labels,
        paths=header.paths,
        notices=[messages.WIDE_COMMA] if top.delimiter == text_top.WIDE_COMMA else [],
    )


def _too_many_columns(columns: int, limit: int) -> FileRefused:
    return FileRefused(
        "too_many_columns", f"表有 {columns} 列，超过上限 {limit} 列", "请使用省里的模板，删去多余的列"
    )


def _encoding(sample: bytes, *, whole: bool) -> tuple[str, int]:
    if found := text_encoding.detect(sample, whole=whole):
        return found
    raise FileRefused(
        "encoding",
        "文件不是 UTF-8、UTF-16 或 GB18030 编码的文本",
        "请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重新报送",
    )


def _text_of(sample: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)().decode(sample)


def _header(line: str, sign: str) -> list[str]:
    try:
        table = pacsv.open_csv(
            io.BytesIO(line.encode() + b"\n"),
            read_options=pacsv.ReadOptions(
                autogenerate_column_names=True, block_size=max(len(line.encode()) + 2, 64)
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=sign, newlines_in_values=True, invalid_row_handler=lambda row: "skip"
            ),
            convert_options=_all_text(line.count(sign) + 1),
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
    text: "_Gate",
    columns: int,
    misshapen: list[int],
    blank: list[int],
    whole: "_Rejoined | _Recoded",
    top: text_top.Top,
) -> Iterator[pa.RecordBatch]:
    last, rows, before = None, 0, top.first_row - 1

    def keep(row: pacsv.InvalidRow) -> str:
        # DOS ended a text with a sign of its own, and some programs fill it up to a round size
        (misshapen if row.text.strip(_NOTHING) else blank).append(row.number + before)
        return "skip"

    try:
        for batch in pacsv.open_csv(
            text,
            # one thread: only then does a misshapen row tell its number
            read_options=pacsv.ReadOptions(
                column_names=[f"f{at}" for at in range(columns)], block_size=BLOCK, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=top.sign,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            convert_options=_all_text(columns),
        ):
            last, rows = batch if batch.num_rows else last, rows + batch.num_rows
            yield batch
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):  # a header without a line's end
            text.shut()
            raise _broken(str(error), whole.quotes) from error
    except GeneratorExit:
        text.shut()
        raise
    if whole.quotes % 2 and last and any("\n" in (column[-1].as_py() or "") for column in last.columns):
        raise _open_quote(rows + len(misshapen) + len(blank) + before)


def _broken(error: str, quotes: int) -> FileRefused:
    if "straddling" in error:  # a row longer than a block
        if quotes:
            return _open_quote(None)
        return FileRefused(
            "line_too_long", f"有一行超过 {BLOCK >> 20} MiB 的上限", "请检查文件内容，或用 Excel 重新另存"
        )
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


def _chunks(
    text: "_Gate", columns: int, whole: "_Rejoined | _Recoded", top: text_top.Top
) -> Iterator[pl.DataFrame]:
    misshapen: list[int] = []
    blank: list[int] = []  # rows of one cell that holds nothing but signs that nobody sees
    next_row = top.first_row
    for batch in _batches(text, columns, misshapen, blank, whole, top):
        frame = pl.from_arrow(batch).rename({f"f{at}": str(at) for at in range(columns)})
        # Excel counts the misshapen rows too, which Arrow leaves out; it reads ahead, so some belong to later batches
        left_out = misshapen + blank
        numbers = pl.int_range(next_row, next_row + frame.height + len(left_out), dtype=pl.Int32, eager=True)
        if left_out:
            numbers = numbers.filter(~numbers.is_in(left_out)).head(frame.height)
        if frame.height:
            next_row = numbers[-1] + 1
        frame = frame.with_columns(numbers.alias("_row_number"), pl.lit(False).alias("_misshapen"))
        if top.delimiter == text_top.WIDE_COMMA:  # those within quotation marks were no separators
            frame = frame.with_columns(
                pl.col(pl.String).str.replace_all(top.sign, top.delimiter, literal=True)
            )
        yield frame.slice((numbers == top.first_row).sum())  # without the header
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


class _Gate:
    """The stream as Arrow reads it ahead, in a thread that may not be at it any more when the process ends."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._lock, self._is_open, self._ended = stream, Lock(), True, Event()

    def read(self, size: int) -> bytes:
        with self._lock:
            data = self._stream.read(size) if self._is_open else b""
        if not data:
            self._ended.set()
        return data

    def shut(self) -> None:
        """From now on there is nothing to read. Waits until that has been seen, or until nobody asks any more."""
        with self._lock:
            self._is_open = False
        if not self._ended.wait(_LAST_READ):
            return
        sleep(_LAST_READ / 10)  # the reading thread is still on its way out of Python


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

    def __init__(self, source: io.RawIOBase, encoding: str, delimiter: str) -> None:
        self._source, self._decoder = source, codecs.getincrementaldecoder(encoding)()
        self._ready, self._is_wide, self.quotes = b"", delimiter == text_top.WIDE_COMMA, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._ready:
            data = self._source.read(1 << 20) or b""
            try:
                text = self._decoder.decode(data, final=not data)
                if self._is_wide:
                    text = text.replace(text_top.WIDE_COMMA, text_top.STAND_IN)
                self.quotes += text.count('"')
                self._ready = text.encode()
            except UnicodeDecodeError:
                self._ready = b"\xff\n"
                self._decoder.reset()
            if not data:
                break
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

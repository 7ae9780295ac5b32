"""Columns as bytes: what hashes and ciphers take and give, without a Python object per row. No column has a meaning here."""

import numpy as np
import polars as pl
import pyarrow as pa


def rows_of_bytes(texts: pl.Series, width: int) -> np.ndarray:
    """The UTF-8 of texts that all have `width` bytes, one row each. Raises ValueError where one has another length."""
    if not len(texts):
        return np.empty((0, width), dtype=np.uint8)
    array = texts.cast(pl.Binary).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    ends = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    if array.null_count or (np.diff(ends) != width).any():
        raise ValueError(f"not all of {len(texts)} texts have {width} bytes")
    content = np.frombuffer(array.buffers()[2], dtype=np.uint8)[ends[0] : ends[-1]]
    return content.reshape(-1, width)


def binary_column(content: bytes, width: int) -> pl.Series:
    """Bytes that stand one row after the other, `width` each, as a column."""
    rows = len(content) // width
    array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, pa.py_buffer(content)])
    return pl.Series(pl.from_arrow(array), dtype=pl.Binary)

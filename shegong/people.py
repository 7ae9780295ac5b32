"""People without their names: check digits, keyed hashes, masks.

Outside this module and the vault a person is a person_key. Document numbers follow GB 11643-1999.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl
import polars_hash  # noqa: F401 gives expressions their .chash
import pyarrow.compute as pc

from shegong.byte_columns import binary_column, rows_of_bytes

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.uint16)
CHECK_DIGITS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_DAYS_IN_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_SEX = pl.Series(["2", "1"])  # by the parity of the 17th digit
KEY_VERSION = 1
_DIGEST = 32  # bytes of SHA-256
_KEY = 32  # hexadecimal digits of it that a key keeps


@dataclass(frozen=True)
class Numbers:
    """What 18-character identity card numbers say, row by row. Where `is_valid` is False the rest means nothing."""

    is_valid: np.ndarray
    has_check_digit: np.ndarray
    birth_date: pl.Series
    sex: pl.Series


def read_numbers(numbers: pl.Series) -> Numbers:
    """Read identity card numbers that all have the form of 17 digits and a digit or X.

    Only the form, the calendar date and the check digit are asked: the region in the number is that of the first
    card, and refusing by today's list of regions would refuse most people born before 1980 (domain.md, 2).
    """
    digits = rows_of_bytes(numbers, 18)
    value = np.ascontiguousarray(digits[:, :17].T).astype(np.uint16) - ord(
        "0"
    )  # by place: each is one run of memory
    has_check_digit = CHECK_DIGITS[(value * WEIGHTS[:, None]).sum(axis=0) % 11] == digits[:, 17]
    year = value[6] * 1000 + value[7] * 100 + value[8] * 10 + value[9]
    month = value[10] * 10 + value[11]
    day = value[12] * 10 + value[13]
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    is_date = (year >= 1900) & (month >= 1) & (month <= 12) & (day >= 1)
    is_date &= day <= _DAYS_IN_MONTH[np.minimum(month, 12)]
    is_date &= ~((month == 2) & (day == 29) & ~is_leap)
    births = pl.DataFrame({"y": year.astype(np.int32), "m": month.astype(np.int8), "d": day.astype(np.int8)})
    births = births.with_columns(ok=pl.Series(is_date))
    birth_date = births.select(
        pl.when("ok").then(
            pl.date(pl.col("y"), pl.when("ok").then("m").otherwise(1), pl.when("ok").then("d").otherwise(1))
        )
    ).to_series()
    sex = _SEX.gather(value[16] % 2)
    return Numbers(has_check_digit & is_date, has_check_digit, birth_date, sex)


class Hasher:
    """HMAC-SHA256 under the person key, cut to 128 bits: stands for a person or a name and can't be reversed
    by whoever lacks the key (a plain hash could be: all numbers of a province are 4e9)."""

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(64, b"\0")
        self._inner = bytes(byte ^ 0x36 for byte in padded)
        self._outer = bytes(byte ^ 0x5C for byte in padded)

    def key(self, text: str) -> str:
        inner = hashlib.sha256(self._inner + text.encode()).digest()
        return hashlib.sha256(self._outer + inner).hexdigest()[:_KEY]

    def keys(self, texts: pl.Series) -> pl.Series:
        """Keys row by row; null stays null."""
        known = texts.drop_nulls()
        keys = self._keys(known) if len(known) else pl.Series(dtype=pl.String)
        if len(known) == len(texts):
            return keys.alias(texts.name)
        return (
            pl.Series(texts.name, [None], dtype=pl.String)
            .new_from_index(0, len(texts))
            .scatter(texts.is_not_null().arg_true(), keys)
        )

    def name_keys(self, names: pl.Series) -> pl.Series:
        """Keys row by row; names repeat and hashes are dear, so each is hashed once."""
        found = pc.dictionary_encode(names.to_arrow(compat_level=pl.CompatLevel.oldest()))
        keys = self.keys(pl.Series(pl.from_arrow(found.dictionary), dtype=pl.String))
        return keys.gather(pl.Series(pl.from_arrow(found.indices), dtype=pl.UInt32))

    def _keys(self, texts: pl.Series) -> pl.Series:
        # polars_hash has an HMAC, but only under keys that are text
        inner = _sha256(self._inner, texts.cast(pl.Binary))
        digests = bytes.fromhex(inner.str.join("")[0])
        return _sha256(self._outer, binary_column(digests, _DIGEST)).str.head(_KEY)


def _sha256(prefix: bytes, rows: pl.Series) -> pl.Series:
    """SHA-256 of the prefix and each row, as lower-case hexadecimal text."""
    return pl.select((pl.lit(prefix) + pl.lit(rows)).chash.sha2_256()).to_series()


def person_text(id_type: str, id_no: str) -> str:
    """What is hashed to a person_key: two kinds of document never meet."""
    return f"{id_type}:{id_no}"


def mask_number(number: str | None) -> str | None:
    """3****************X: first and last character only, since a longer mask with a birth year is no mask."""
    if number is None:
        return None
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) > 2 else "*" * len(number)


def mask_numbers(numbers: pl.Series) -> pl.Series:
    """mask_number row by row; nearly all have the length of an identity card, which is one pass."""
    masked = numbers.str.slice(0, 1) + "*" * 16 + numbers.str.slice(-1)
    other = (numbers.str.len_chars() != 18).fill_null(False)
    if other.any():
        masked = masked.scatter(other.arg_true(), [mask_number(number) for number in numbers.filter(other)])
    return masked


def mask_name(name: str | None) -> str | None:
    return None if name is None else f"{name[:1]}{'*' * max(len(name) - 1, 1)}"

"""People without their names: check digits, keyed hashes, masks, and what the vault keeps sealed.

Outside this module and the vault a person is a person_key. Document numbers follow GB 11643-1999.
"""

import hashlib
import os
from dataclasses import dataclass

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.uint16)
_CHECK_DIGITS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_DAYS_IN_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
KEY_VERSION = 1


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
    count = len(numbers)
    digits = np.frombuffer("".join(numbers.to_list()).encode("ascii"), dtype=np.uint8).reshape(count, 18)
    value = (digits[:, :17] - ord("0")).astype(np.uint16)
    has_check_digit = _CHECK_DIGITS[(value * _WEIGHTS).sum(axis=1) % 11] == digits[:, 17]
    year = value[:, 6] * 1000 + value[:, 7] * 100 + value[:, 8] * 10 + value[:, 9]
    month = value[:, 10] * 10 + value[:, 11]
    day = value[:, 12] * 10 + value[:, 13]
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    is_date = (year >= 1900) & (month >= 1) & (month <= 12) & (day >= 1)
    is_date &= day <= _DAYS_IN_MONTH[np.minimum(month, 12)]
    is_date &= ~((month == 2) & (day == 29) & ~is_leap)
    births = pl.DataFrame({"y": year.astype(np.int32), "m": month.astype(np.int8), "d": day.astype(np.int8)})
    births = births.with_columns(ok=pl.Series(is_date))
    birth_date = births.select(
        pl.when("ok").then(pl.date(pl.col("y"), pl.when("ok").then("m").otherwise(1), pl.when("ok").then("d").otherwise(1)))
    ).to_series()
    sex = pl.Series(np.where(value[:, 16] % 2 == 1, "1", "2"))
    return Numbers(has_check_digit & is_date, has_check_digit, birth_date, sex)


class Hasher:
    """HMAC-SHA256 under the person key, cut to 128 bits: stands for a person or a name and can't be reversed
    by whoever lacks the key (a plain hash could be: all numbers of a province are 4e9)."""

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def key(self, text: str) -> str:
        # copying two prepared states is 2.7 times as fast as hmac.digest (measured on 3.11)
        inner = self._inner.copy()
        inner.update(text.encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()[:32]

    def keys(self, texts: pl.Series) -> pl.Series:
        """Keys row by row; null stays null."""
        key = self.key
        return pl.Series(texts.name, [None if text is None else key(text) for text in texts.to_list()], dtype=pl.String)


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


class Vault:
    """Seals and opens what the vault keeps of a person: document and name, AES-256-GCM, one nonce a record."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal_all(self, person_keys: list[str], id_types: list[str], id_nos: list[str], names: list[str | None]) -> list[bytes]:
        """One sealed record a person; bound to its person_key, so that records can't be exchanged."""
        nonces = os.urandom(12 * len(person_keys))
        encrypt = self._cipher.encrypt
        sealed = []
        for at, (key, id_type, id_no, name) in enumerate(zip(person_keys, id_types, id_nos, names, strict=True)):
            nonce = nonces[at * 12 : at * 12 + 12]
            content = f"{id_type}\t{id_no}\t{name or ''}"
            sealed.append(nonce + encrypt(nonce, content.encode(), key.encode()))
        return sealed

    def open(self, person_key: str, sealed: bytes) -> dict[str, str]:
        """The document and name of one person, from what vault.reveal() gave. Raises InvalidTag if it was exchanged."""
        content = self._cipher.decrypt(sealed[:12], sealed[12:], person_key.encode()).decode()
        return dict(zip(("id_type", "id_no", "person_name"), content.split("\t"), strict=True))

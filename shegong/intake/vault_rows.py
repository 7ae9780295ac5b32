"""What the vault is to keep of a chunk's people: who is new to it, sealed, as the bytes of a binary COPY.

Binary, since the vault's rows are half of what intake writes: PostgreSQL takes them in 0.45 of the time of CSV.
"""

import struct
from datetime import UTC, datetime

import numpy as np
import polars as pl
import psycopg

from shegong.byte_columns import rows_of_bytes
from shegong.intake.seen_keys import SeenKeys
from shegong.people import KEY_VERSION
from shegong.vault import Vault, contents_of

COPY = "copy vault.person (person_key, content_key, key_version, sealed, submission_id, recorded_at) from stdin (format binary)"
_KNOWN = """select person_key, content_key
from unnest(string_to_array(%s, ',')) as asked (person_key) inner join vault.person using (person_key)"""
_ALL = """copy (
    select ('x' || left(person_key, 16))::bit(64)::bigint # ('x' || rpad(left(content_key, 16), 16, '0'))::bit(64)::bigint
    from vault.person
) to stdout (format binary)"""
_PERSON = ["person_key", "content_key"]
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts its microseconds from here
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_KEY = 32  # bytes of a key


def persons(rows: pl.DataFrame) -> pl.DataFrame:
    """The people of these accepted rows: person_key, content_key, and the cells to seal."""
    named = rows.filter(rows["person_key"].is_not_null()) if rows["person_key"].null_count() else rows
    return named.select(
        "person_key", pl.col("name_key").fill_null("").alias("content_key"), "id_type", "id_no", "person_name"
    )


class Newcomers:
    """Tells whom the vault does not hold yet under this name. For one file, inside its transaction.

    The first 50,000 people of a file are looked up one by one, 1.2 µs each. A file that has more is worth fetching
    all that the vault holds, as 64 bits a record (0.5 µs each): from then on the database isn't asked again.
    """

    _LOOKED_UP = 50_000

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._asked = 0
        # of this file: its last half million, since a person noted twice is harmless and memory isn't
        self._recent = SeenKeys(most=500_000)
        self._held: SeenKeys | None = None

    def ask(self, asked: pl.DataFrame) -> pl.DataFrame | None:
        """What the database knows about these people; None from the time when it need not be asked."""
        self._asked += asked.height
        if self._held is None and self._asked > self._LOOKED_UP:
            self._held = SeenKeys()
            self._held.again(self._fetch())
        if self._held is not None:
            return None
        keys = asked["person_key"].str.join(",")[0]  # one text: an array costs psycopg 2 µs an element
        found = self._connection.execute(_KNOWN, [keys]).fetchall()
        return pl.DataFrame(found, schema=dict.fromkeys(_PERSON, pl.String), orient="row")

    def among(self, asked: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
        """Those asked about who are new, by the answer that `ask` gave; to be called once for each answer, in order."""
        fingerprints = _fingerprints(asked)
        again = self._recent.again(fingerprints)
        if known is None:
            return asked.filter(~(again | self._held.holds(fingerprints)))
        return asked.filter(~again).join(known, on=_PERSON, how="anti", maintain_order="left")

    def _fetch(self) -> pl.Series:
        with self._connection.cursor().copy(_ALL) as copy:
            content = b"".join(copy)
        record = np.dtype([("fields", ">i2"), ("length", ">i4"), ("value", ">i8")])
        held = np.frombuffer(
            content, dtype=record, offset=len(_HEAD), count=(len(content) - len(_HEAD)) // record.itemsize
        )
        return pl.Series(held["value"].astype(np.int64).view(np.uint64))


def _fingerprints(persons: pl.DataFrame) -> pl.Series:
    """64 bits of person and name, as _ALL has them: both keys are hashes already, so their first halves will do."""
    halves = persons.select(pl.col(_PERSON).str.slice(0, 16).str.pad_end(16, "0"))
    words = [np.frombuffer(bytes.fromhex(half.str.join("")[0]), dtype=">u8") for half in halves if len(half)]
    return pl.Series(np.bitwise_xor(*words).astype(np.uint64)) if words else pl.Series(dtype=pl.UInt64)


class Waiting:
    """Sealed people until there are enough of them to be written: in the order of the vault's index, many at a time.

    PostgreSQL takes 100,000 at once in 0.75 of the time of five times 20,000, since a b-tree's pages are then filled
    one after the other (measured on 18.6); most of that comes with 60,000. They wait as the bytes of their rows.
    """

    ENOUGH = 60_000
    _KEY_AT = 6  # bytes of a row before its person_key

    def __init__(self, vault: Vault, submission_id: int, now: datetime) -> None:
        recorded = (now - _EPOCH) // now.resolution
        self._vault, self._tail = vault, struct.pack(">iqiq", 8, submission_id, 8, recorded)
        self._rows: dict[int, list[np.ndarray]] = {}  # by their length
        self._count = 0

    def add(self, new: pl.DataFrame) -> bytes:
        """Seal the people of `new`; what COPY is fed once enough are waiting, nothing before."""
        sized = new.with_columns(content=contents_of(new)).with_columns(
            size=pl.col("content").str.len_bytes(), named=pl.col("content_key").str.len_bytes()
        )
        # people whose rows have one length are one block of memory; nearly all have the same few lengths
        for group in sized.partition_by("named", "size") if new.height else ():
            rows = self._sealed(group)
            self._rows.setdefault(rows.shape[1], []).append(rows)
        self._count += new.height
        return self.all() if self._count >= self.ENOUGH else b""

    def all(self) -> bytes:
        """What COPY is fed for all who wait, and who then wait no longer; nothing for nobody."""
        waiting, self._rows, self._count = self._rows, {}, 0
        return b"".join((_HEAD, *map(self._ordered, waiting.values()), _END)) if waiting else b""

    def _ordered(self, parts: list[np.ndarray]) -> memoryview:
        rows = np.concatenate(parts)
        begin = np.ascontiguousarray(rows[:, self._KEY_AT : self._KEY_AT + 8]).view(">u8").ravel()
        return rows[np.argsort(begin.astype(np.uint64))].data.cast("B")

    def _sealed(self, people: pl.DataFrame) -> np.ndarray:
        """Rows of a binary COPY, for people whose contents have one length."""
        keys = rows_of_bytes(people["person_key"], _KEY)
        sealed = self._vault.seal(keys, rows_of_bytes(people["content"], people["size"][0]))
        fields = (
            struct.pack(">hi", 6, _KEY),
            keys,
            struct.pack(">i", people["named"][0]),
            rows_of_bytes(people["content_key"], people["named"][0]),
            struct.pack(">ihi", 2, KEY_VERSION, sealed.shape[1]),
            sealed,
            self._tail,
        )
        alike = (np.broadcast_to(np.frombuffer(field, np.uint8), (len(keys), len(field)))
                 if isinstance(field, bytes) else field for field in fields)  # fmt: skip
        return np.concatenate(list(alike), axis=1)

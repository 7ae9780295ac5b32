"""The archive: every file that came, encrypted, under the SHA-256 of its content. Nothing reads a county's file elsewhere.

A file is a header and segments of 1 MiB, each sealed by AES-256-GCM under its number and whether it is the last:
a segment can't be changed, moved, or cut off unnoticed, and gigabytes are read without holding them. The last one is
bound to the content's hash, so that no file can stand in another's place.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEGMENT = 1 << 20
MAGIC = b"SHEGONG1"
_NONCE = 7  # bytes at random for each file; the other five count its segments


class FileTooLarge(Exception):
    """The file is larger than the limit given."""


class Archive:
    """Files by content hash below `folder`, a pathlib-like path (pathlib.Path, ObjectStoragePath, UPath)."""

    def __init__(self, folder, key: bytes) -> None:
        self._folder = folder
        self._cipher = AESGCM(key)

    def put(self, source: BinaryIO, limit: int | None = None) -> tuple[str, int]:
        """Encrypt `source` into the archive; its content hash and size in bytes.

        The file gets its name last: after a kill there is an unfinished file, never a broken one. The same content
        again is the same file. Raises FileTooLarge beyond `limit` bytes, and keeps nothing.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"unfinished-{os.getpid()}-{os.urandom(4).hex()}"
        digest, size = hashlib.sha256(), 0
        try:
            with unfinished.open("wb") as target:
                prefix = os.urandom(_NONCE)
                target.write(MAGIC + prefix)
                for number, (segment, is_last) in enumerate(_segments(source)):
                    digest.update(segment)
                    size += len(segment)
                    if limit is not None and size > limit:
                        raise FileTooLarge
                    bound_to = digest.digest() if is_last else None
                    target.write(self._cipher.encrypt(_nonce(prefix, number, is_last), segment, bound_to))
            target_path = self.path(digest.hexdigest())
            target_path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.rename(target_path)
        finally:
            with suppress(FileNotFoundError):
                unfinished.unlink()
        return digest.hexdigest(), size

    def path(self, content_hash: str):
        return self._folder / content_hash[:2] / content_hash

    def open(self, content_hash: str) -> BinaryIO:
        """The file's plain content as a stream. Raises FileNotFoundError, InvalidTag when it was tampered with."""
        stored = self.path(content_hash).open("rb")
        return io.BufferedReader(
            _Opened(stored, self._cipher, bytes.fromhex(content_hash)), buffer_size=SEGMENT
        )


def _segments(source: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    segment = _read_whole(source)
    while True:
        following = _read_whole(source) if segment else b""
        yield segment, not following
        if not following:
            return
        segment = following


def _read_whole(source: BinaryIO) -> bytes:
    """A whole segment, also from a source that hands out less than it is asked for."""
    parts, missing = [], SEGMENT
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


class _Opened(io.RawIOBase):
    """Decrypts segment by segment."""

    def __init__(self, stored: BinaryIO, cipher: AESGCM, digest: bytes) -> None:
        self._stored, self._cipher, self._digest = stored, cipher, digest
        header = stored.read(len(MAGIC) + _NONCE)
        if not header.startswith(MAGIC):
            raise ValueError("not a file of this archive")
        self._prefix, self._number, self._plain = header[len(MAGIC) :], 0, memoryview(b"")
        self._sealed = stored.read(SEGMENT + 16)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self._plain and self._sealed:
            following = self._stored.read(SEGMENT + 16)
            nonce = _nonce(self._prefix, self._number, not following)
            self._plain = memoryview(
                self._cipher.decrypt(nonce, self._sealed, None if following else self._digest)
            )
            self._sealed, self._number = following, self._number + 1
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def close(self) -> None:
        self._stored.close()
        super().close()

"""The archive keeps bytes as they came, under their hash, and notices whoever changes, moves or cuts a segment."""

import hashlib
import io

import pytest
from cryptography.exceptions import InvalidTag

from shegong.archive import MAGIC, SEGMENT, Archive, FileTooLarge

KEY = bytes(range(32))
HEAD, SEALED = len(MAGIC) + 7, SEGMENT + 16
THREE = bytes(range(256)) * (SEGMENT // 256) * 2 + b"end"


class Dripping(io.RawIOBase):
    """A source that hands out less than it is asked for."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def read(self, size: int = -1) -> bytes:
        size = min(size, 77_777)
        part, self._rest = self._rest[:size], self._rest[size:]
        return part


@pytest.fixture
def archive(tmp_path) -> Archive:
    return Archive(tmp_path / "archive", KEY)


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, len(THREE)])
def test_what_goes_in_comes_out(archive: Archive, size: int) -> None:
    content = THREE[:size]
    content_hash, counted = archive.put(io.BytesIO(content))
    assert (content_hash, counted) == (hashlib.sha256(content).hexdigest(), size)
    with archive.open(content_hash) as stream:
        assert stream.read() == content


def test_a_source_that_drips_gives_the_same(archive: Archive) -> None:
    content_hash, _ = archive.put(Dripping(THREE))
    with archive.open(content_hash) as stream:
        assert b"".join(iter(lambda: stream.read(12_345), b"")) == THREE


def test_nothing_is_readable_on_the_disk(archive: Archive) -> None:
    content_hash, _ = archive.put(io.BytesIO("王明,330106199001010018".encode() * 9))
    assert b"330106" not in archive.path(content_hash).read_bytes()


def test_the_same_content_again_is_the_same_file(archive: Archive, tmp_path) -> None:
    assert archive.put(io.BytesIO(THREE)) == archive.put(io.BytesIO(THREE))
    assert len([path for path in (tmp_path / "archive").rglob("*") if path.is_file()]) == 1


def moved(sealed: bytes) -> bytes:
    one, two = sealed[HEAD : HEAD + SEALED], sealed[HEAD + SEALED : HEAD + 2 * SEALED]
    return sealed[:HEAD] + two + one + sealed[HEAD + 2 * SEALED :]


SPOILT = {
    "a bit": lambda s: s[: HEAD + 99] + bytes([s[HEAD + 99] ^ 1]) + s[HEAD + 100 :],
    "a bit of the nonce": lambda s: s[: HEAD - 1] + bytes([s[HEAD - 1] ^ 1]) + s[HEAD:],
    "cut in a segment": lambda s: s[:-1],
    "cut after a segment": lambda s: s[: HEAD + 2 * SEALED],
    "cut to the first": lambda s: s[: HEAD + SEALED],
    "segments exchanged": moved,
    "one more at the end": lambda s: s + s[-19:],
    "first one doubled": lambda s: s[: HEAD + SEALED] + s[HEAD:],
}


@pytest.mark.parametrize("how", SPOILT)
def test_whoever_touches_a_file_is_noticed(archive: Archive, how: str) -> None:
    content_hash, _ = archive.put(io.BytesIO(THREE))
    path = archive.path(content_hash)
    path.write_bytes(SPOILT[how](path.read_bytes()))
    with pytest.raises(InvalidTag), archive.open(content_hash) as stream:
        stream.read()


def test_a_file_put_in_anothers_place_is_noticed(archive: Archive) -> None:
    one, two = (archive.put(io.BytesIO(content))[0] for content in (b"one", b"two"))
    archive.path(one).write_bytes(archive.path(two).read_bytes())
    with pytest.raises(InvalidTag), archive.open(one) as stream:
        stream.read()


def test_a_file_of_something_else_is_no_archive(archive: Archive) -> None:
    content_hash, _ = archive.put(io.BytesIO(b"one"))
    archive.path(content_hash).write_bytes(b"one")
    with pytest.raises(ValueError, match="not a file of this archive"):
        archive.open(content_hash)


def test_a_file_beyond_the_limit_leaves_nothing(archive: Archive, tmp_path) -> None:
    with pytest.raises(FileTooLarge):
        archive.put(io.BytesIO(THREE), limit=SEGMENT)
    assert archive.put(io.BytesIO(b"12345"), limit=5)[1] == 5
    assert len([path for path in (tmp_path / "archive").rglob("*") if path.is_file()]) == 1


def test_a_source_that_fails_leaves_nothing(archive: Archive, tmp_path) -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "the disk is ill")

    with pytest.raises(OSError, match="ill"):
        archive.put(Failing())
    assert not list((tmp_path / "archive").iterdir())

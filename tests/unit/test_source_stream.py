"""A stream from a source ends well only when it was whole, unchanged and in time; then the archive keeps it."""

import io

import pytest

from shegong.archive import Archive
from shegong.intake.places import names
from shegong.intake.places.place import FileChanged, Limits, SourceError, Whole


def changed() -> None:
    raise FileChanged


def put(folder, content: bytes, size: int, limits: Limits = Limits(), verify=lambda: None) -> None:  # noqa: B008
    stream = Whole(io.BytesIO(content), size, limits, lambda error: SourceError("server"), verify)
    Archive(folder, bytes(32)).put(stream)


def test_what_is_not_whole_leaves_nothing(tmp_path) -> None:
    with pytest.raises(SourceError, match="broken_off"):
        put(tmp_path, b"half", 8)
    with pytest.raises(FileChanged):
        put(tmp_path, b"grown", 3)
    with pytest.raises(FileChanged):
        put(tmp_path, b"whole", 5, verify=changed)
    with pytest.raises(SourceError, match="timeout"):
        put(tmp_path, b"whole", 5, Limits(work_seconds=-1))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    put(tmp_path, b"whole", 5)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_names_are_made_harmless() -> None:
    assert names.safe("../../etc/passwd") == "passwd"
    assert names.safe("C:\\报送\\人才.xlsx") == "人才.xlsx"
    assert names.safe("a\u202ev\x00\n.csv") == "av .csv"
    assert names.safe("..") == "未命名"
    assert len(names.safe("长" * 300 + ".xlsx").encode()) <= names.MOST_BYTES

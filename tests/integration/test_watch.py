"""The watcher: runs that never came, disks that fill; what is over ends by itself."""

from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from intake_files import settings_of

from shegong.alerts import watch
from shegong.calendar import SHANGHAI
from shegong.stage_time import note_stage

NOON = datetime(2026, 5, 6, 12, tzinfo=SHANGHAI)


@pytest.fixture
def ledger(database):
    with psycopg.connect(database.dsn["loader"]) as connection:
        yield connection
        connection.rollback()


def causes(connection: psycopg.Connection, now: datetime) -> list[str]:
    return [incident.cause for incident in watch.silent(connection, now)]


def test_before_the_first_run_nothing_is_missed(ledger) -> None:
    assert causes(ledger, NOON) == []


@pytest.mark.parametrize(
    ("stage", "age", "now", "expected"),
    [
        ("register", timedelta(minutes=90), NOON, []),
        ("register", timedelta(minutes=91), NOON, ["house:intake"]),
        ("register", timedelta(hours=12), NOON.replace(hour=8), []),  # nobody looks at night
        ("register", timedelta(hours=13), NOON.replace(hour=9, minute=30), ["house:intake"]),
        ("register", timedelta(hours=3), NOON.replace(hour=23), []),
        ("audit", timedelta(hours=28), NOON, []),
        ("audit", timedelta(hours=29), NOON, ["house:build"]),
        ("audit", timedelta(hours=29), NOON.replace(hour=3), ["house:build"]),  # day and night
        ("load", timedelta(days=9), NOON, []),  # nothing came: no trouble of ours
    ],
)
def test_a_run_that_leaves_nothing_behind_is_missed(ledger, stage, age, now, expected) -> None:
    note_stage(ledger, now - timedelta(days=40), stage, 1.0)
    note_stage(ledger, now - age, stage, 1.0)
    assert causes(ledger, now) == expected


def test_a_disk_with_little_room_is_told_once_and_urgently_when_it_is_nearly_full(
    tmp_path: Path, monkeypatch
) -> None:
    folders = {"归档": tmp_path, "运行目录": tmp_path}
    assert list(watch.filling(folders, 0)) == []
    (found,) = watch.filling(folders, 1e9)  # no disk has an exbibyte free
    assert (found.cause, found.severity) == ("house:disk:归档+运行目录", "critical")
    free = watch.shutil.disk_usage(tmp_path).free / watch.GIB
    (found,) = watch.filling(folders, free * 2)
    assert found.severity == "warning"


def test_what_is_over_ends_by_itself(database, tmp_path: Path) -> None:
    ours = settings_of(database, tmp_path, SHEGONG_DISK_FREE_GIB="0")
    with psycopg.connect(database.dsn["loader"]) as connection:
        note_stage(connection, NOON - timedelta(days=2), "audit", 1.0)
        assert [incident.cause for incident in watch.watch(connection, ours, NOON)] == ["house:build"]
        watch.watch(connection, ours, NOON)
        note_stage(connection, NOON, "audit", 1.0)
        assert watch.watch(connection, ours, NOON + timedelta(minutes=15)) == []
        query = "select state, times_seen, audience from ops.incident where kind = 'house'"
        assert connection.execute(query).fetchall() == [("resolved", 1, "engineers")]


def test_only_folders_of_this_machine_are_looked_at(database, tmp_path: Path) -> None:
    ours = settings_of(database, tmp_path, SHEGONG_ARCHIVE_URL="s3://archive")
    assert "归档" not in watch.places(ours)
    assert "运行目录" in watch.places(ours)

"""A disk that is full, for real: what stops says why, nothing half stays, and with room again the same run ends as an undisturbed one."""

import psycopg
import pytest
import stages_child
from intake_files import ID_2, NOW, UNIT, Ledger, as_csv, csv_name, good, place
from intake_files import settings_of as intake_settings
from left_behind import everything, sums
from own_server import own_server
from quality_rows import agency, certificate, talent
from small_disk import small_disk
from small_marts import DAY, build, never_published, read
from upath import UPath
from warehouse_rows import Rows, at, let_pass, settings_of

from shegong import reference_data, transform
from shegong.archive import Archive
from shegong.errors import ShegongError
from shegong.intake.run import load_batch
from shegong.publish import publish

pytestmark = pytest.mark.fault("disk full")

MIB = 1 << 20


def test_the_archive_keeps_no_broken_file(tmp_path) -> None:
    source = tmp_path / "large.csv"
    source.write_bytes(b"x" * (3 * MIB))
    with small_disk(tmp_path / "disk", 1) as disk:
        with source.open("rb") as stream, pytest.raises(OSError, match="No space left"):
            Archive(disk.folder, bytes(32)).put(stream)
        assert list(disk.folder.iterdir()) == []


def test_loading_and_answering_on_a_full_disk(database, tmp_path, record_property) -> None:
    """Archive and counties' places on one disk: full amid a batch, and again before the receipts."""
    record_property("points", 2)
    ledger, later = Ledger(database), ("register", "judge")
    with small_disk(tmp_path / "disk", 64) as disk:
        ours = intake_settings(database, disk.folder)
        people = [
            good("talent", effective_date=f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}") for n in range(3000)
        ]
        files = [
            place(ours, csv_name("funding"), as_csv("funding", good("funding"))),
            place(ours, csv_name("talent"), as_csv("talent", *people)),
            place(ours, csv_name("talent", sequence=2), as_csv("talent", good("talent", id_no=ID_2))),
        ]
        load_batch(ours, NOW, files, UPath)
        stages_child.run(ours, NOW, (*later, "receipts"))
        expected = everything(ledger, ours)
        ledger.clear()
        (UPath(ours.archive_url)).rename(disk.folder / "undisturbed")
        receipts = UPath(ours.counties_url) / UNIT / "receipts"
        receipts.rename(disk.folder / "receipts of before")

        disk.fill(leave_kib=100)
        with pytest.raises(
            ShegongError, match="1 of 3 files were not taken: OSError: No space left on device"
        ):
            load_batch(ours, NOW, files, UPath)
        assert ledger.rows("select file_name from ops.delivery order by 1") == [
            (csv_name("funding"),), (csv_name("talent", sequence=2),)
        ]  # fmt: skip
        assert not list(UPath(ours.archive_url).rglob("unfinished-*"))
        disk.make_room()
        assert load_batch(ours, NOW, files, UPath) == 3
        stages_child.run(ours, NOW, later)

        disk.fill()
        with pytest.raises(OSError, match="No space left on device"):
            stages_child.run(ours, NOW, ("receipts",))
        assert list(receipts.glob("*")) == []
        disk.make_room()
        stages_child.run(ours, NOW, ("receipts",))
        assert everything(ledger, ours) == expected


@pytest.fixture(scope="module")
def starved(tmp_path_factory):
    """A PostgreSQL whose data folder has a disk of its own."""
    with (
        small_disk(tmp_path_factory.mktemp("server") / "disk", 1200) as disk,
        own_server(disk.folder) as server,
    ):
        yield disk, server


def test_publishing_on_a_full_disk(starved, tmp_path) -> None:
    """A domain is carried over, which takes room; what is published is read as before."""
    disk, server = starved
    ours = settings_of(server.dsn, tmp_path)
    never_published(server)
    first = build(server, 1)
    publish(ours, at(DAY), first)
    number = build(server, 2, failed=("talent",), last=first)
    shown = "select talent.figure, agencies.figure from marts.fct_talent as talent cross join marts.dim_agencies as agencies"
    disk.fill()
    try:
        with pytest.raises(psycopg.Error, match="No space left on device"):
            publish(ours, at(DAY), number)
        assert read(server, shown) == [(1, 1)]
        assert read(server, "select state from ops.publication order by publication_id", "auditor") == [
            ("published",), ("audited",)
        ]  # fmt: skip
    finally:
        disk.make_room()
    assert publish(ours, at(DAY), number).domains["talent"] == first
    assert read(server, shown) == [(1, 2)]


@pytest.mark.slow_fault
def test_building_on_a_full_disk(database, starved, tmp_path, record_property) -> None:
    """Core, then the candidate; what is published stays whole. Compared with a build on another server."""
    record_property("points", 2)
    disk, server = starved
    never_published(server)
    expected = [two_days(database, tmp_path / "undisturbed"), two_days(server, tmp_path / "home", disk)]
    assert expected[0] == expected[1]


def two_days(database, home, disk=None) -> dict[str, tuple]:
    """A day published and a second one built; with a disk, each stage of the second is tried while it is full."""
    reference_data.load(database.dsn["admin"])
    ours, rows = settings_of(database.dsn, home), Rows(database.superuser_dsn)
    rows.submit(UNIT, "talent", "2026-05-06", [talent(n) for n in range(200)], mode="S")
    rows.submit(UNIT, "agency", "2026-05-06", [agency(n) for n in range(30)], mode="S")
    now, second = at("2026-05-06"), at("2026-05-07")
    number = transform.begin(ours, now)
    transform.build_core(ours, now, number)
    transform.build_marts(ours, now, number)
    let_pass(database.superuser_dsn, number)
    publish(ours, now, number)
    rows.submit(UNIT, "certificate", "2026-05-07", [certificate(n) for n in range(20_000)])
    number = transform.begin(ours, second)
    for stage in (transform.build_core, transform.build_marts):
        if disk:
            published = sums(database.superuser_dsn, "marts")
            disk.fill()
            try:
                with pytest.raises((ShegongError, psycopg.Error), match="No space left on device"):
                    stage(ours, second, number)
            finally:
                disk.make_room()
            database.start()
            database.wait()
            assert sums(database.superuser_dsn, "marts") == published
        stage(ours, second, number)
    return sums(database.superuser_dsn, "core", "marts_next", "marts")

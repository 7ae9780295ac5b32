"""SFTP against OpenSSH's server: files are taken once and whole, the receipt goes back, and what breaks stops nobody."""

import os
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import paramiko
import pytest
from intake_files import DAY, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, settings_of
from source_cases import NAME, TALENT, Case
from source_servers import Proxy, Sshd

from shegong.intake.places import sftp
from shegong.intake.places.place import Access


@pytest.fixture(scope="module")
def sshd(tmp_path_factory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")).running() as server:
        yield server


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "counties").mkdir()
    return settings_of(database, home, SHEGONG_SOURCE_WAIT_SECONDS="2")


@pytest.fixture
def place(tmp_path):
    """The county's folder on its server."""
    (tmp_path / "submit").mkdir()
    return tmp_path


@pytest.fixture
def case(ours, database, sshd, place) -> Iterator[Case]:
    case = Case(ours, Ledger(database), lambda connection_id: access_to(sshd))
    case.add("county", "sftp", f"{place}/submit", f"{place}/receipts")
    yield case
    case.clear()


def access_to(sshd: Sshd, **more: object) -> Access:
    extra = {"host_key": sshd.host_key, "private_key": sshd.private_key} | more.pop("extra", {})
    return Access(**({"host": "127.0.0.1", "port": sshd.port, "login": sshd.login, "extra": extra} | more))


def test_a_file_is_taken_once_and_its_receipt_lies_beside_it(case, place) -> None:
    (place / "submit" / NAME).write_bytes(TALENT)
    (place / "submit" / f"{NAME}.filepart").write_bytes(b"half")
    (place / "submit" / "link.csv").symlink_to("/etc/hostname")
    assert [file.name for file in case.run()] == [NAME]
    assert case.run() == []
    assert case.taken() == [NAME]
    assert case.ledger.rows("select rows_total, unit_code from ops.submission") == [(1, UNIT)]
    assert case.answer() == 1
    (receipt,) = (place / "receipts").iterdir()
    assert openpyxl.load_workbook(receipt).sheetnames
    assert case.ledger.rows("select receipt_path from ops.delivery") == [(f"sftp:county:{receipt}",)]
    assert case.open_incidents() == []


def test_names_in_gbk_and_tricks_in_names_are_read_and_made_harmless(case, place) -> None:
    folder = os.fsencode(place / "submit")
    names = ("330106_人才.csv".encode("gbk"), "a\u202evsc.exe\n.csv".encode(), b"x" * 250 + b".csv")
    for number, name in enumerate(names):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(
            as_csv("talent", good("talent", remark=str(number)))
        )
    case.run()
    assert case.taken() == ["330106_人才.csv", "avsc.exe .csv", "x" * 156 + ".csv"]
    assert case.answer() == 3
    assert case.run() == []


def test_a_wrong_key_is_an_incident_of_that_county_and_stops_no_other(case, sshd, place) -> None:
    (place / "submit" / NAME).write_bytes(TALENT)
    case.add("open", "sftp", f"{place}/submit", unit=OTHER_UNIT)
    good_access = case.access
    case.access = lambda _: access_to(sshd, extra={"private_key": sshd.wrong_key})
    case.ledger.rows("update reference.source set connection_id = 'good' where source_name = 'open'")
    case.access = lambda name: (
        good_access(name) if name == "good" else access_to(sshd, extra={"private_key": sshd.wrong_key})
    )
    assert [file.source for file in case.run()] == ["open"]
    assert case.open_incidents() == ["source:county:look"]
    assert "登录被拒绝" in case.said() and UNIT in case.said()
    assert "PRIVATE" not in case.said()
    case.access = good_access
    assert [file.source for file in case.run()] == ["county"]
    assert case.open_incidents() == []


def test_another_host_key_is_refused(case, sshd, place) -> None:
    (place / "submit" / NAME).write_bytes(TALENT)
    other = (sshd.folder / "wrong.pub").read_text()
    case.access = lambda _: access_to(sshd, extra={"host_key": other})
    assert case.run() == []
    assert "主机密钥与登记的不一致" in case.said()
    case.access = lambda _: access_to(sshd, extra={"host_key": ""})
    assert case.run() == []
    assert case.ledger.rows("select last_error from ops.source_look where source_name = 'county'") == [
        ("misconfigured: the connection's extra has no host_key",)
    ]


def test_broken_off_in_mid_file_leaves_nothing_and_the_next_run_takes_it_once(case, sshd, place) -> None:
    big = as_csv("talent", *(good("talent", remark=f"第{n}行" * 20) for n in range(12_000)))
    (place / "submit" / NAME).write_bytes(big)
    (place / "submit" / csv_name("talent", sequence=2)).write_bytes(TALENT)
    proxy = Proxy(sshd.port)
    case.access = lambda _: access_to(sshd, port=proxy.port)
    proxy.cut_after = len(big) // 2
    found = case.run()
    assert len(found) == 2
    assert case.ledger.rows("select * from ops.delivery where size_bytes > 100000") == []
    assert case.unread_archive() == []
    assert case.open_incidents() == ["source:county:read"]
    assert "中途断开" in case.said()
    proxy.cut_after = None
    case.run()
    assert case.taken() == [NAME, csv_name("talent", sequence=2)]
    assert case.ledger.rows("select rows_total from ops.submission order by 1") == [(1,), (12_000,)]
    assert case.run() == []
    assert case.open_incidents() == []
    proxy.close()


def test_a_server_that_hangs_is_given_up_in_time(case, sshd, place) -> None:
    proxy = Proxy(sshd.port)
    proxy.is_stuck = True
    case.access = lambda _: access_to(sshd, port=proxy.port)
    assert case.run() == []
    assert "响应太慢" in case.said()
    proxy.close()


def test_a_handshake_that_ends_before_the_banner_was_slow_too() -> None:
    assert sftp._failure(paramiko.SSHException("No existing session")).why == "timeout"


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(case, place) -> None:
    path = place / "submit" / NAME
    path.write_bytes(TALENT)
    found = case.find()
    path.write_bytes(TALENT + TALENT)
    case.load(found)
    assert case.taken() == [] and case.unread_archive() == []
    assert case.open_incidents() == []
    case.run()
    assert case.taken() == [NAME]


def test_a_young_file_waits_until_it_lies_still(case, place) -> None:
    path = place / "submit" / NAME
    path.write_bytes(TALENT)
    assert case.run(settle=3600) == []
    case.ledger.rows("update ops.unsettled_file set first_seen_at = first_seen_at - interval '2 hours'")
    path.write_bytes(TALENT + b"\n")  # it grew: its time begins anew
    assert case.run(settle=3600) == []
    case.ledger.rows("update ops.unsettled_file set first_seen_at = first_seen_at - interval '2 hours'")
    assert [file.name for file in case.run(settle=3600)] == [NAME]
    os.utime(path, (DAY.toordinal(), 1_600_000_000))
    assert len(case.run(settle=3600)) == 1


def test_a_place_that_may_not_be_written_to_keeps_the_receipt_here(case, place) -> None:
    case.ledger.rows("update reference.source set receipts_address = null")
    (place / "submit" / NAME).write_bytes(TALENT)
    case.run()
    assert case.answer() == 1
    ((where,),) = case.ledger.rows("select receipt_path from ops.delivery")
    assert where.startswith("kept:")
    assert not (place / "receipts").exists()


def test_a_receipt_that_cannot_be_written_is_written_by_a_later_run(case, sshd, place) -> None:
    (place / "submit" / NAME).write_bytes(TALENT)
    case.run()
    up = case.access
    case.access = lambda _: access_to(sshd, port=1)
    assert case.answer() == 0
    assert case.open_incidents() == ["source:county:write"]
    assert case.ledger.rows("select receipt_path from ops.delivery") == [(None,)]
    case.access = up
    case.run()
    assert case.answer() == 1
    assert case.open_incidents() == []
    assert len(list((place / "receipts").iterdir())) == 1

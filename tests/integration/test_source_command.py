"""`shegong source` beside a real folder and OpenSSH's server; the login is a connection of Airflow's."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from intake_files import UNIT, Ledger, settings_of
from source_cases import NAME, TALENT, Case
from source_servers import Sshd

from shegong.cli import main
from shegong.intake.places.place import Access


@pytest.fixture(scope="module")
def sshd(tmp_path_factory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")).running() as server:
        yield server


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "counties").mkdir()
    return settings_of(database, home)


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "submit").mkdir()
    (tmp_path / "submit" / NAME).write_bytes(TALENT)
    return tmp_path


@pytest.fixture
def case(ours, database) -> Iterator[Case]:
    case = Case(ours, Ledger(database))
    yield case
    case.clear()


class Ended(NamedTuple):
    """What a run of the command left."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def source(ours, tmp_path, monkeypatch, capsys):
    """Runs the command with words as its entry point does; connections are Airflow's, given by its environment."""
    env = {f"SHEGONG_DSN_{role.upper()}": dsn for role, dsn in ours.dsn.items()}
    env |= {f"SHEGONG_{name}_KEY": "A" * 43 + "=" for name in ("PERSON", "VAULT", "ARCHIVE")}
    env |= {
        f"SHEGONG_{name}_URL": str(ours.home / name.lower()) for name in ("COUNTIES", "ARCHIVE", "OUTBOX")
    }
    env |= {"SHEGONG_HOME": str(ours.home), "AIRFLOW_HOME": str(tmp_path / "airflow")}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SHEGONG_SOURCE_WAIT_SECONDS", "3")

    def run(*words: object, **connections: dict) -> Ended:
        for name, login in connections.items():
            monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(login))
        monkeypatch.setattr(sys, "argv", ["shegong", "source", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:  # anything else is a traceback for the bureau
            main()
        return Ended(ended.value.code or 0, *capsys.readouterr())

    return run


def known(case: Case) -> list[tuple]:
    return case.ledger.rows("select * from reference.source order by source_name")


def connection(sshd: Sshd, **more: object) -> dict:
    extra = {"host_key": sshd.host_key, "private_key": sshd.private_key} | more.pop("extra", {})
    return {
        "conn_type": "sftp",
        "host": "127.0.0.1",
        "port": sshd.port,
        "login": sshd.login,
        "extra": extra,
    } | more


def test_a_folder_that_was_added_is_read_switched_off_and_on_again(source, case, place) -> None:
    added = source("add", "lishui", "--kind", "folder", "--unit", UNIT, "--address", place / "submit",
                   "--receipts", place / "receipts")  # fmt: skip
    assert added.code == 0, added.stderr
    assert known(case) == [("lishui", "folder", UNIT, f"{place}/submit", None, f"{place}/receipts", True)]
    assert "never" in source("list").stdout
    tested = source("test", "lishui")
    assert tested.stdout == "lishui answers: 1 files to see.\n"
    assert case.taken() == [] and case.unread_archive() == []
    assert source("disable", "lishui").code == 0
    assert case.run() == []
    assert " off " in source("list").stdout
    assert "switched off" in source("test", "lishui").stderr
    assert source("disable", "lishui", "--on").code == 0
    assert [file.name for file in case.run()] == [NAME]
    assert case.answer() == 1
    assert len(list((place / "receipts").iterdir())) == 1
    (line,) = source("list").stdout.splitlines()
    assert line.split()[:4] == ["lishui", "folder", UNIT, "on"]
    assert "last good look 2026-05-06" in line


FOLDER = {"--kind": "folder", "--unit": UNIT, "--address": "/somewhere"}


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("Li Shui", {}, 1),
        ("counties", {}, 1),
        ("there", {}, 1),
        ("new", {"--unit": "999999"}, 1),
        ("new", {"--kind": "sftp"}, 1),
        ("new", {"--kind": "https", "--unit": None, "--connection": "tests"}, 1),
        ("new", {"--kind": "ftp"}, 2),
        ("new", {"--address": None}, 2),
        ("new", {"--kind": None}, 2),
    ],
)
def test_what_is_no_source_is_refused_with_what_to_do(source, case, name, change, code) -> None:
    case.add("there", "folder", "/elsewhere")
    words = [word for pair in (FOLDER | change).items() if pair[1] is not None for word in pair]
    refused = source("add", name, *words)
    assert refused.code == code, refused.stderr
    assert ("docs/sources.md" if code == 1 else "Usage:") in refused.stderr
    assert [row[0] for row in known(case)] == ["there"]


@pytest.mark.parametrize(
    "words", [("disable", "nowhere"), ("disable", "nowhere", "--on"), ("test", "nowhere")]
)
def test_a_source_that_nobody_added_is_said_to_be_none(source, case, words) -> None:
    refused = source(*words)
    assert refused.code == 1
    assert "nowhere" in refused.stderr


def test_a_folder_that_is_not_there_is_told(source, case, tmp_path) -> None:
    case.add("gone", "folder", str(tmp_path / "gone"))
    tested = source("test", "gone")
    assert tested.code == 1
    assert "登记的目录或地址不存在" in tested.stderr


def test_sftp_is_asked_with_airflows_login_and_nothing_is_taken(source, case, sshd, place) -> None:
    added = source("add", "county", "--kind", "sftp", "--unit", UNIT, "--connection", "tests",
                   "--address", place / "submit")  # fmt: skip
    assert added.code == 0, added.stderr
    tested = source("test", "county", tests=connection(sshd))
    assert (tested.code, tested.stdout) == (0, "county answers: 1 files to see.\n"), tested.stderr
    assert case.ledger.rows("select * from ops.delivery") == [] and case.unread_archive() == []
    assert case.open_incidents() == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("key", "登录被拒绝"),
        ("host key", "主机密钥与登记的不一致"),
        ("port", "连接不上"),
        ("folder", "登记的目录或地址不存在"),
        ("connection", "Airflow has no connection tests"),
        ("extra", "渠道的登记或连接不完整"),
    ],
)
def test_what_is_wrong_with_a_server_is_said_without_its_secrets(
    source, case, sshd, place, broken, words
) -> None:
    case.add("county", "sftp", f"{place}/{'gone' if broken == 'folder' else 'submit'}")
    login = {
        "key": connection(sshd, extra={"private_key": sshd.wrong_key}),
        "host key": connection(sshd, extra={"host_key": (sshd.folder / "wrong.pub").read_text()}),
        "port": connection(sshd, port=1),
        "extra": connection(sshd, extra={"host_key": ""}),
    }.get(broken, connection(sshd))
    tested = source("test", "county", **({} if broken == "connection" else {"tests": login}))
    assert tested.code == 1
    assert words in tested.stderr
    assert "PRIVATE KEY" not in tested.stderr + tested.stdout


def test_a_kept_receipt_is_handed_out_once_asked_for_and_into_no_other_file(
    source, case, sshd, place
) -> None:
    case.add("county", "sftp", f"{place}/submit")
    case.access = lambda _: Access("127.0.0.1", sshd.port, sshd.login, extra=connection(sshd)["extra"])
    case.run()
    assert case.answer() == 1
    ((delivery, where),) = case.ledger.rows("select delivery_id, receipt_path from ops.delivery")
    assert where.startswith("kept:")
    target = place / "回执.xlsx"
    handed = source("receipt", delivery, target)
    assert handed.code == 0, handed.stderr
    assert "摘要" in openpyxl.load_workbook(target).sheetnames
    assert target.stat().st_mode & 0o077 == 0
    target.write_bytes(b"mine")
    for into, words in ((target, "exists"), (place / "no folder" / "a.xlsx", "can't be written")):
        refused = source("receipt", delivery, into)
        assert refused.code == 1
        assert words in refused.stderr
    assert target.read_bytes() == b"mine"


def test_a_receipt_that_went_back_or_never_was_is_not_kept(source, case, place) -> None:
    case.add("there", "folder", str(place / "submit"), str(place / "receipts"))
    case.run()
    case.answer()
    ((delivery,),) = case.ledger.rows("select delivery_id from ops.delivery")
    for number in (delivery, 10**9):
        refused = source("receipt", number, place / "a.xlsx")
        assert refused.code == 1 and f"No receipt of delivery {number} is kept here" in refused.stderr
    assert source("receipt", "one", place / "a.xlsx").code == 2
    assert not (place / "a.xlsx").exists()

"""The vault keeps each person and name once, whether a file asks about its people one by one or for all at once."""

import polars as pl
import psycopg
import pytest
from intake_files import ID_2, Ledger, as_csv, csv_name, good, send, settings_of

from shegong.intake import csv_reader, vault_rows
from shegong.people import WEIGHTS
from shegong.vault import Vault


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


@pytest.fixture(params=[50_000, 0], ids=["one by one", "all at once"])
def looked_up(request, monkeypatch) -> None:
    monkeypatch.setattr(vault_rows.Newcomers, "_LOOKED_UP", request.param)


def kept(ledger: Ledger) -> list[tuple]:
    return ledger.rows("select person_key, count(*) from vault.person group by 1 order by 2")


@pytest.mark.usefixtures("looked_up")
def test_only_new_people_and_new_names_are_kept(ours, ledger) -> None:
    both = [good("talent"), good("talent", id_no=ID_2, person_name="李华")]
    send(ours, csv_name("talent"), as_csv("talent", *both))
    assert [count for _, count in kept(ledger)] == [1, 1]
    send(
        ours,
        csv_name("talent", sequence=2),
        as_csv("talent", *both, good("talent", person_name="王鸣", effective_date="2026-05-02")),
    )
    assert [count for _, count in kept(ledger)] == [1, 2]


def test_all_are_kept_however_many_are_written_at_once(ours, ledger, monkeypatch) -> None:
    monkeypatch.setattr(csv_reader, "BLOCK", 2000)
    monkeypatch.setattr(vault_rows.Waiting, "ENOUGH", 15)
    names = ["王明", "李华强", "阿卜杜拉·买买提·艾合买提"]
    numbers = [f"2019033013300{at:04d}" for at in range(40)]
    people = [
        good("certificate", cert_mgmt_no=n, id_no=identity(at), person_name=names[at % 3])
        for at, n in enumerate(numbers)
    ]
    send(ours, csv_name("certificate"), as_csv("certificate", *people))
    sealed = ledger.rows("select person_key, sealed from vault.person")
    opened = [Vault(ours.vault_key).open(key, bytes(record)) for key, record in sealed]
    assert sorted(o["id_no"] for o in opened) == sorted(identity(at) for at in range(40))
    assert all(o["person_name"] == names[int(o["id_no"][14:17]) % 3] for o in opened)


def identity(at: int) -> str:
    body = f"33010619900101{at:03d}"
    return body + "10X98765432"[int((WEIGHTS * [int(digit) for digit in body]).sum()) % 11]


@pytest.mark.usefixtures("looked_up")
def test_a_person_in_several_chunks_of_a_file_is_kept_once(ours, ledger, monkeypatch) -> None:
    monkeypatch.setattr(csv_reader, "BLOCK", 2000)
    numbers = [f"2019033013300{at:04d}" for at in range(100)]
    rows = [good("certificate", cert_mgmt_no=number) for number in numbers]
    delivery_id = send(ours, csv_name("certificate"), as_csv("certificate", *rows))
    assert ledger.states(delivery_id) == [("certificate", "staged", 100, 100, 0)]
    assert [count for _, count in kept(ledger)] == [1]


def test_who_has_no_name_is_known_again_from_the_whole_vault(ours, ledger) -> None:
    nameless = pl.DataFrame({"person_key": ["ab" * 16, "cd" * 16], "content_key": ["", "ef" * 16]})
    for key, content in nameless.rows():
        ledger.rows("insert into vault.person values (%s, %s, 1, '', 1, now())", key, content)
    with psycopg.connect(ours.dsn["loader"]) as connection:
        newcomers = vault_rows.Newcomers(connection)
        newcomers._asked = newcomers._LOOKED_UP
        other = pl.DataFrame({"person_key": ["ab" * 16], "content_key": ["12" * 16]})
        answer = newcomers.ask(nameless)
        assert answer is None
        assert newcomers.among(pl.concat([nameless, other]), answer).rows() == other.rows()

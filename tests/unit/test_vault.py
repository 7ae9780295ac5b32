"""The vault's seals: what it sealed it opens, for that person and key only, and each alone is what AESSIV makes."""

import os

import polars as pl
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shegong.byte_columns import rows_of_bytes
from shegong.vault import BLOCK, Vault, contents_of

KEY = bytes(range(32))
PERSON = "0123456789abcdef" * 2
NUMBER = "330106199001010018"


def sealed(*names: str | None) -> list[bytes]:
    """Records of one number under these names, sealed for PERSON."""
    persons = pl.DataFrame(
        {"id_type": "1", "id_no": NUMBER, "person_name": pl.Series(names, dtype=pl.String)}
    )
    records = []
    for content in contents_of(persons):
        rows = (rows_of_bytes(pl.Series([text]), len(text.encode())) for text in (PERSON, content))
        records.append(Vault(KEY).seal(*rows)[0].tobytes())
    return records


@pytest.mark.parametrize("name", ["王明", None, "欧阳修远", "Å" * 30, "阿卜杜拉·买买提·艾合买提"])
def test_the_vault_opens_what_it_sealed(name: str | None) -> None:
    (record,) = sealed(name)
    assert Vault(KEY).open(PERSON, record) == {"id_type": "1", "id_no": NUMBER, "person_name": name or ""}
    assert b"330106" not in record and (name or NUMBER).encode() not in record


@pytest.mark.parametrize("blocks", [1, 2, 3, 20])
def test_many_at_once_are_sealed_as_one_alone_by_the_standard(blocks: int) -> None:
    vault = Vault(KEY)
    keys, contents = ([os.urandom(size) for _ in range(50)] for size in (32, blocks * BLOCK))
    columns = (pl.Series(rows, dtype=pl.Binary) for rows in (keys, contents))
    made = vault.seal(*(rows_of_bytes(column, len(column[0])) for column in columns))
    alone = [vault._siv.encrypt(content, [key]) for key, content in zip(keys, contents, strict=True)]
    assert [row.tobytes() for row in made] == alone


def test_lengths_of_names_are_hidden_within_a_block() -> None:
    assert {len(record) for record in sealed("王明", "王小明", "李")} == {BLOCK * 3}


@pytest.mark.parametrize(
    "spoil",
    [lambda s: s[:-1] + bytes([s[-1] ^ 1]), lambda s: bytes([s[0] ^ 1]) + s[1:], lambda s: s[:-1]],
)
def test_a_changed_seal_opens_for_nobody(spoil) -> None:
    (record,) = sealed("王明")
    with pytest.raises(InvalidTag):
        Vault(KEY).open(PERSON, spoil(record))


def test_a_seal_opens_for_its_person_and_key_only() -> None:
    (record,) = sealed("王明")
    for vault, person in ((Vault(KEY), "other"), (Vault(bytes(32)), PERSON)):
        with pytest.raises(InvalidTag):
            vault.open(person, record)


def test_records_of_release_0_1_open() -> None:
    nonce, content = os.urandom(12), f"1\t{NUMBER}\t王明".encode()
    record = nonce + AESGCM(KEY).encrypt(nonce, content, PERSON.encode())
    assert Vault(KEY).open(PERSON, record)["person_name"] == "王明"
    with pytest.raises(InvalidTag):
        Vault(KEY).open("other", record)

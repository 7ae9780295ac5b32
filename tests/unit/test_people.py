"""Identity numbers against an independent reading of GB 11643, keys against hmac, and masks."""

import hashlib
import hmac
import random
from datetime import date, timedelta

import polars as pl
import pytest

from shegong import people

KEY = bytes(range(32))


def check_digit(body: str) -> str:
    """ISO 7064 MOD 11-2 as the standard's text defines it: by powers of two, not by its table of weights."""
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return "0123456789X"[(12 - total) % 11]


def numbers(count: int) -> list[str]:
    random.seed(20260506)
    made = []
    for _ in range(count):
        born = date(1930, 1, 1) + timedelta(days=random.randrange(29_000))
        body = f"{random.randrange(110000, 660000)}{born:%Y%m%d}{random.randrange(1000):03d}"
        made.append(body + check_digit(body))
    return made


def test_numbers_are_read_as_the_standard_says() -> None:
    made = numbers(3000)
    read = people.read_numbers(pl.Series(made))
    assert read.is_valid.all()
    assert read.birth_date.to_list() == [date(int(n[6:10]), int(n[10:12]), int(n[12:14])) for n in made]
    assert read.sex.to_list() == ["1" if int(n[16]) % 2 else "2" for n in made]


def test_any_other_last_character_is_wrong() -> None:
    for number in numbers(30):
        others = pl.Series([number[:17] + last for last in "0123456789X" if last != number[17]])
        assert not people.read_numbers(others).is_valid.any()


@pytest.mark.parametrize(
    "day", ["19900230", "19900431", "19901301", "19900100", "19000229", "18991231", "00000000"]
)
def test_a_day_that_is_none_makes_no_number(day: str) -> None:
    body = f"330106{day}001"
    read = people.read_numbers(pl.Series([body + check_digit(body)]))
    assert not read.is_valid[0] and read.has_check_digit[0]


@pytest.mark.parametrize("day", ["20000229", "19960229", "19900430", "19001231"])
def test_a_rare_day_makes_one(day: str) -> None:
    body = f"330106{day}001"
    assert people.read_numbers(pl.Series([body + check_digit(body)])).is_valid[0]


def test_keys_are_hmacs_cut_to_128_bits() -> None:
    texts = ["1:330106199001010018", "", "王明", "9:P123", "x" * 200]
    expected = [hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()[:32] for text in texts]
    assert people.Hasher(KEY).keys(pl.Series(texts)).to_list() == expected
    assert people.Hasher(KEY).keys(pl.Series([None, "王明"], dtype=pl.String)).to_list() == [
        None,
        expected[2],
    ]
    assert people.Hasher(bytes(32)).key("王明") != expected[2]


def test_two_kinds_of_document_never_meet() -> None:
    assert people.person_text("1", "123") != people.person_text("11", "23")


def test_masks_show_a_first_and_a_last_character() -> None:
    cases = {
        "330106199001010018": "3" + "*" * 16 + "8",
        "P7654321": "P******1",
        "AB": "**",
        "A": "*",
        "": "",
        None: None,
    }
    assert {number: people.mask_number(number) for number in cases} == cases
    assert people.mask_numbers(pl.Series([*list(cases)[:3], None])).to_list() == [
        *list(cases.values())[:3],
        None,
    ]
    assert [people.mask_name(name) for name in ("王明", "欧阳修远", "李", None)] == [
        "王*",
        "欧***",
        "李*",
        None,
    ]

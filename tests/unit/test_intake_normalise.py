"""What clerks write, and what is meant; what can't be known is never guessed."""

from datetime import date

import polars as pl
import pytest

from shegong import contract
from shegong.intake import fields, normalise

CONTRACTS = contract.load()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("２０２６－０５－０６", date(2026, 5, 6)), ("2026/5/6", date(2026, 5, 6)), ("2026.05.06", date(2026, 5, 6)), ("2026年5月6日", date(2026, 5, 6)),
        ("20260506", date(2026, 5, 6)), ("2026-05-06 00:00:00", date(2026, 5, 6)), ("二〇二六年五月六日", date(2026, 5, 6)),
        ("二零二二年十二月三十一日", date(2022, 12, 31)), ("二〇二〇年十月二十日", date(2020, 10, 20)), ("二〇二〇年十月十日", date(2020, 10, 10)),
        ("2026年5月", date(2026, 5, 1)), ("46148", date(2026, 5, 6)),
        ("2026-02-30", None), ("2026", None), ("05-06", None), ("6/5/2026", None), ("去年", None), ("", None), ("٢٠٢٦-٠٥-٠٦", None), ("99999", None),
    ],
)  # fmt: skip
def test_dates(written: str, meant: date | None) -> None:
    assert normalise.read_date(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,200.50元", "1200.50"),
        ("１２人", "12"),
        (" 3 ", "3"),
        ("-5", "-5"),
        ("1.2.3", None),
        ("三", None),
        ("1e5", None),
        ("١٢", None),
        ("", None),
        ("5万", None),
    ],
)
def test_numbers(written: str, meant: str | None) -> None:
    assert normalise.read_number(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("欧阳 修", "欧阳修"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("Anna  Lee", "Anna Lee"),
        ("王\u200b明\x00 ", "王明"),
    ],
)
def test_names(written: str, meant: str) -> None:
    assert normalise.clean_name(written) == meant


def test_chinese_punctuation_stays() -> None:
    assert normalise.clean("　'某公司（杭州），Ａ座：１号 ") == "某公司（杭州），A座：1号"


def read(table: str, name: str, *cells: str | None, factor: int = 1) -> tuple[list, dict[str, list[bool]]]:
    column = fields.read(CONTRACTS[table].field(name), pl.Series(list(cells), dtype=pl.String), None, factor)
    return column.values.to_list(), {check: mask.to_list() for check, mask in column.found.items()}


@pytest.mark.parametrize("word", ["9" * 19, "9" * 400, "-" + "9" * 30])
def test_a_whole_number_that_no_column_holds_is_out_of_range(word: str) -> None:
    assert read("community", "population", word, "5")[1]["range"] == [True, False]


@pytest.mark.parametrize("word", ["9" * 18, "9" * 30 + ".5", "-" + "9" * 16])
@pytest.mark.parametrize("factor", [1, 10_000])
def test_an_amount_that_no_column_holds_is_out_of_range(word: str, factor: int) -> None:
    assert read("funding", "budget_yuan", word, "5", factor=factor)[1]["range"] == [True, False]


def test_amounts_in_wan_yuan_are_exact() -> None:
    values, found = read("funding", "budget_yuan", "12.3456", "0.1", "12.3456789", factor=10_000)
    assert [str(value) for value in values[:2]] == ["123456.00", "1000.00"] and found == {
        "scale": [False, False, True]
    }


def test_a_default_stands_for_empty_cells_and_for_strokes_but_not_for_what_is_unknown() -> None:
    assert read("talent", "id_type", None, "-", "驾驶证", "港澳台居住证") == (
        ["1", "1", None, "2"],
        {"code": [False, False, True, False]},
    )


def test_a_stroke_is_nothing_and_a_doubt_is_a_finding() -> None:
    values, found = read("community", "population", "—", "无", "同上", "约30", None)
    assert values == [None] * 5 and found == {"type": [False, False, True, True, False]}


@pytest.mark.parametrize("spec", CONTRACTS.values(), ids=lambda spec: spec.table)
def test_every_word_of_every_list_is_its_code(spec: contract.Contract) -> None:
    for field in spec.fields:
        if field.codes:
            words = field.codes.words
            assert read(spec.table, field.name, *words)[0] == list(words.values())
            assert set(words.values()) == set(field.codes.codes)

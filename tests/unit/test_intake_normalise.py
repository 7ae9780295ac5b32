"""What clerks write, and what is meant; what can't be known is never guessed."""

from datetime import date

import polars as pl
import pytest

from shegong import contract
from shegong.intake import clerk_days, clerk_numbers, documents, fields, normalise

CONTRACTS = contract.load()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("２０２６－０５－０６", date(2026, 5, 6)), ("2026/5/6", date(2026, 5, 6)), ("2026.05.06", date(2026, 5, 6)), ("2026年5月6日", date(2026, 5, 6)),
        ("20260506", date(2026, 5, 6)), ("2026-05-06 00:00:00", date(2026, 5, 6)), ("二〇二六年五月六日", date(2026, 5, 6)),
        ("二零二二年十二月三十一日", date(2022, 12, 31)), ("二〇二〇年十月二十日", date(2020, 10, 20)), ("二〇二〇年十月十日", date(2020, 10, 10)),
        ("2026年5月", date(2026, 5, 1)), ("46148", date(2026, 5, 6)), ("2026.5", date(2026, 5, 1)), ("46148.0", date(2026, 5, 6)),
        ("2026年5月6日 00:00:00", date(2026, 5, 6)), ("2026/5/6 0:00", date(2026, 5, 6)), ("2026-05-06T08:30:00", date(2026, 5, 6)),
        ("20260506.0", date(2026, 5, 6)), ("2026 年 5 月 6 号", date(2026, 5, 6)), ("2026年5月6日（星期三）", date(2026, 5, 6)),
        ("2026、5、6", date(2026, 5, 6)), ("2026年5月份", date(2026, 5, 1)), ("2026.05.06.", date(2026, 5, 6)),
        ("2026年5月6日。", date(2026, 5, 6)), ("2026/5/6/", date(2026, 5, 6)), ("2026 5 6", date(2026, 5, 6)), ("2026 - 5 - 6", date(2026, 5, 6)),
        ("2026—5—6", date(2026, 5, 6)), ("2026\\5\\6", date(2026, 5, 6)), ("2026，5，6", date(2026, 5, 6)), ("2026-5-6日", date(2026, 5, 6)),
        ("2026-05-06T00:00:00+08:00", date(2026, 5, 6)), ("2026-05-05T16:00:00.000Z", date(2026, 5, 6)), ("2026-05-06T00:00:00Z", date(2026, 5, 6)),
        ("9999-12-31T23:59:59Z", None), ("2026.5.", None), ("2026年5月上旬", None), ("2026-5-6至2026-6-6", None), ("2026.5.6-2026.6.6", None),
        ("26/5/6", None), ("5/6/2026", None), ("5月6日", None), ("2026-13-01", None), ("2026-5/6", None), ("202605", None), ("2026.5.6-7", None),
        ("2026-02-30", None), ("2026", None), ("05-06", None), ("6/5/2026", None), ("去年", None), ("", None), ("٢٠٢٦-٠٥-٠٦", None), ("99999", None),
    ],
)  # fmt: skip
def test_dates(written: str, meant: date | None) -> None:
    assert clerk_days.read_date(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,200.50元", "1200.50"),
        ("１２人", "12"),
        (" 3 ", "3"),
        ("-5", "-5"),
        ("1.2.3", None),
        ("5.", "5"), ("5。", "5"), ("人民币50元", "50"), ("RMB 1,200", "1200"), ("5,", None), ("30余", None), ("1 200", None),
        ("三", "3"), ("十二", "12"), ("二十", "20"), ("一百二十", "120"), ("一百零五", "105"), ("叁仟零伍", "3005"),
        ("一万二千人", "12000"), ("二〇二六年", "2026"), ("零", "0"), ("¥1,200.50", "1200.50"), ("（1,200）", "-1200"),
        ("1,0000", "10000"), ("1,234,567.8", "1234567.8"), ("3户", "3"), ("８０．５学时", "80.5"),
        ("一百二", None), ("一万二", None), ("一千五", None), ("两万元左右", None), ("1.2万", None), ("1,2", None),
        ("12,34", None), ("一二", None), ("百", None), ("万", None), ("零零", None), ("十百", None), ("85%", None),
        ("1e5", None),
        ("١٢", None),
        ("", None),
        ("5万", None),
    ],
)  # fmt: skip
def test_numbers(written: str, meant: str | None) -> None:
    assert clerk_numbers.read_number(written) == meant


def test_months_and_days_counted_from_1904() -> None:
    assert clerk_days.read_month("202605") == date(2026, 5, 1) and clerk_days.read_month("202613") is None
    assert clerk_days.read_date("44686", clerk_days.EPOCH_1904) == date(2026, 5, 6)


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


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "'11010519491231002X", "’11010519491231002X", "110105 19491231 002X",
        "110105-19491231-002X", "11010519491231002Х", "11010519491231002×", "11010519491231002X\t", "\u200b11010519491231002X",
        "11010519491231002X.0", '="11010519491231002X"', "11010519491231002＊", "110105194912\u00a031002X",
    ],
)  # fmt: skip
def test_what_stands_around_an_identity_number_is_taken_off(written: str) -> None:
    assert read("talent", "id_no", written) == (["11010519491231002X"], {"fixed": [True]})


@pytest.mark.parametrize(
    "written", ["1101051949123100", "110105194912310020X", "11010519491231*02X", "3.30106E+17", "某某"]
)
def test_a_number_with_a_doubt_stays_as_it_is(written: str) -> None:
    assert documents.clean_number(written) == written


def test_characters_of_the_old_private_area_are_what_they_are_now() -> None:
    assert [normalise.clean_name(chr(code)) for code in (0xE863, 0xE816, 0xE864, 0xE81A)] == [
        "䶮",
        "𠂇",
        "龻",
        "㑳",
    ]
    for name in ("刘䶮", "㙘某", "𬍛某"):
        assert name.encode("gb18030").decode("gb18030") == name and read("talent", "person_name", name) == (
            [name],
            {},
        )


def test_a_lost_character_in_a_name_is_told_and_other_signs_are_refused() -> None:
    found = read("talent", "person_name", "王?", "王□明", "王\ufffd明", "王明1", "王明")[1]
    assert found == {
        "unclear": [True, True, True, False, False],
        "pattern": [False, False, False, True, False],
    }


@pytest.mark.parametrize(
    "name", ["remark", "sw_major", "start_month", "birth_date", "education", "id_no", "id_type"]
)
@pytest.mark.parametrize("word", ["=VLOOKUP(A1,B:C,2,0)", "#REF!", "#N/A", "########", "=A1"])
def test_a_formula_and_what_it_left_are_no_value(name: str, word: str) -> None:
    values, found = read("talent", name, word, None)
    assert found == {"formula": [True, False]} and values[0] is None


def test_what_begins_like_a_formula_and_is_none_stays() -> None:
    assert read("talent", "remark", "#1 楼", '="张三"', "= 见附件") == (
        ["#1 楼", "张三", "= 见附件"],
        {"fixed": [False, True, False]},
    )


@pytest.mark.parametrize(("table", "name"), [("funding", "book_date"), ("talent", "start_month")])
def test_a_number_that_may_be_january_or_october_is_neither(table: str, name: str) -> None:
    cells = pl.Series(["2026.1", "2026.1", "2026.11", "2026.2", "2026-05-01"])
    read = fields.read(CONTRACTS[table].field(name), cells, pl.Series([True, False, True, True, False]))
    days = [None, date(2026, 1, 1), date(2026, 11, 1), date(2026, 2, 1), date(2026, 5, 1)]
    assert read.values.to_list() == days
    assert {check: mask.arg_true().to_list() for check, mask in read.found.items()} == {
        "one_or_ten": [0],
        "fixed": [1, 2, 3],
    }

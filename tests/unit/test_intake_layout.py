"""Which column is which field: headers, aliases, units in headings, and what is doubled or missing."""

import pytest

from shegong import contract
from shegong.intake import layout
from shegong.intake.envelope import FileRefused
from shegong.intake.sheets import Sheet, column_letter

CONTRACTS = contract.load()


def placed(table: str, header: list[str], mode: str = "S") -> list[layout.Placed]:
    return layout.place(Sheet("表一", header, 3, iter(())), CONTRACTS[table], mode)


def headers(table: str) -> list[str]:
    return [field.header for field in CONTRACTS[table].fields]


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_header_and_alias_is_its_field(table: str) -> None:
    for field in CONTRACTS[table].fields:
        for word in (field.header, *field.aliases, f" {field.header}\u3000"):
            header = [word if name == field.header else name for name in headers(table)]
            assert [c.field.name for c in placed(table, header)] == [
                f.name for f in CONTRACTS[table].fields
            ], word


@pytest.mark.parametrize("table", CONTRACTS)
def test_no_word_means_two_columns(table: str) -> None:
    words = [word for field in CONTRACTS[table].fields for word in (field.header, *field.aliases)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("printed", "factor"),
    [
        ("预算金额（元）", 1),
        ("预算金额", 1),
        ("预算金额（万元）", 10_000),
        ("预算金额(万元)", 10_000),
        ("预算 金额 ( 万元 )", 10_000),
    ],
)
def test_a_heading_says_the_unit_of_its_figures(printed: str, factor: int) -> None:
    header = [printed if name == "预算金额（元）" else name for name in headers("funding")]
    assert next(c.factor for c in placed("funding", header) if c.field.name == "budget_yuan") == factor


def test_what_is_kept_in_wan_yuan_has_no_heading_in_yuan() -> None:
    header = [name.replace("开办资金（万元）", "开办资金（元）") for name in headers("agency")]
    assert [c.header for c in layout.unknown(placed("agency", header))] == ["开办资金（元）"]


def test_unknown_columns_are_told_but_empty_ones_and_the_receipts_own_are_not() -> None:
    columns = placed("funding", [*headers("funding"), "", "错误原因", "联系人"])
    assert [(c.letter, c.header) for c in layout.unknown(columns)] == [
        (column_letter(len(headers("funding")) + 2), "联系人")
    ]


@pytest.mark.parametrize(
    ("table", "header", "mode", "rule", "named"),
    [
        ("talent", [*headers("talent"), "姓名"], "S", "header_duplicate", "姓名"),
        ("talent", [*headers("talent"), "身份证号"], "S", "header_duplicate", "身份证号"),
        ("talent", [h for h in headers("talent") if h != "学历"], "S", "header_missing", "学历"),
        ("talent", headers("talent")[1:], "D", "header_missing", "操作类型"),
        ("talent", ["姓名"], "S", "header_missing", "证件号码"),
    ],
)
def test_doubled_and_missing_headers_are_refused_at_their_row(table, header, mode, rule, named) -> None:
    with pytest.raises(FileRefused) as refused:
        placed(table, header, mode)
    assert (refused.value.rule_id, refused.value.header, refused.value.row, refused.value.sheet) == (
        f"file.{rule}",
        named,
        3,
        "表一",
    )


def test_a_roster_needs_no_action_and_nothing_that_is_optional() -> None:
    fields = [f for f in CONTRACTS["talent"].fields if f.required]
    assert len(placed("talent", [f.header for f in fields])) == len(fields)


def test_letters_are_excels() -> None:
    assert [column_letter(at) for at in (0, 25, 26, 51, 52, 701, 702, 16383)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
        "XFD",
    ]

"""The suites that are made from contracts, and those written by hand: complete, current, and well formed."""

import dataclasses
import re
import string

import pytest

from shegong import contract as contracts
from shegong.quality import suites
from shegong.render import expectations

TABLES = contracts.load()


def test_committed_suites_are_current() -> None:
    stale = [
        path.name
        for path, text in expectations.render_all().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, "run shegong.render.expectations.write_all()"


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_of_a_contract_is_asked_with_its_severity(table: str) -> None:
    severity = {
        e["meta"]["rule_id"]: e["severity"] for e in expectations.render(TABLES[table])["expectations"]
    }
    for rule in TABLES[table].rules:
        assert severity[rule.rule_id] == expectations.SEVERITIES[rule.level]


@pytest.mark.parametrize("table", TABLES)
def test_every_part_of_the_key_must_be_given(table: str) -> None:
    made = expectations.render(TABLES[table])["expectations"]
    asked = {e["kwargs"].get("column") for e in made if e["type"] == "expect_column_values_to_not_be_null"}
    assert set(TABLES[table].key) <= asked


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"required": True}, "remark.required"),
        ({"required_when": "status = '1'"}, "remark.required_when"),
        ({"max_length": 7}, "remark.length"),
        ({"min": "1"}, "remark.range"),
        ({"max": "9"}, "remark.range"),
        ({"pattern": "^[0-9]{2}$"}, "remark.pattern"),
        ({"codes": contracts.code_lists()["sex"]}, "remark.code"),
        ({"codes": contracts.code_lists()["sex"], "warn_codes": ("2",)}, "remark.warn_code"),
        ({"check": "uscc"}, "remark.check_digit"),
        ({"type": "month"}, "remark.type"),
        ({"type": "decimal", "scale": 3}, "types"),
    ],
)
def test_what_a_field_declares_is_asked(changes: dict, rule: str) -> None:
    table = TABLES["agency"]
    bare = dataclasses.replace(table.field("remark"), max_length=None)
    before, after = (_suite_with(table, field) for field in (bare, dataclasses.replace(bare, **changes)))
    changed = [e for e in after["expectations"] if e not in before["expectations"]]
    assert f"agency.{rule}" in {e["meta"]["rule_id"] for e in changed}


def test_no_attribute_of_a_field_is_dropped() -> None:
    table = TABLES["agency"]
    bare = dataclasses.replace(table.field("remark"), max_length=None)
    other = {
        "header": "别的", "type": "integer", "description": "别的", "aliases": ("别名",), "required": True,
        "required_when": "status = '1'", "max_length": 7, "min": "1", "max": "2", "scale": 3, "pattern": "x",
        "codes": contracts.code_lists()["sex"], "warn_codes": ("1",), "check": "uscc", "default": "无",
        "unit": "yuan", "personal": "name", "stored": False, "mergeable": True, "name": "notice",
    }  # fmt: skip
    assert other.keys() == set(contracts.ATTRIBUTES)
    for name, value in other.items():
        base = dataclasses.replace(bare, codes=other["codes"]) if name == "warn_codes" else bare
        changed = dataclasses.replace(base, **{name: value})
        assert _suite_with(table, changed) != _suite_with(table, base), name


def _suite_with(table: contracts.Contract, field: contracts.Field) -> dict:
    fields = tuple(field if f.name == "remark" else f for f in table.fields)
    return expectations.render(dataclasses.replace(table, fields=fields))


@pytest.mark.parametrize("table", TABLES)
def test_only_the_batch_is_filled_into_a_query(table: str) -> None:
    for expectation in expectations.render(TABLES[table])["expectations"]:
        query = expectation["kwargs"].get("unexpected_rows_query", "{batch}")
        assert {name for _, name, _, _ in string.Formatter().parse(query) if name is not None} == {"batch"}


@pytest.mark.parametrize("folder", ["plausibility", "marts"])
def test_hand_written_suites_name_what_they_use(folder: str) -> None:
    read = suites.read(folder)
    assert len(read) >= 5
    rule_ids = [e["meta"]["rule_id"] for suite in read for e in suite["expectations"]]
    assert len(rule_ids) == len(set(rule_ids))
    for suite in read:
        assert suite["sql"], suite["name"]
        limits = set(re.findall(r'"\$PARAMETER": "(\w+)"', str(suite).replace("'", '"')))
        assert limits <= set(suite["meta"]["parameters"]), suite["name"]
        for asked in (e["kwargs"] for e in suite["expectations"] if folder == "plausibility"):
            assert asked["column_A"] in suite["meta"]["parameters"], suite["name"]
            assert re.search(rf"\b{asked['column_B']}\b", suite["sql"]), (suite["name"], asked["column_B"])
        assert all(spec["reason"] for spec in suite["meta"]["parameters"].values())
        for column in suite["meta"]["index"]:
            assert re.search(rf"\b{column}\b", suite["sql"]), (suite["name"], column)

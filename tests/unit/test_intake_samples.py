"""tests/samples/<table>/{accepted,rejected}/<unit>_<mode>_<what>.csv: rows that every check must let pass, and rows that it must not.

A rejected row names in its column _expect every rule that must fire for it, and no others may. Each check of each
field and each row rule of each contract has such a row. The report date is that of the demo's first day.
"""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from shegong import contract
from shegong.contract import Field
from shegong.intake import csv_reader, layout
from shegong.intake.rows import Context, RowChecker
from shegong.people import Hasher

CONTRACTS = contract.load()
SAMPLES = Path(__file__).parent.parent / "samples"
REPORT_DATE = date(2026, 5, 6)
ACCEPTED, REJECTED = sorted(SAMPLES.glob("*/accepted/*.csv")), sorted(SAMPLES.glob("*/rejected/*.csv"))


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def without_expected(path: Path) -> tuple[bytes, dict[int, set[str]]]:
    """The file as a county would send it, and the rules that each row must break."""
    header, *rows = lines(path)
    at = header.index("_expect") if "_expect" in header else len(header)
    text = io.StringIO()
    csv.writer(text).writerows(row[:at] + row[at + 1 :] for row in (header, *rows))
    expected = {number: set("".join(row[at : at + 1]).split()) for number, row in enumerate(rows, start=2)}
    return text.getvalue().encode(), {number: rules for number, rules in expected.items() if rules}


def found_in(path: Path, content: bytes) -> tuple[dict[int, set[str]], int]:
    """Rules by row as the reader tells them, and how many rows it accepts."""
    unit, mode, _ = path.stem.split("_", 2)
    spec = CONTRACTS[path.parent.parent.name]
    sheet = csv_reader.read(io.BytesIO(content), "", 80)
    county = None if unit == "339900" else unit
    checker = RowChecker(
        spec, layout.place(sheet, spec, mode), Context(unit, county, REPORT_DATE, mode), Hasher(b"k" * 32)
    )
    found: dict[int, set[str]] = {}
    accepted = 0
    for chunk in sheet.chunks:
        checked = checker.check(chunk)
        accepted += checked.rows.height
        for row in checked.findings.iter_rows(named=True):
            found.setdefault(row["row_number"], set()).add(row["rule_id"])
    return found, accepted


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_accepted_rows_give_no_finding(path: Path) -> None:
    content, _ = without_expected(path)
    assert found_in(path, content) == ({}, len(lines(path)) - 1)


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_rejected_rows_give_what_they_expect_and_nothing_else(path: Path) -> None:
    content, expected = without_expected(path)
    assert len(expected) == len(lines(path)) - 1
    assert found_in(path, content)[0] == expected


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_check_of_a_contract_has_a_row_that_breaks_it(table: str) -> None:
    spec = CONTRACTS[table]
    files = [path for path in REJECTED if path.parent.parent.name == table]
    broken = set().union(*(rules for path in files for rules in without_expected(path)[1].values()))
    asked = {f"{table}.{field.name}.{check}" for field in spec.fields for check in checks_of(field)}
    asked |= {rule.rule_id for rule in spec.rules} | {f"{table}.duplicate_key"}
    assert asked - broken == set()
    assert [path for path in ACCEPTED if path.parent.parent.name == table]


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_column_has_an_accepted_value(table: str) -> None:
    """Otherwise a check that refuses everything would go unseen."""
    filled: set[str] = set()
    for path in ACCEPTED:
        if path.parent.parent.name == table:
            header, *rows = lines(path)
            filled |= {name for at, name in enumerate(header) if any(row[at] for row in rows)}
    assert {field.header for field in CONTRACTS[table].fields} - filled == set()


def checks_of(field: Field) -> list[str]:
    """Every check that follows from a field by itself and that a CSV can break (a number cell needs a workbook)."""
    checks = ["fixed"]
    checks += ["required"] * field.required + ["required_when"] * bool(field.required_when)
    checks += ["type"] * (field.type in ("integer", "decimal", "date", "month", "boolean"))
    checks += ["code"] * (field.type in ("code", "codes")) + ["warn_code"] * bool(field.warn_codes)
    checks += ["length"] * bool(field.max_length) + ["pattern"] * (
        bool(field.pattern) or field.type == "name"
    )
    checks += ["range"] * (field.type in ("integer", "decimal", "date", "month")) + ["scale"] * (
        field.type == "decimal"
    )
    checks += ["check_digit"] * (bool(field.check) or field.type == "document")
    checks += ["format", "scientific", "old_15_digit"] * (field.type == "document")
    checks += ["number"] * (field.name in ("sex", "birth_date") and not field.stored)
    return checks

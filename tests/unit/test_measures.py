"""The catalogue of measures as our file has it: whole, in the paper's order and in the paper's words."""

import ast
import re
from collections import Counter

import pytest

from shegong import contract, reference_files

# How many measures each clause of the paper has been read into; 87 in all.
MEASURES = {
    "一(一)": 3, "一(二)": 5, "二(三)": 9, "二(四)": 6, "二(五)": 7, "二(六)": 9, "三(七)": 11, "三(八)": 4, "三(九)": 5,
    "三(十)": 5, "三(十一)": 5, "三(十二)": 4, "四(十三)": 4, "四(十四)": 8, "四(十五)": 2,
}  # fmt: skip
UNITS = {
    "person", "post", "org", "share", "ratio", "growth", "yuan", "hours", "count", "yes_no", "date", "score", "days", "months",
}  # fmt: skip
CATALOGUE = reference_files.measure_rows()


def paper_by_clause() -> dict[str, str]:
    """The paper's paragraphs by clause, written as the catalogue writes it: 二(五)."""
    heading, found = "", {}
    for line in (reference_files.FOLDER / "policy_paper.txt").read_text(encoding="utf-8").splitlines():
        if chapter := re.match(r"([一二三四])、", line):
            heading = chapter[1]
        elif clause := re.match(r"（([一二三四五六七八九十]+)）", line):
            found[f"{heading}({clause[1]})"] = line
    return found


def test_every_clause_of_the_paper_has_its_measures_in_order() -> None:
    assert list(paper_by_clause()) == list(MEASURES)
    assert Counter(row["clause"] for row in CATALOGUE) == MEASURES
    clauses = list(MEASURES)
    expected = [f"M{clauses.index(c) + 1:02}-{n}" for c in clauses for n in range(1, MEASURES[c] + 1)]
    assert [row["measure_id"] for row in CATALOGUE] == expected
    assert len(expected) == 87


def test_targets_and_rules_are_those_of_the_paper() -> None:
    of_kind = {kind: [r["measure_id"] for r in CATALOGUE if r["kind"] == kind] for kind in "TRCM"}
    assert of_kind["T"] == ["M02-1", "M02-2", "M02-3", "M03-4", "M03-7", "M07-2", "M07-6", "M07-7", "M09-3"]
    assert of_kind["R"] == ["M05-6", "M06-5", "M08-1"]
    assert sum(map(len, of_kind.values())) == 87


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row["measure_id"])
def test_a_measure_is_said_whole(row) -> None:
    """What it asks is in the paper, in the clause that it names; what it needs is collected."""
    for part in row["clause_text"].split("……"):
        assert part in paper_by_clause()[row["clause"]]
    assert all(row[name] for name in row if name not in ("note", "tables"))
    assert set(row["tables"]) <= set(contract.load())
    assert len(set(row["tables"])) == len(row["tables"])
    assert row["unit"] in UNITS
    assert row["direction"] in ("up", "down", "none")
    assert re.fullmatch(r"[^·]+(·[^·]+)*·(月|季|年)", row["grain"])


def test_only_the_ledger_s_own_measure_needs_no_table() -> None:
    assert [row["measure_id"] for row in CATALOGUE if not row["tables"]] == ["M01-3"]


def test_a_measure_belongs_to_the_domain_of_one_of_its_tables() -> None:
    """Or to `measures`: what is derived from others."""
    domains = {name: one.domain for name, one in contract.load().items()}
    for row in CATALOGUE:
        own = {domains[table] for table in row["tables"]} or {"quality"}
        assert row["domain"] in own or row["measure_id"] == "M02-5", row["measure_id"]


def test_names_are_unique() -> None:
    for name in ("measure_id", "name_zh", "name_en", "definition_zh", "definition_en"):
        assert [value for value, n in Counter(row[name] for row in CATALOGUE).items() if n > 1] == []


def test_goals_stand_in_the_clause_of_their_measure() -> None:
    clauses = {row["measure_id"]: row["clause"] for row in CATALOGUE}
    for goal in reference_files.target_rows():
        assert clauses[goal["measure_id"]] == goal["clause"]


def test_every_figure_is_of_a_measure() -> None:
    known = {row["measure_id"] for row in CATALOGUE}
    assert {row["measure_id"] for row in reference_files.figure_rows()} <= known


DERIVED = {"M02-5": "mart_target_pace"}


def test_every_measure_has_a_figure_or_a_mart_of_its_own() -> None:
    """M02-5 is the pace to every target, told a row a target and area; all else is a number."""
    figured = {row["measure_id"] for row in reference_files.figure_rows()}
    assert {row["measure_id"] for row in CATALOGUE} - figured == set(DERIVED)


@pytest.fixture(scope="module")
def quantities() -> dict[str, dict]:
    """What macros/quantities.sql declares, as dbt reads it."""
    source = (contract.FOLDER.parent / "dbt_project/macros/quantities.sql").read_text(encoding="utf-8")
    return ast.literal_eval(re.search(r"return\((\{.*?\n\})\)", source, re.DOTALL)[1].replace("true", "True"))


@pytest.mark.parametrize(
    "figure", reference_files.figure_rows(), ids=lambda row: f"{row['measure_id']}-{row['figure_id']}"
)
def test_a_figure_is_made_of_declared_quantities(figure, quantities) -> None:
    kinds = {"median": ("each",), "milestone": ("first",)}.get(figure["shape"], ("count", "sum"))
    for side in filter(None, (figure["numerator"], figure["denominator"])):
        table, column = side.split(".")
        fact, _, code = table.partition(":")
        assert column in [name for kind in kinds for name in quantities[fact].get(kind, [])]
        assert bool(code) == ("split" in quantities[fact])
        if side == figure["numerator"] or figure["shape"] == "ratio":
            assert set(figure["breakdowns"]) <= set(quantities[fact].get("by", []))

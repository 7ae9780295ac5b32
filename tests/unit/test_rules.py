"""The list of every rule: nothing that code tells is missing from it, nothing stands in it that code doesn't tell."""

import ast
import re
from pathlib import Path

import yaml

from shegong import contract as contracts
from shegong.contract_model import LEVELS as FINDING_LEVELS
from shegong.quality import rules, suites

PACKAGE = Path(contracts.__file__).parent
FILE_RULES = yaml.safe_load((PACKAGE / "intake" / "file_rules.yaml").read_text(encoding="utf-8"))


def _told_of_files() -> set[str]:
    """Every rule of whole files that the package tells: refusals by their name, the others by their id, in SQL quoted."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FileRefused":
                found.add(f"file.{node.args[0].value}")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"(?:^|')(file\.[a-z_]+)(?='|$)", node.value))
    return found


def test_every_rule_of_whole_files_is_listed() -> None:
    # places.py and data_rows.py put the name behind `file.` when they tell
    composed = {
        "file.same_as_earlier",
        "file.same_as_other_unit",
        "file.total_mismatch",
        "file.subtotal_mismatch",
    }
    assert _told_of_files() | composed == set(FILE_RULES)


def test_levels_are_those_of_findings() -> None:
    assert {level for level, _ in FILE_RULES.values()} <= set(FINDING_LEVELS)
    assert {key: words[0] for key, words in rules.LEVELS.items() if key != "X"} == FINDING_LEVELS


def test_every_declared_rule_is_listed_once_with_what_it_says_and_who_acts() -> None:
    listed = rules.declared()
    ids = [rule.rule_id for rule in listed]
    assert len(ids) == len(set(ids))
    assert all(rule.text and rule.acts and rule.level in rules.LEVELS for rule in listed)
    for contract in contracts.load().values():
        assert {rule.rule_id for rule in contract.all_rules} <= set(ids)
    for folder in ("submissions", "plausibility", "marts"):
        for suite in suites.read(folder):
            assert {e["meta"]["rule_id"] for e in suite["expectations"]} <= set(ids), suite["name"]
    assert {
        "talent.claimed_elsewhere",
        "talent.missing_twice",
        "talent.id_no.filled_down",
        "judge.refused_share",
    } <= set(ids)


def test_a_rule_says_where_it_is_asked_and_by_whom_it_is_mended() -> None:
    of = {rule.rule_id: rule for rule in rules.declared()}
    assert (of["judge.roster_fall"].stage, of["judge.roster_fall"].acts) == ("judged", "省里")
    assert (of["judge.money_average"].level, of["judge.money_average"].acts) == ("E", "县（市、区）")
    assert (of["audit.change"].stage, of["audit.change"].level) == ("published", "X")
    assert (of["talent.age_in_post"].stage, of["talent.age_in_post"].level) == ("file", "W")
    assert of["talent.community_unknown"].stage == "register"
    assert "{" not in of["judge.roster_fall"].text

"""How often a rule fired, since when; new, known, recovered; every failing row kept; Data Docs without the internet."""

import re

import psycopg
import pytest
from judged_warehouse import DAY, NEXT, ask, find, put_in_force, stage
from quality_rows import agency, talent
from warehouse_rows import at

from shegong import database as warehouse
from shegong.errors import ShegongError
from shegong.judge import judge
from shegong.quality import data_docs, rules

pytest_plugins = ["judged_warehouse"]
DAYS = [f"2026-05-{day:02d}" for day in range(6, 12)]


def listed(given, day: str = DAYS[-1]) -> dict[str, rules.Rule]:
    with warehouse.connect(given.dsn["auditor"]) as connection:
        return {rule.rule_id: rule for rule in rules.listed(connection, at(day, 23))}


def firings(given, rule_id: str) -> list[dict]:
    with warehouse.connect(given.dsn["auditor"]) as connection:
        return rules.firings(connection, rule_id)


def test_new_known_and_recovered(database, given, rows) -> None:
    """Sent on five days: plausible, implausible, implausible again, plausible, implausible."""
    for day, is_wrong in zip(DAYS, (False, True, True, False, True), strict=False):
        number = stage(rows, "talent", [talent(n, row_action="2") for n in range(100)], day=day, mode="D")
        if is_wrong:
            find(database, number, "talent.sex.number", range(4, 10))
        other = stage(
            rows,
            "talent",
            [talent(n, "330102", row_action="2") for n in range(100)],
            unit="330102",
            day=day,
            mode="D",
        )
        if day == DAYS[2]:
            find(database, other, "talent.sex.number", range(4, 10))
        judge(given, at(day))
    told = [
        (
            row["unit_name"],
            f"{row['asked_at']:%d}",
            row["novelty"],
            f"{row['recovered_at']:%d}" if row["recovered_at"] else "",
        )
        for row in firings(given, "judge.sex_mismatch")
    ]
    assert sorted(told) == [
        ("上城区", "08", "new", "09"),
        ("西湖区", "07", "new", ""),
        ("西湖区", "08", "known", "09"),
        ("西湖区", "10", "new", ""),
    ]
    rule = listed(given)["judge.sex_mismatch"]
    assert (rule.times, rule.standing, rule.recovered) == (4, 1, 1)
    assert (f"{rule.first_at:%d}", f"{rule.last_at:%d}") == ("07", "10")
    assert listed(given)["judge.birth_mismatch"].times == 0


def test_every_failing_submission_is_kept_with_its_figures(database, given, rows) -> None:
    made = {}
    for number, unit in enumerate(("330106", "330102", "330105"), start=6):
        made[unit] = stage(
            rows, "talent", [talent(n, unit, row_action="2") for n in range(100)], unit=unit, mode="D"
        )
        find(database, made[unit], "talent.sex.number", range(4, 4 + number))
    judge(given, at(DAY))
    kept = {
        row["submission_id"]: row["details"]["shown"]["sex_rows"]
        for row in firings(given, "judge.sex_mismatch")
    }
    assert kept == {made["330106"]: 6, made["330102"]: 7, made["330105"]: 8}


def test_a_rule_that_no_list_declares_is_shown_as_it_was_told(database, given, rows) -> None:
    number = stage(rows, "talent", [talent(1)])
    find(database, number, "talent.a_former_rule", range(4, 6))
    rule = listed(given)["talent.a_former_rule"]
    assert (rule.times, rule.is_declared, rule.subject, rule.text) == (2, False, "社会工作专业人才", "不符")


def test_data_docs_load_nothing_from_elsewhere(database, given, rows, tmp_path) -> None:
    rows.submit("330106", "agency", DAY, [agency(n) for n in range(100)], mode="S")
    put_in_force(database, "agency")
    stage(rows, "agency", [agency(n) for n in range(50)], day=NEXT)
    judge(given, at(NEXT))
    with warehouse.connect(given.dsn["auditor"]) as connection:
        count = data_docs.build(connection, tmp_path / "site")
        with pytest.raises(ShegongError, match="not empty"):
            data_docs.build(connection, tmp_path / "site")
    pages = {
        path.relative_to(tmp_path / "site"): path.read_text("utf-8")
        for path in (tmp_path / "site").rglob("*.html")
    }
    # its index, and of each suite what it asks and what it said
    assert len(pages) == 1 + 2 * count
    for page, text in pages.items():
        loaded = re.findall(r"<(?:script|link|img)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)[\"']", text)
        assert loaded, page
        for address in loaded:
            assert not address.startswith(("http", "//")), (page, address)
            assert (tmp_path / "site" / page.parent / address).exists(), (page, address)
    assert any("judge.roster_fall" in text or "roster_fall_share_to_hold" in text for text in pages.values())
    kept = ask(database, "select results::text from ops.validation where suite like 'submissions.%%'")
    assert kept
    assert "unexpected_list" not in "".join(text for (text,) in kept)


def test_the_files_are_of_the_versions_that_the_pages_name() -> None:
    from pathlib import Path

    import great_expectations

    templates = Path(great_expectations.__file__).parent / "render" / "view" / "templates"
    named = set()
    for path in templates.glob("*.j2"):
        named |= set(
            re.findall(
                r"<(?:script|link)\b[^>]*?(?:src|href)=[\"'](https?://[^\"']+)", path.read_text("utf-8")
            )
        )
    missing = {address.rsplit("/", 1)[-1] for address in named} - data_docs.FILES.keys()
    assert not missing
    words = (data_docs.ASSETS / "README.md").read_text("utf-8")
    for address in named:
        for version in re.findall(r"(?<=[@/-])(\d+\.\d+\.\d+)(?=[/.])", address):
            assert version in words or version == "1.19.0", address


def test_nothing_was_asked_yet(database, given, rows, tmp_path) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("truncate ops.validation")
    with warehouse.connect(given.dsn["auditor"]) as connection, pytest.raises(ShegongError, match="no suite"):
        data_docs.build(connection, tmp_path / "site")

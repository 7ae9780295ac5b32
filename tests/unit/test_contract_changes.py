"""Contracts by date: what a diff changes, from which day, for whom, and what is refused as a diff."""

import io
import re
from datetime import date
from pathlib import Path

import contracts_folder
import openpyxl
import pytest
from click.testing import CliRunner

from shegong import contract
from shegong.errors import ShegongError
from shegong.intake.template_command import template
from shegong.render import dbt_source, expectations, staging
from shegong.render.template import empty_template

BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)
DAY = AFTER.isoformat()
BODY = """
add:
  fields:
    - {name: volunteers, header: 志愿者人数, type: integer, min: "0", required: true, after: households, description: 登记志愿者}
  rules:
    - {name: few_volunteers, level: W, ok: volunteers >= 1, columns: [volunteers], text: 没有志愿者, mend: 请核对}
change:
  fields:
    community_name: {max_length: 30, aliases: [社区全称]}
  rules:
    large_population: {level: E}
drop:
  fields: [fund_yuan]
  rules: [fund_without_flag]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return contracts_folder.copy(tmp_path)


def test_the_report_date_chooses(folder: Path) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", BODY)
    old, new = (contract.load(folder, on=day)["community"] for day in (BEFORE, AFTER))
    assert (old.version, new.version) == ("2026.1", "2026.2")
    assert (old.field("community_name").max_length, new.field("community_name").max_length) == (60, 30)
    assert [f.name for f in old.fields if f not in new.fields] == ["community_name", "fund_yuan"]
    names = [f.name for f in new.fields]
    assert names[names.index("households") + 1] == "volunteers"
    assert {r.rule_id: r.level for r in new.rules}["community.large_population"] == "E"
    assert {r.rule_id: r.level for r in old.rules}["community.large_population"] == "W"
    assert new.rules[-1].rule_id == "community.few_volunteers"
    assert contract.load(folder)["community"] is new


def test_only_the_changed_table_is_another(folder: Path) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", BODY)
    old, new = (contract.load(folder, on=day) for day in (BEFORE, AFTER))
    assert [table for table in old if old[table] is not new[table]] == ["community"]


def test_a_second_diff_is_laid_over_the_first(folder: Path) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", BODY)
    contracts_folder.change(
        folder, "community", "2026-10-01", "2026.3", "drop: {fields: [volunteers], rules: [few_volunteers]}\n"
    )
    history = contract.versions(folder)["community"]
    assert [made.version for made in history] == ["2026.1", "2026.2", "2026.3"]
    assert history[2].field("community_name").max_length == 30


def test_a_changed_code_list_makes_a_version_of_each_table_that_uses_it(folder: Path) -> None:
    body = 'add: {service_domain: {"17": 临终关怀}}\ndrop: {service_domain: ["16"]}\n'
    contracts_folder.change(folder, "code_lists", DAY, "2026.5", body)
    old, new = (contract.load(folder, on=day) for day in (BEFORE, AFTER))
    users = {
        t for t, made in new.items() if any(f.codes and f.codes.name == "service_domain" for f in made.fields)
    }
    assert {t for t in new if new[t].version == "2026.5"} == users == {t for t in new if new[t] is not old[t]}
    assert "talent" in users
    codes = new["talent"].field("service_domain").codes.codes
    assert (
        codes["17"] == "临终关怀"
        and "16" not in codes
        and "16" in old["talent"].field("service_domain").codes.codes
    )
    assert {"16", "17"} <= set(contract.code_lists(folder)["service_domain"].codes)


def test_staging_and_dbt_hold_the_columns_of_all_versions(folder: Path, monkeypatch) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", BODY)
    made = contract.stored(folder)["community"]
    assert {"volunteers", "fund_yuan"} <= {column.name for column in staging.all_columns(made)}
    monkeypatch.setattr(contract, "FOLDER", folder)
    macro = dbt_source.render_all()[Path("dbt_project/macros/contract_columns.sql")]
    community = macro.split("'community': {")[1].split("},\n")[0]
    assert {"volunteers", "fund_yuan"} <= set(re.findall(r"'(\w+)': ", community))


def test_each_version_has_a_suite(folder: Path, monkeypatch, tmp_path: Path) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", BODY)
    monkeypatch.setattr(contract, "FOLDER", folder)
    made = {path.name: text for path, text in expectations.render_all(tmp_path).items()}
    assert "community.few_volunteers" not in made["community.json"]
    assert "community.few_volunteers" in made["community.2026-07-01.json"]


def test_the_template_is_the_one_of_its_date(folder: Path, monkeypatch, tmp_path: Path) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", BODY)
    monkeypatch.setattr(contract, "FOLDER", folder)
    said = {}
    for day in (BEFORE, AFTER):
        out = tmp_path / f"{day}.xlsx"
        run = CliRunner().invoke(
            template, ["community", "--date", str(day), "--out", str(out)], catch_exceptions=False
        )
        assert run.exit_code == 0, run.output
        book = openpyxl.load_workbook(out)
        hidden = {row[1]: row[2] for row in book["_shegong"].iter_rows(values_only=True)}
        said[day] = (hidden["community"], "志愿者人数" in [cell.value for cell in book["城乡社区"][3]])
    assert said == {BEFORE: ("2026.1", False), AFTER: ("2026.2", True)}


def test_the_same_folder_gives_the_same_template(folder: Path) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", BODY)
    made = [io.BytesIO(), io.BytesIO()]
    for content in made:
        empty_template(content, [contract.load(folder, on=AFTER)["community"]])
    assert made[0].getvalue() == made[1].getvalue()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("drop: {fields: [no_such]}", "fields: community has no no_such"),
        ("change: {rules: {no_such: {level: E}}}", "rules: community has no no_such"),
        ("change: {fields: {population: {name: people}}}", "name can't be changed"),
        ("change: {fields: {population: {type: text}}}", "population is integer in staging and can't become text"),
        ("change: {fields: {fund_yuan: {scale: 4}}}", r"fund_yuan is numeric\(18,2\) in staging"),
        ("change: {fields: {population: {no_such: 1}}}", "no_such"),
        ("add: {fields: [{name: population, header: 人口, type: integer, description: 又}]}", "has population already"),
        ("add: {fields: [{header: 人口, type: integer}]}", "has no name"),
        ("add: {fields: [{name: x, header: 某, type: integer, description: 某, after: y}]}", "has no y"),
        ("add: {fields: [{name: x, header: 某, type: number, description: 某}]}", "number"),
        ("add: {no_such: [{name: x}]}", "no_such"),
        ("drop: {no_such: [x]}", "community has no section no_such"),
        ("drop: {fields: [community_code]}", "part of the key|speaks of community_code"),
        ("drop: {fields: [population]}", "rule community.large_population speaks of population"),
        ("change: {rules: {large_population: {ok: folk < 3}}}", "speaks of folk"),
        ("set: {key: [community_name]}", "key can't be changed"),
        ("set: {cadence: hourly}", "cadence hourly"),
        ("replace: {}", "unknown part replace"),
        ("{}", "changes nothing|can't be read"),
    ],
)  # fmt: skip
def test_what_does_not_apply_is_told_with_its_file(folder: Path, body: str, said: str) -> None:
    contracts_folder.change(folder, "community", DAY, "2026.2", body + "\n")
    with pytest.raises(ShegongError, match=said) as told:
        contract.load(folder)
    assert "2026-07-01_community.yaml" in str(told.value)


@pytest.mark.parametrize(
    ("table", "day", "version", "said"),
    [
        ("nothing", DAY, "2", "no table nothing"),
        ("community", "2025-07-01", "2025.1", "before 2026-01-01"),
        ("community", DAY, "2026.1", "has had a version 2026.1 already"),
    ],
)
def test_a_diff_of_no_table_or_a_wrong_day_is_refused(
    folder: Path, table: str, day: str, version: str, said: str
) -> None:
    contracts_folder.change(folder, table, day, version, "drop: {fields: [has_fund]}\n")
    with pytest.raises(ShegongError, match=said):
        contract.load(folder)


def test_a_diff_must_be_named_as_what_it_says(folder: Path) -> None:
    path = contracts_folder.change(folder, "community", DAY, "2026.2", "drop: {fields: [has_fund]}\n")
    path.rename(path.with_name("2026-07-02_community.yaml"))
    with pytest.raises(ShegongError, match="must be 2026-07-01_community"):
        contract.load(folder)


def test_a_dropped_code_that_a_kind_names_is_gone_there_too(folder: Path) -> None:
    contracts_folder.change(
        folder,
        "code_lists",
        DAY,
        "2026.5",
        'add: {event_type: {"0405": {label: 新办法, kind: 文}}}\ndrop: {event_type: ["0402"]}\n',
    )
    old, new = (
        contract.load(folder, on=day)["event"].field("document_no").required_when for day in (BEFORE, AFTER)
    )
    assert "'0402'" in old and "'0402'" not in new and "'0405'" in new

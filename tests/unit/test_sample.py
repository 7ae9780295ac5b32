"""The sample week: its size, what is planted in it, and that it says the truth about itself."""

import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from reading_a_sample import read_file

from shegong import contract, sample
from shegong.contract import Contract
from shegong.sample import manifest
from shegong.sample.submission import DAYS

REPOSITORY = Path(__file__).parents[2]
TYPED = ("integer", "decimal", "date", "month", "boolean")
# what can't be planted, each with its reason
NOT_PLANTED = {
    "file.line_too_long": "a line of more than a MiB says nothing that the reader's own test doesn't",
    "file.too_large": "a file of more than a GiB would cost the demo its disk",
    "community.withdraw_foreign": "the file check community_elsewhere refuses such a row first",
    "agency.code_with_two_names": "a unit has too few agencies; employer.code_with_two_names is the same question",
    **{
        f"{table}.{name}": "the file check <table>_elsewhere refuses such a row first"
        for table in ("township", "volunteer_org")
        for name in ("withdraw_foreign", "claimed_elsewhere")
    },
    "community.claimed_elsewhere": "the file check community_elsewhere refuses such a row first",
    **dict.fromkeys(
        (
            "judge.change_new_some",
            "judge.change_rows",
            "judge.change_withdrawn",
            "judge.change_withdrawn_some",
            "judge.column_one_value",
            "judge.column_report_day",
            "judge.figure_jump",
            "judge.filled_down",
            "judge.money_average_low",
            "judge.money_few_keys_low",
            "judge.money_peers",
            "judge.money_peers_low",
            "judge.money_same_keys_low",
            "judge.roster_rise",
            "judge.roster_rise_some",
            "judge.structure",
            "judge.structure_peers",
            "judge.structure_some",
        ),
        "tests/integration/test_plausibility.py has each with a file that it speaks of and one at its limit",
    ),
}
# said by the register and the judge, which need the database: tests/e2e holds them against defects.csv
REGISTER = {
    "new_known_key",
    "update_unknown_key",
    "withdraw_unknown_key",
    "withdraw_foreign",
    "withdraw_passed_on",
    "claimed_elsewhere",
    "name_differs",
    "correct_unknown_key",
    "number_on_two_people",
    "code_with_two_names",
    "nil_contradiction",
    "same_as_earlier",
}
TOTALS = {"total_mismatch", "subtotal_mismatch"}
REFERENCES = {
    r.rule_id
    for spec in contract.load().values()
    for r in (*spec.references, *spec.unique_owner, *spec.across)
}


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    sample.make(folder)
    return folder


@pytest.fixture(scope="module")
def defects(out) -> pd.DataFrame:
    return pd.read_csv(out / "defects.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def truth(out) -> pd.DataFrame:
    return pd.read_csv(
        out / "truth.csv", dtype={"area_code": str}, keep_default_na=False, na_values={"value": [""]}
    )


def rules_of(spec: Contract) -> set[str]:
    """Every rule id that the reader and the register can give for a table."""
    found = {f"{spec.table}.{f.name}.{check}" for f in spec.fields for check in checks_of(f)}
    found |= {rule.rule_id for rule in spec.all_rules}
    names = [
        "duplicate_key",
        "update_unknown_key",
        "new_known_key",
        "withdraw_unknown_key",
        "correct_unknown_key",
    ]
    names += [] if "_unit_code" in spec.key else ["withdraw_foreign", "claimed_elsewhere"]
    names += ["name_differs"] if spec.has_person else []
    # one story tells it: who was claimed by another county takes back its own word
    names += ["sex.number", "birth_date.number", "withdraw_passed_on"] if spec.table == "talent" else []
    return found | {f"{spec.table}.{name}" for name in names}


def checks_of(field: contract.Field) -> list[str]:
    applies = {
        "required": field.required,
        "required_when": field.required_when and not field.required,
        "type": field.type in TYPED,
        "code": field.type in ("code", "codes"),
        "warn_code": field.warn_codes,
        "length": field.max_length,
        "range": field.min or field.max,
        "scale": field.type == "decimal",
        "pattern": field.pattern or field.type == "name",
        "check_digit": field.check or field.type == "document",
        "number_cell": field.type in ("text", "document"),
        "format": field.type == "document",
        "scientific": field.type == "document",
        "damaged": field.type == "document",
        "rounded": field.type == "document",
        "unclear": field.type == "name",
        "old_15_digit": field.type == "document",
        "fixed": True,
    }
    return [check for check, yes in applies.items() if yes]


def file_rules() -> set[str]:
    """What the intake refuses whole files for, and says of sheets, read from its source."""
    source = "".join(path.read_text() for path in sorted((REPOSITORY / "shegong" / "intake").rglob("*.py")))
    said = set(re.findall(r'FileRefused\(\s*"(\w+)"', source)) | set(re.findall(r'"file\.(\w+)"', source))
    return {f"file.{rule}" for rule in said | {"nil_contradiction", "same_as_earlier"} | TOTALS}


def judge_rules() -> set[str]:
    suites = [
        json.loads(path.read_text()) for path in (REPOSITORY / "expectations" / "plausibility").glob("*.json")
    ]
    return {e["meta"]["rule_id"] for suite in suites for e in suite["expectations"]} | {"judge.refused_share"}


def test_every_check_has_its_defect(defects):
    known = set().union(*(rules_of(spec) for spec in contract.load().values()), file_rules(), judge_rules())
    planted = set(defects["rule_id"])
    assert sorted(known - planted - set(NOT_PLANTED)) == []
    assert sorted(planted - known) == []
    assert not planted & set(NOT_PLANTED)


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("certified_holders", 26_413),
        ("posts", 14_340),
        ("agencies", 787),
        ("communities_urban", 5_716),
        ("communities_rural", 19_708),
        ("communities_other", 123),
    ],
)
def test_first_day_has_the_published_figures(truth, measure, value):
    of_province = truth[
        (truth["day"] == 1) & (truth["area_level"] == "province") & (truth["measure_id"] == measure)
    ]
    assert of_province["value"].tolist() == [value]


def test_communities_stay_those_of_the_register_but_for_the_merged_one(out, truth):
    counties = pd.read_csv(REPOSITORY / "shegong" / "reference" / "zhejiang_counties.csv", dtype=str)
    counties = counties[counties["is_current"] == "1"].set_index("code")
    merged = pd.read_csv(out / "cases.csv", dtype=str).query("case == 'merged'").iloc[0]
    columns = {"urban": "urban_communities_2023", "rural": "rural_villages_2023", "other": "other_units_2023"}
    for name, column in columns.items():
        found = truth[(truth["measure_id"] == f"communities_{name}") & (truth["area_level"] == "county")]
        for day, part in found.groupby("day"):
            expected = counties[column].astype(int).to_dict()
            if name == "urban" and day >= int(merged["day"]):
                expected[merged["unit"]] -= 1
            assert part.set_index("area_code")["value"].astype(int).to_dict() == expected


def test_province_is_counties_and_the_provinces_own_units(truth):
    first = truth[(truth["measure_id"] == "posts") & (truth["day"] == 1)]
    counties = first.loc[first["area_level"] == "county", "value"].sum()
    assert first.loc[first["area_level"] == "city", "value"].sum() == counties
    assert 0 < first.loc[first["area_level"] == "province", "value"].item() - counties < 1_000


def test_the_week_changes_what_the_goals_say(truth):
    of_province = truth[(truth["area_level"] == "province") & (truth["goal_id"] != "")]
    moved = of_province.groupby(["goal_id", "measure_id"])["value"].nunique()
    assert set(moved[moved > 1].index.get_level_values(0)) >= {
        "G01",
        "G02",
        "G03",
        "G06",
        "G07",
        "G08",
        "G11",
        "G12",
        "G13",
    }


def test_what_only_a_replaced_version_said_is_undone(out, truth):
    """Eight certificates are void from day 2; the next version, on day 4, has three of them: some holders
    come back.
    """
    states = pd.read_csv(out / "states.csv", dtype=str, keep_default_na=False)
    replaced = states[(states["state"] == "replaced") & (states["table"] == "certificate")]
    assert replaced["day"].tolist() == ["4"]
    of_unit = truth[(truth["goal_id"] == "G01") & (truth["area_code"] == replaced["unit"].item())].set_index(
        "day"
    )["value"]
    assert of_unit[2] < of_unit[1]
    assert of_unit[3] < of_unit[4] < of_unit[1]


def test_nothing_is_held_on_the_first_day(out):
    states = pd.read_csv(out / "states.csv", dtype=str, keep_default_na=False)
    assert set(states.loc[states["day"] == "1", "state"]) == {"accepted", "partly_accepted"}
    assert set(states["state"]) == {
        "accepted",
        "partly_accepted",
        "held",
        "refused",
        "nil",
        "replaced",
        "duplicate",
        "rejected",
        "",  # a returned receipt with nothing but explanations
    }


def test_first_day_and_usual_days_have_their_number_of_files(out):
    counts = [sum(1 for path in (out / f"day-{day}").glob("*/*")) for day in range(1, 7)]
    assert 950 <= counts[0] <= 1050
    assert all(210 <= count <= 260 for count in counts[1:])


def test_the_reader_blames_what_was_planted_and_nothing_else(out, defects):
    """Of the first day a quarter of the units, of the other days every file; register and judge are asked
    in tests/e2e.
    """
    wanted: dict[tuple, Counter] = {}
    for row in defects.itertuples():
        if (
            row.rule_id.split(".")[-1] in REGISTER
            or row.rule_id in REFERENCES
            or row.rule_id.startswith("judge.")
        ):
            continue
        place = (row.sheet, int(row.row) if row.row else None, row.column_header, row.rule_id, row.level)
        wanted.setdefault((int(row.day), row.unit, row.file), Counter())[place] += 1
    waiting = _waiting_for_a_person(out)
    wrong = {}
    for path in sorted(out.glob("day-*/*/*")):
        day, unit = int(path.parts[-3].removeprefix("day-")), path.parts[-2]
        if (day == 1 and int(unit) % 4) or (day, unit, path.name.split("_")[1:2]) in waiting:
            continue
        found, want = read_file(path, unit, DAYS[day - 1]), wanted.get((day, unit, path.name), Counter())
        if found != want:
            wrong[f"day {day} {path.name}"] = {"missing": dict(want - found), "too much": dict(found - want)}
    assert wrong == {}


def _waiting_for_a_person(out: Path) -> list[tuple[int, str, list[str]]]:
    """Day, unit and table of files that are read by what a person put into the database (tests/e2e)."""
    acts = pd.read_csv(out / "acts.csv", dtype=str)
    acts = acts[acts["act"].isin(["approve_heading", "add_unit"])]
    return [(int(a.day), a.unit, a.file.split("_")[1:2]) for a in acts.itertuples()]


def test_the_same_seed_gives_the_same_bytes(out, tmp_path):
    sample.make(tmp_path, days=1)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.glob("day-1/*/*"))
    assert [path for path in files if (tmp_path / path).read_bytes() != (out / path).read_bytes()] == []
    assert len(files) == sum(1 for _ in out.glob("day-1/*/*"))


def test_another_seed_gives_other_people_and_the_same_figures():
    deliveries, where = sample.deliver("2018", seed=7, days=1)
    figures = manifest.true_figures(deliveries, where, days=1)
    of_province = figures[figures["area_level"] == "province"].set_index("measure_id")["value"]
    assert (of_province["certified_holders"], of_province["posts"], of_province["agencies"]) == (
        26_413,
        14_340,
        787,
    )

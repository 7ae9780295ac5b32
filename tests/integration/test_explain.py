"""`explain` leads a number back to the rows of the files, and says when the marts contradict themselves."""

import json

import psycopg
import pytest
from warehouse_rows import Rows, at, settings_of

from shegong import explain as explaining
from shegong import reference_data, transform
from shegong.errors import ShegongError
from shegong.explain.command import as_json

DAY = "2026-05-06"
WEST, FIRST_DISTRICT = "330106", "330102"


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """Two certified people and one who isn't in 西湖区, one in 上城区, built to a candidate that stands as published."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    person = {"status": "1", "employer_type": "05"}
    paper = {
        "reg_seq": 0,
        "cert_level": "1",
        "reg_kind": "0",
        "cert_status": "1",
        "approve_date": "2020-10-01",
    }
    for unit, keys in ((WEST, ("a", "b")), (FIRST_DISTRICT, ("c",))):
        people = [{**person, "person_key": key} for key in (*keys, f"none-{unit}")]
        rows.submit(unit, "talent", DAY, people, mode="S")
        papers = [{**paper, "person_key": key, "cert_mgmt_no": f"no-{key}"} for key in keys]
        rows.submit(unit, "certificate", DAY, papers, mode="S")
    money = {"source_type": "1", "level": "4", "usage": "1"}
    rows.submit(WEST, "funding", DAY, [
        {**money, "batch_no": "1", "year": 2026, "budget_yuan": 100},
        {**money, "batch_no": "2", "year": 2026, "budget_yuan": 20},
        {**money, "batch_no": "1", "year": 2025, "budget_yuan": 80},
    ])  # fmt: skip
    publication = transform.begin(given, at(DAY))
    transform.build_core(given, at(DAY), publication)
    transform.build_marts(given, at(DAY), publication)
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("alter schema marts rename to marts_before")
        connection.execute("alter schema marts_next rename to marts")
    return given


def test_a_count_leads_to_its_rows_and_to_what_makes_them_count(given) -> None:
    found = explaining.explain(given, "M02-1", WEST)
    assert (found.value["value"], found.value["state"]) == (2, "已采集")
    assert found.figure["clause"] == "一(二)"
    (part,) = found.parts
    assert (part["total"], part["row_count"], part["quantity"]) == (2, 2, "fct_talent.is_counted")
    assert sorted((row["table"], row["row_number"]) for row in part["rows"]) == [("talent", 4), ("talent", 5)]
    assert {row["unit_code"] for row in part["rows"]} == {WEST}
    assert all(row["file"].endswith(".csv") for row in part["rows"])
    because = [paper for row in part["rows"] for paper in row["because"]]
    assert sorted((paper["table"], paper["row_number"]) for paper in because) == [
        ("certificate", 4),
        ("certificate", 5),
    ]


def test_its_sql_runs_for_whoever_reads_the_marts(database, given) -> None:
    (part,) = explaining.explain(given, "M02-1", "330000").parts
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("grant usage on schema marts to bi_reader")
        connection.execute("grant select on all tables in schema marts to bi_reader")
    with psycopg.connect(database.dsn["bi_reader"]) as connection:
        assert connection.execute(part["sql"]).fetchone() == (3,)


def test_a_growth_shows_both_years(given) -> None:
    found = explaining.explain(given, "M14-1", WEST, figure_id="growth")
    assert found.value["value"] == pytest.approx(0.5)
    assert [(part["role"], part["total"], part["row_count"]) for part in found.parts] == [
        ("numerator", 120, 2),
        ("denominator", 80, 1),
    ]


def test_no_more_rows_than_asked_for_but_all_are_counted(given) -> None:
    (part,) = explaining.explain(given, "M02-1", "330100", limit=1).parts
    assert (len(part["rows"]), part["row_count"]) == (1, 3)


def test_as_json_it_is_the_same(given) -> None:
    told = json.loads(as_json(explaining.explain(given, "M02-1", WEST)))
    assert told["parts"][0]["rows"][0]["report_date"] == DAY
    assert told["figure"]["measure_id"] == "M02-1"


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("M99-9", WEST), "shegong measures"),
        (("M02-1", WEST, "nothing"), "beside, value"),
        (("M02-1", "999999"), "dim_areas"),
        (("M14-1", WEST, "value", None, "2020"), "2026"),
    ],
)
def test_what_is_not_there_is_said(given, words, mend) -> None:
    with pytest.raises(ShegongError) as caught:
        explaining.explain(given, *words)
    assert mend in str(caught.value.mend)


def test_marts_that_contradict_themselves_are_not_explained_away(database, given) -> None:
    change = "update marts.mart_measures set numerator = numerator {} 1 where measure_id = 'M02-1' and area_code = %s"
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(change.format("+"), [WEST])
    with pytest.raises(ShegongError, match="2 by its rows and 3"):
        explaining.explain(given, "M02-1", WEST)
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(change.format("-"), [WEST])

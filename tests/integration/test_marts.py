"""The candidate marts, built by real dbt from staged rows: what each measure says, and what stays out."""

import json
from pathlib import Path

import psycopg
import pytest
from warehouse_rows import Rows, at, settings_of

from shegong import reference_data, transform
from shegong.database import OWNER

DAY = "2026-05-06"
NOW = at(DAY)


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """A warehouse with one county's and 省本级's files, built up to the candidate."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    submit_everything(Rows(database.superuser_dsn))
    publication = transform.begin(given, NOW)
    transform.build_core(given, NOW, publication)
    transform.build_marts(given, NOW, publication)
    return given


def submit_everything(rows: Rows) -> None:
    person = {
        "employer_type": "04",
        "status": "1",
        "sw_major": False,
        "is_direct_service": True,
        "birth_year": 1990,
    }
    west = "330106"
    rows.submit(west, "talent", DAY, [
        {**person, "person_key": "k1", "person_mask": "3****1", "name_key": "n1",
         "community_code": "330106001001"},
        {**person, "person_key": "k2", "community_code": "330106001001", "status": "3"},
        {**person, "person_key": "k3", "work_area_code": "330102", "employer_type": "05"},
        {**person, "person_key": "k4", "employer_type": "05"},
        {**person, "person_key": "k5", "work_area_code": "330100", "employer_type": "01"},
    ], mode="S")  # fmt: skip
    rows.submit("339900", "talent", DAY, [{**person, "person_key": "k6", "employer_type": "01"}], mode="S")
    registered = {"reg_kind": "1", "reg_date": "2024-01-01", "reg_valid_to": "2026-12-31", "cert_status": "1"}
    certificates = [
        {**registered, "cert_mgmt_no": f"c{n}", "reg_seq": 1, "person_key": f"k{n}", "cert_level": "1",
         "approve_date": "2023-10-01"} for n in (1, 2, 3, 5, 6)
    ]  # fmt: skip
    senior = {**certificates[0], "cert_mgmt_no": "c1b", "cert_level": "2"}
    orphan = {**certificates[0], "cert_mgmt_no": "c9", "person_key": "k9"}
    rows.submit(west, "certificate", DAY, [*certificates, senior, orphan], mode="S")
    rows.submit("339900", "certificate", DAY, [], mode="S")
    post = {"employer_id": "e1", "employer_type": "03", "status": "1", "is_professional": True, "slot_no": 1}
    rows.submit(west, "post", DAY, [
        {**post, "post_no": "1", "post_grade": 9, "person_key": "k1"},
        {**post, "post_no": "2", "post_grade": 9, "person_key": "k2"},
        {**post, "post_no": "3", "post_grade": 9},
    ])  # fmt: skip
    rows.submit(west, "agency", DAY, [{"uscc": "a1", "org_form": "1", "status": "1"}])
    rows.submit(
        "339900", "agency", DAY, [{"uscc": "a2", "org_form": "1", "status": "1", "recognition_no": "文1"}]
    )
    rows.submit(west, "employer", DAY, [
        {"employer_id": "e1", "employer_type": "03", "is_main_sw_unit": True, "total_pt_posts": 20,
         "sw_pt_posts": 13},
    ])  # fmt: skip
    rows.submit(west, "community", DAY, [
        {"community_code": "330106001001", "unit_kind": "1", "status": "1"},
        {"community_code": "330106001201", "unit_kind": "2", "status": "1"},
    ])  # fmt: skip
    project = {"is_purchased": True, "budget_yuan": 100, "contract_yuan": 100, "end_date": "2026-12-31"}
    rows.submit(west, "project", DAY, [
        {**project, "project_no": "p1", "budget_labour_yuan": 70},
        {**project, "project_no": "p2", "budget_labour_yuan": 71},
    ])  # fmt: skip
    staff = {"project_no": "p1", "as_social_worker": True, "start_date": "2026-01-01"}
    rows.submit(west, "project_staff", DAY, [{**staff, "person_key": "k1"}, {**staff, "person_key": "k4"}])
    rows.submit(west, "labour_cost", DAY, [{"project_no": "p1", "period": "2026Q1", "labour_total_yuan": 30}])
    money = {"source_type": "1", "level": "4", "usage": "1", "batch_no": "1"}
    rows.submit(west, "funding", DAY, [
        {**money, "year": 2026, "budget_yuan": 120}, {**money, "year": 2025, "budget_yuan": 100},
        {**money, "source_type": "2", "year": 2026, "budget_yuan": 9},
    ])  # fmt: skip


def progress(database, area: str) -> dict[str, tuple]:
    """(state, value, numerator, denominator) of an area, by measure."""
    query = (
        "select measure_id, state, value::float, numerator::float, denominator::float"
        " from marts_next.mart_target_progress where area_code = %s"
    )
    with psycopg.connect(database.dsn["auditor"]) as connection:
        return {row[0]: row[1:] for row in connection.execute(query, [area])}


def test_every_unit_test_of_dbt_passes(given) -> None:
    results = transform.invoke(
        given, ["test", "--select", "test_type:unit"], {"as_of": DAY, "publication_id": 1}
    )
    assert [(r.node.name, r.message) for r in results if str(r.status) != "pass"] == []
    tested = {r.node.tested_node_unique_id or r.node.model for r in results}
    assert len(results) >= 17
    assert len(tested) >= 15


def test_the_province_sums_what_its_units_reported(database, given) -> None:
    found = progress(database, "330000")
    assert found["M02-1"] == ("已采集", 5, 5, None)
    assert found["M02-2"] == ("已采集", 3, 3, None)
    assert found["M02-3"] == ("已采集", 2, 2, None)
    assert found["M09-3"] == ("已采集", 1, 1, None)
    assert found["M06-5"] == ("已采集", 0.5, 1, 2)
    assert found["M07-2"] == ("已采集", 1, 1, 1)
    assert found["M07-6"] == ("已采集", 0, 0, 1)
    assert found["M07-7"] == ("已采集", 0, 0, 1)
    assert found["M05-6"] == ("已采集", 0.5, 1, 2)
    assert found["M08-1"] == ("已采集", 0.5, 1, 2)
    assert found["M14-1"] == ("已采集", 0.2, 120, 100)
    assert found["M14-4"] == ("未采集", None, None, None)
    assert found["M03-4"] == found["M03-7"] == ("未报", None, None, None)
    assert len(found) == 14


def test_people_count_where_they_work(database, given) -> None:
    counted = {
        area: progress(database, area)["M02-1"] for area in ("330106", "330102", "330100", "339900", "330200")
    }
    assert counted == {
        "330106": ("已采集", 2, 2, None),
        # 上城区 has reported nothing itself: its figure is 未报, though others report people there.
        "330102": ("未报", None, None, None),
        # The city has both counties' people and those of the city's own level.
        "330100": ("已采集", 4, 4, None),
        "339900": ("已采集", 1, 1, None),
        "330200": ("未报", None, None, None),
    }


def test_coverage_and_targets_stand_beside(database, given) -> None:
    query = (
        "select area_code, target, reported_units, expected_units, is_expired"
        " from marts_next.mart_target_progress"
        " where measure_id = 'M02-1' and area_code in ('330000', '330106') order by 1"
    )
    with psycopg.connect(database.dsn["auditor"]) as connection:
        rows = connection.execute(query).fetchall()
    assert rows == [("330000", 100000, 2, 91, True), ("330106", None, 1, 1, True)]


def test_breaches_are_listed_with_their_reason(database, given) -> None:
    with psycopg.connect(database.dsn["auditor"]) as connection:
        query = "select goal_id, reason, project_no, post_no from marts_next.mart_rule_breaches order by 1"
        assert connection.execute(query).fetchall() == [
            ("G06", "人力成本占比超过上限", "p2", None),
            ("G11", "无证", "p1", None),
            ("G12", "证书等级低于岗位要求", None, "2"),
        ]


def test_no_person_reaches_the_marts(database, given) -> None:
    """No column, and no value, by which a person is known elsewhere."""
    known = {"k1", "n1", "3****1", "c1", "c1b", "c9"}
    hidden = {
        "person_key",
        "person_mask",
        "name_key",
        "cert_mgmt_no",
        "id_no",
        "person_name",
        "birth_year",
        "remark",
    }
    with psycopg.connect(database.dsn["auditor"]) as connection:
        query = (
            "select table_name, column_name from information_schema.columns where table_schema = 'marts_next'"
        )
        columns = connection.execute(query).fetchall()
        assert not {name for _, name in columns} & hidden
        for table in {name for name, _ in columns}:
            values = {str(v) for row in connection.execute(f"select * from marts_next.{table}") for v in row}
            assert not values & known, table


def models(given) -> list[dict]:
    """The models of dbt's manifest."""
    manifest = json.loads((given.home / "dbt/target/manifest.json").read_text())
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_every_model_and_column_is_described(database, given) -> None:
    query = "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
    with psycopg.connect(database.superuser_dsn) as connection:
        for model in models(given):
            assert model["description"], model["name"]
            built = {row[0] for row in connection.execute(query, [model["schema"], model["name"]])}
            assert built or model["config"]["materialized"] == "ephemeral", model["name"]
            described = {name for name, column in model["columns"].items() if column["description"]}
            assert built - described == set(), model["name"]


def test_every_mart_has_an_enforced_contract_a_key_and_its_publication(database, given) -> None:
    marts = [
        m for m in models(given) if m["schema"] == transform.MARTS and m["config"]["materialized"] == "table"
    ]
    assert len(marts) >= 18
    with psycopg.connect(database.dsn["auditor"]) as connection:
        for mart in marts:
            assert mart["config"]["contract"]["enforced"], mart["name"]
            assert mart["config"]["meta"]["domain"], mart["name"]
            table = f"marts_next.{mart['name']}"
            key = "select count(*) from pg_constraint where conrelid = %s::regclass and contype = 'p'"
            assert connection.execute(key, [table]).fetchone() == (1,), mart["name"]
            query = f"select count(*) from {table} where publication_id is distinct from 1"
            assert connection.execute(query).fetchone() == (0,), mart["name"]


def test_only_staging_models_read_staging_and_the_ledger(given) -> None:
    manifest = json.loads((given.home / "dbt/target/manifest.json").read_text())
    for name, parents in manifest["parent_map"].items():
        inner = [p for p in parents if p.startswith(("source.shegong.staging.", "source.shegong.ledger."))]
        assert not inner or ".stg_" in name, name


def test_the_candidate_belongs_to_the_owner_role(database, given) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        query = "select distinct tableowner from pg_tables where schemaname in ('core', 'marts_next')"
        assert connection.execute(query).fetchall() == [(OWNER,)]


def test_secrets_and_rows_stay_out_of_dbts_files(database, given) -> None:
    password = "transformer-in-tests"
    for path in (p for p in Path(given.home / "dbt").rglob("*") if p.suffix in (".log", ".json", ".sql")):
        assert password not in path.read_text(errors="replace"), path

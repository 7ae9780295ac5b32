"""What every model of the marts promises, over dbt's own manifest."""

import json
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

DAY = {"as_of": "1999-12-31", "publication_id": 987654321, "refill": True}
PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict:
    target = tmp_path_factory.mktemp("target")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DBT_HOST", "DBT_NAME", "DBT_USER", "DBT_ENV_SECRET_PASSWORD"):
            patch.setenv(name, "nobody")
        patch.setenv("DBT_PORT", "1")
        patch.setenv("DO_NOT_TRACK", "1")
        told = dbtRunner().invoke(
            ["parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet",
             "--target-path", str(target), "--log-path", str(target), "--vars", json.dumps(DAY)]
        )  # fmt: skip
    assert told.success
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))


def test_what_is_read_of_the_project_serves_every_day(manifest) -> None:
    """Builds read it once and not again for the next day (shegong/transform.py)."""
    read = json.dumps([manifest["nodes"], manifest["unit_tests"]])
    assert str(DAY["publication_id"]) not in read
    assert DAY["as_of"] not in read


@pytest.fixture(scope="module")
def marts(manifest) -> dict[str, dict]:
    """The models that become relations in schema marts, by name."""
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["fqn"][1] == "marts"
        and node["config"]["materialized"] != "ephemeral"
    }


def test_columns_and_types_are_enforced(marts) -> None:
    assert len(marts) > 60
    assert [name for name, node in marts.items() if not node["config"]["contract"]["enforced"]] == []
    assert [
        f"{n}.{c}" for n, node in marts.items() for c, col in node["columns"].items() if not col["data_type"]
    ] == []


def test_each_table_has_its_key(marts) -> None:
    keyless = [
        name
        for name, node in marts.items()
        if node["config"]["materialized"] == "table"
        and not any(constraint["type"] == "primary_key" for constraint in node["constraints"])
    ]
    assert keyless == []


def test_tables_and_columns_are_described(marts) -> None:
    assert [name for name, node in marts.items() if "一行" not in node["description"]] == []
    assert [
        f"{n}.{c}"
        for n, node in marts.items()
        for c, col in node["columns"].items()
        if not col["description"]
    ] == []


def test_a_mart_belongs_to_the_group_of_its_folder(manifest, marts) -> None:
    assert [name for name, node in marts.items() if node["group"] != node["fqn"][2]] == []
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    assert all(owners.values())


def test_no_mart_is_read_by_nobody(manifest, marts) -> None:
    read = {
        parent for exposure in manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]
    }
    assert sorted(name for name, node in marts.items() if node["unique_id"] not in read) == []


def test_only_staging_reads_what_others_write(manifest) -> None:
    """What lies in staging, and the ledger's views, are read through the staging layer alone."""
    sources = {
        key for key, source in manifest["sources"].items() if source["source_name"] in ("staging", "ledger")
    }
    readers = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and sources & set(node["depends_on"]["nodes"])
    }
    assert readers and {name for name in readers if not name.startswith("stg_")} == set()

"""Core's history by both times, through real dbt: what each kind of row and file does to what is known."""

import base64
from pathlib import Path

import psycopg
import pytest

from shegong import reference_data, settings, transform
from warehouse_rows import Rows, at

KEY = base64.b64encode(bytes(32)).decode()


def make_settings(database, home: Path) -> settings.Settings:
    """Settings of a throwaway warehouse."""
    names = {s.name: "unused" for s in settings.SETTINGS if s.default is None}
    keys = {name: KEY for name in names if name.endswith("_KEY")}
    addresses = {f"SHEGONG_DSN_{role.upper()}": dsn for role, dsn in database.dsn.items()}
    return settings.load(names | keys | addresses | {"SHEGONG_HOME": str(home)})


@pytest.fixture(scope="module")
def given(database, tmp_path_factory) -> settings.Settings:
    reference_data.load(database.dsn["admin"])
    return make_settings(database, tmp_path_factory.mktemp("home"))


def test_first(database, given) -> None:
    rows = Rows(database.superuser_dsn)
    rows.submit("330106", "agency", "2026-05-06", [{"uscc": "a1", "agency_name": "甲", "status": "1"}], mode="S")
    publication = transform.begin(given, at("2026-05-06"))
    assert transform.build_core(given, at("2026-05-06"), publication) == 1
    with psycopg.connect(database.superuser_dsn) as connection:
        print(connection.execute("select * from core.known_agency").fetchall())


def test_marts(database, given) -> None:
    publication = transform.begin(given, at("2026-05-06"))
    transform.build_core(given, at("2026-05-06"), publication)
    print(transform.build_marts(given, at("2026-05-06"), publication))
    with psycopg.connect(database.superuser_dsn) as connection:
        print(connection.execute("select stage, seconds from ops.stage_time").fetchall())
        for row in connection.execute("select goal_id, measure_id, state, value, target, gap, coverage from marts_next.mart_target_progress where area_level='province' order by 1,2"): print(row)

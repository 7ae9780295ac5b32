"""The reference data as it stands in PostgreSQL after loading, and after the bureau's edits."""

from datetime import date

import psycopg
import pytest

from shegong import contract, measure_catalogue, reference_data, reference_files
from shegong.render import measure_page


@pytest.fixture(scope="module")
def loaded(database):
    added = reference_data.load(database.dsn["admin"])
    assert added["area"] == 1 + 11 + 105
    return database


def ask(database, query: str) -> list[tuple]:
    with psycopg.connect(database.dsn["loader"]) as connection:
        return connection.execute(query).fetchall()


def test_areas_and_units_are_those_of_2026(loaded) -> None:
    counts = dict(ask(loaded, "select area_level, count(*) from reference.area where is_current group by 1"))
    assert counts == {"province": 1, "city": 11, "county": 90}
    assert ask(loaded, "select unit_kind, count(*) from reference.unit group by 1 order by 1") == [
        ("county", 90),
        ("province", 1),
    ]


def test_no_county_code_has_two_periods_that_overlap(loaded) -> None:
    overlaps = ask(
        loaded,
        "select a.area_code from reference.area as a join reference.area as b"
        " on a.area_code = b.area_code and a.valid_from < b.valid_from"
        " and coalesce(a.valid_to, 'infinity') >= b.valid_from",
    )
    assert overlaps == []


def test_communities_of_the_province_are_the_sum_of_its_counties(loaded) -> None:
    columns = "urban_communities, rural_communities, other_communities"
    (province,) = ask(loaded, f"select {columns} from reference.area where area_level = 'province'")
    assert province == (5716, 19708, 123)
    for level in ("city", "county"):
        sums = ", ".join(f"sum({name})" for name in columns.split(", "))
        assert ask(loaded, f"select {sums} from reference.area where area_level = '{level}'") == [province]


def test_former_townships_are_known_and_marked(loaded) -> None:
    assert ask(loaded, "select is_former, count(*) from reference.township group by 1 order by 1") == [
        (False, 1362),
        (True, 244),
    ]


def test_goals_have_a_domain_that_is_published(loaded) -> None:
    goals = ask(loaded, "select goal_id, measure_id, domain from reference.target order by 1, 2")
    assert len(goals) == 14
    assert len({goal for goal, _, _ in goals}) == 13
    assert {m for g, m, _ in goals if g == "G13"} == {"M14-1", "M14-4"}
    assert {domain for _, _, domain in goals} <= {c.domain for c in contract.load().values()}


def test_the_catalogue_of_measures_is_loaded_whole(loaded) -> None:
    kinds = ask(loaded, "select kind, count(*) from reference.measure group by 1 order by 1")
    assert kinds == [("C", 69), ("M", 6), ("R", 3), ("T", 9)]
    needs = "select tables from reference.measure where measure_id in ('M01-3', 'M05-6') order by measure_id"
    assert ask(loaded, needs) == [([],), (["project", "project_staff", "certificate"],)]
    strays = "select from reference.target as t where not exists (select from reference.measure as m"
    assert ask(loaded, f"{strays} where m.measure_id = t.measure_id and m.domain = t.domain)") == []


def test_the_dictionary_of_the_warehouse_is_that_of_the_files_until_the_bureau_adds_to_it(loaded) -> None:
    day = date(2026, 5, 8)
    with psycopg.connect(loaded.dsn["loader"]) as connection:
        for language in ("zh", "en"):
            page = measure_page.render(measure_catalogue.kept(connection), language, day)
            assert page == measure_page.render(measure_catalogue.shipped(), language, day)
    with psycopg.connect(loaded.dsn["admin"]) as connection:
        copied = "kind, '新指标', 'new', definition_zh, definition_en, clause_text, unit, direction, grain, domain, tables, note"
        connection.execute(
            f"insert into reference.measure select 'M05-8', clause, {copied} from reference.measure where measure_id = 'M05-7'"
        )
        ids = [row["measure_id"] for row in measure_catalogue.kept(connection)]
        connection.rollback()
    assert (ids.index("M05-8"), len(ids)) == (ids.index("M05-7") + 1, 88)


def test_every_parameter_is_declared_once_and_has_a_reason(loaded) -> None:
    rows = reference_files.parameter_rows()
    told = {(row["parameter_name"], row["table_name"], row["season"]) for row in rows}
    assert len(told) == len(rows)
    assert ask(loaded, "select count(*) from reference.parameter where reason <> ''") == [(len(rows),)]
    limit = "select value::float from reference.parameter where parameter_name = 'money_times_to_hold'"
    assert ask(loaded, limit) == [(10.0,)]


def test_the_bureaus_edits_survive_a_second_load(loaded) -> None:
    with psycopg.connect(loaded.dsn["admin"]) as connection:
        connection.execute("update reference.parameter set value = 9 where parameter_name = 'small_cell'")
        connection.execute("update reference.area set valid_from = '2021-04-11' where area_code = '330113'")
        connection.execute("update reference.measure set name_zh = '持证人数' where measure_id = 'M02-1'")
        connection.execute("update reference.code set label = '旧名' where list_name = 'sex' and code = '1'")
    added = reference_data.load(loaded.dsn["admin"])
    assert {table: rows for table, rows in added.items() if rows} == {"code": 1}
    assert ask(loaded, "select value from reference.parameter where parameter_name = 'small_cell'") == [(9,)]
    assert ask(loaded, "select name_zh from reference.measure where measure_id = 'M02-1'") == [("持证人数",)]
    assert ask(loaded, "select count(*) from reference.area where area_code = '330113'") == [(1,)]
    assert ask(loaded, "select label from reference.code where list_name = 'sex' and code = '1'") == [("男",)]


def test_published_figures_say_their_source_and_precision(loaded) -> None:
    counts = dict(ask(loaded, "select precision, count(*) from reference.published_figure group by 1"))
    assert counts == {"1": 32, "2": 12, "3": 2}
    assert ask(loaded, "select count(*) from reference.published_figure where source = 'same as above'") == [
        (0,)
    ]
    query = "select value::integer, source like '%fjliren%' from reference.published_figure where metric = 'posts' and area_code = '330000'"
    assert ask(loaded, query) == [(14340, True)]
    assert ask(loaded, "select * from reference.lagging_area") == []

"""What a publication leaves behind: each month's numbers, and what changed because of which files; by real dbt and swaps."""

import psycopg
import pytest
from quality_rows import certificate, talent
from warehouse_rows import Rows, at, let_pass, settings_of

from shegong import reference_data, transform
from shegong.publish import publish

WEST, UPPER = "330106", "330102"
MAY, LATER, JUNE, LAST = "2026-05-06", "2026-05-07", "2026-06-10", "2026-06-11"


def people(rows: Rows, unit: str, day: str, numbers: range, mode: str = "D", **changes: object) -> list[int]:
    """Certified people, delivered in two tables; the submissions' ids."""
    return [
        rows.submit(unit, "talent", day, [talent(n, unit, **changes) for n in numbers], mode=mode),
        rows.submit(unit, "certificate", day, [certificate(n, unit) for n in numbers], mode=mode),
    ]


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """Four publications: two in May, two in June; the third keeps talent's figures of the second."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    sent = {1: people(rows, WEST, MAY, range(3), "S"), 0: people(rows, UPPER, MAY, range(1), "S")}
    published(database, given, MAY)
    sent[2] = people(rows, WEST, LATER, range(3, 4), work_area_code=UPPER)
    published(database, given, LATER)
    sent[3] = people(rows, WEST, JUNE, range(4, 6))
    published(database, given, JUNE, failed="talent")
    return given, sent


def published(database, given, day: str, failed: str | None = None) -> None:
    number = transform.begin(given, at(day))
    transform.build_core(given, at(day), number)
    transform.build_marts(given, at(day), number)
    let_pass(database.superuser_dsn, number, failed)
    publish(given, at(day), number)


def ask(database, query: str, role: str = "bi_reader") -> list[tuple]:
    with psycopg.connect(database.dsn[role]) as connection:
        return connection.execute(query).fetchall()


def holders(database, schema: str, area: str = WEST, role: str = "bi_reader") -> list[tuple]:
    """(month, value, value of the month before) of the certified people of an area."""
    query = f"""
        select to_char(month, 'YYYY-MM'), value::integer, month_before_value::integer from {schema}.mart_measure_history
        where measure_id = 'M02-1' and figure_id = 'value' and area_code = '{area}' order by month
    """
    return ask(database, query, role)


CHANGES = """
    select changes.area_code, value_before::integer, value_after::integer, difference::integer, cause, submissions
    from marts.mart_measure_changes as changes
    where measure_id = 'M02-1' and figure_id = 'value' order by 1
"""


def test_each_publication_still_says_what_it_said(database, given) -> None:
    assert holders(database, "marts_v1", role="auditor") == [("2026-05", 3, None)]
    assert holders(database, "marts_v2", UPPER, role="auditor") == [("2026-05", 2, None)]
    # 西湖区's two of June came, but talent's figures are those of May.
    assert holders(database, "marts") == [("2026-05", 3, None), ("2026-06", 3, 3)]
    assert holders(database, "marts", UPPER) == [("2026-05", 2, None), ("2026-06", 2, 2)]


def test_views_stand_over_carried_tables(database, given) -> None:
    query = """
        select relname, relkind::text, obj_description(oid, 'pg_class') is not null from pg_class
        where relnamespace = 'marts'::regnamespace and relname like 'mart_measure_%' and relkind = 'v' order by 1
    """
    names = ("mart_measure_change_files", "mart_measure_changes", "mart_measure_history")
    assert ask(database, query) == [(name, "v", True) for name in names]
    query = "select distinct publication_id from marts.mart_measure_history where month = '2026-06-01' and domain = 'talent'"
    assert ask(database, query) == [(2,)]


def test_a_carried_view_over_growing_history_becomes_a_table_of_what_was_shown(database, given) -> None:
    query = "select relkind::text from pg_class where oid = '{}.fct_talent_months'::regclass"
    assert ask(database, query.format("marts_v2"), "auditor") == [("v",)]
    assert ask(database, query.format("marts")) == [("r",)]
    query = """
        select to_char(month, 'YYYY-MM'), sum(holder_count)::integer from marts.fct_talent_months
        where area_code = '330106' group by month order by month desc limit 1
    """
    # June is shown by nobody yet: the two who came in it are held back.
    assert ask(database, query) == [("2026-05", 3)]


def test_what_is_carried_over_has_not_changed(database, given) -> None:
    assert ask(database, CHANGES) == []


def test_the_first_publication_changes_nothing(database, given) -> None:
    assert ask(database, "select * from marts_v1.mart_measure_changes", "auditor") == []


def test_a_change_names_its_files_or_says_that_others_told(database, given) -> None:
    _, sent = given
    assert ask(database, CHANGES.replace("marts.", "marts_v2."), "auditor") == [
        ("330000", 4, 5, 1, "本区划的报送", sent[2]),
        ("330100", 4, 5, 1, "本区划的报送", sent[2]),
        (UPPER, 1, 2, 1, "其他区划的报送", []),
    ]
    query = """
        select distinct unit_code, table_name, file_title from marts_v2.mart_measure_change_files
        where measure_id = 'M02-1' and area_code = '330000' order by 2
    """
    assert ask(database, query, "auditor") == [
        (WEST, "certificate", "330106_certificate_D20260507_01"),
        (WEST, "talent", "330106_talent_D20260507_01"),
    ]


def test_files_of_publications_that_did_not_show_them_are_named_when_the_number_is_shown(
    database, given
) -> None:
    """Last: it publishes once more."""
    settings, sent = given
    published(database, settings, LAST)
    assert ask(database, CHANGES) == [
        ("330000", 5, 7, 2, "本区划的报送", sent[3]),
        ("330100", 5, 7, 2, "本区划的报送", sent[3]),
        (WEST, 3, 5, 2, "本区划的报送", sent[3]),
    ]
    assert holders(database, "marts") == [("2026-05", 3, None), ("2026-06", 5, 3)]
    # The record of June is written over; the publication before it says what it said.
    assert holders(database, "marts_v3", role="auditor") == [("2026-05", 3, None), ("2026-06", 3, 3)]

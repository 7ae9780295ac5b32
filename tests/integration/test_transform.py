"""Core's history by both times, through real dbt: what each kind of row and file does to what is known.

One warehouse, one week: each test is about keys of its own, so that two dbt builds serve them all.
"""

import psycopg
import pytest
from warehouse_rows import Rows, at, settings_of

from shegong import reference_data, transform
from shegong.errors import ShegongError

HOME, AWAY = "330106", "330102"
TRANSFERS = ("passed-on", "claimed-in-vain", "given-up")
FIRST, SECOND, THIRD = "2026-05-06", "2026-05-07", "2026-05-08"


def agency(key: str, name: str = "甲", **more: object) -> dict:
    return {"uscc": key, "agency_name": name, "status": "1", **more}


def build(given, day: str, refill: bool = False) -> int:
    publication = transform.begin(given, at(day))
    return transform.build_core(given, at(day), publication, refill)


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """The first day built, then two days of changes built."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    wrong = first_day(rows)
    assert build(given, FIRST) == 6
    second_day(rows, wrong)
    assert build(given, SECOND) == 5
    third_day(rows)
    assert build(given, THIRD) == 5
    return given


def first_day(rows: Rows) -> int:
    keys = ("same", "withdrawn", "wrongkey", "late", "untouched", "backdated")
    rows.submit(HOME, "agency", FIRST, [agency(key) for key in keys], mode="S")
    wrong = rows.submit(HOME, "agency", FIRST, [agency("misread", "错"), agency("dropped", "错")], sequence=2)
    rows.submit(HOME, "agency", FIRST, [agency("held")], sequence=3, state="held")
    refused = rows.submit(HOME, "agency", FIRST, [agency("refused"), agency("kept")], sequence=4)
    rows.refuse_row(refused, 4)
    rows.submit(HOME, "project", FIRST, [{"project_no": "p-old", "title": "项目"}])
    rows.submit(HOME, "talent", FIRST, [{"person_key": "moved", "status": "1"}], mode="S")
    rows.submit(AWAY, "project", FIRST, [{"project_no": "p-old", "title": "别县的项目"}])
    return wrong


def second_day(rows: Rows, wrong: int) -> None:
    rows.submit(HOME, "agency", SECOND, [
        agency("same", row_action="2"),
        agency("withdrawn", row_action="3"),
        agency("rightkey", row_action="1", corrects_key="wrongkey"),
        agency("late", "乙", row_action="2", effective_date="2026-05-07"),
        agency("backdated", "丙", row_action="2", effective_date="2026-05-01"),
    ])  # fmt: skip
    # The report date of the first day, arriving on the second.
    rows.submit(HOME, "agency", SECOND, [agency("late", "中", row_action="2")], sequence=9, report_date=FIRST)
    right = rows.submit(
        HOME, "agency", SECOND, [agency("misread", "对")], sequence=2, version=2, report_date=FIRST
    )
    rows.replace(wrong, right, SECOND)
    rows.submit(HOME, "project", SECOND, [{"project_no": "p-new", "title": "项目", "corrects_key": "p-old"}])
    rows.submit(AWAY, "talent", SECOND, [{"person_key": "moved", "status": "1"}])


def third_day(rows: Rows) -> None:
    rows.submit(HOME, "agency", THIRD, [agency("withdrawn", row_action="1")])
    # passed on: the old unit takes its row back. Claimed in vain: the new unit does. Given up: both do.
    rows.submit(HOME, "agency", THIRD, [agency(key, row_action="1") for key in TRANSFERS], sequence=2)
    rows.submit(AWAY, "agency", THIRD, [agency(key, "外", row_action="1") for key in TRANSFERS], sequence=3)
    rows.submit(
        HOME, "agency", THIRD, [agency(key, row_action="3") for key in ("passed-on", "given-up")], sequence=4
    )
    rows.submit(
        AWAY,
        "agency",
        THIRD,
        [agency(key, row_action="3") for key in ("claimed-in-vain", "given-up")],
        sequence=5,
    )


def test_a_withdrawal_takes_back_its_own_units_word_only(ask) -> None:
    query = "select uscc, _unit_code, agency_name from core.known_agency where uscc = any(%s) order by 1"
    assert ask(query, list(TRANSFERS)) == [("claimed-in-vain", HOME, "甲"), ("passed-on", AWAY, "外")]


@pytest.fixture
def ask(database, given):
    """Rows of a query, asked as the auditor."""

    def asked(query: str, *values: object) -> list[tuple]:
        with psycopg.connect(database.dsn["auditor"]) as connection:
            return connection.execute(query, values).fetchall()

    return asked


@pytest.fixture
def versions(ask):
    """(name, from, to, is_current, is_withdrawn) of an agency's versions in force."""

    def asked(key: str) -> list[tuple]:
        query = (
            "select agency_name, effective_from::text, effective_to::text, is_current, is_withdrawn"
            " from core.core_agency_versions where _key = %s and superseded_at is null"
            " order by _version_number"
        )
        return ask(query, key)

    return asked


def test_the_same_row_again_is_nothing(versions) -> None:
    assert versions("same") == [("甲", FIRST, None, True, False)]


def test_a_withdrawal_ends_a_key_and_a_new_row_begins_it_again(versions) -> None:
    assert versions("withdrawn") == [
        ("甲", FIRST, SECOND, False, False),
        ("甲", SECOND, THIRD, False, True),
        ("甲", THIRD, None, True, False),
    ]


def test_a_corrected_key_ends_the_old_one(versions, ask) -> None:
    assert versions("wrongkey") == [("甲", FIRST, SECOND, False, False), (None, SECOND, None, True, True)]
    assert versions("rightkey") == [("甲", SECOND, None, True, False)]
    assert ask("select count(*) from core.known_agency where _key = 'wrongkey'") == [(0,)]


def test_a_corrected_number_of_a_units_own_stays_within_the_unit(ask) -> None:
    known = ask("select _unit_code, project_no from core.known_project order by 1, 2")
    assert known == [(AWAY, "p-old"), (HOME, "p-new")]


def test_a_late_file_lands_in_its_own_period(versions) -> None:
    assert versions("late") == [
        ("甲", FIRST, FIRST, False, False),
        ("中", FIRST, SECOND, False, False),
        ("乙", SECOND, None, True, False),
    ]
    assert versions("backdated") == [
        ("丙", "2026-05-01", FIRST, False, False),
        ("甲", FIRST, None, True, False),
    ]


def test_a_replaced_file_stops_counting_and_stays_stored(versions, ask) -> None:
    assert versions("misread") == [("对", FIRST, None, True, False)]
    assert versions("dropped") == []
    kept = ask(
        "select _key, agency_name, superseded_at is not null, is_current from core.core_agency_versions"
        " where _key in ('misread', 'dropped') order by 1, 2"
    )
    assert kept == [
        ("dropped", "错", True, False),
        ("misread", "对", False, True),
        ("misread", "错", True, False),
    ]


def test_what_was_known_on_a_day_can_be_asked(ask) -> None:
    query = (
        "select _key, agency_name from core.core_agency_versions where recorded_at <= %s"
        " and (superseded_at is null or superseded_at > %s) and _key in ('misread', 'dropped', 'late')"
        " order by 1, 2"
    )
    assert ask(query, at(FIRST), at(FIRST)) == [("dropped", "错"), ("late", "甲"), ("misread", "错")]


def test_held_and_refused_rows_stay_out(versions) -> None:
    assert versions("held") == versions("refused") == []
    assert versions("kept") == [("甲", FIRST, None, True, False)]


def test_a_person_of_two_counties_is_known_once(ask) -> None:
    assert ask("select _unit_code from core.known_talent where person_key = 'moved'") == [(AWAY,)]
    assert ask("select count(*) from core.core_person_numbers where person_key = 'moved'") == [(1,)]


def test_a_refill_in_place_gives_the_same_tables(database, given, ask) -> None:
    query = "select * from core.core_agency_versions order by _key, _version_number"
    before, numbers = ask(query), ask("select * from core.core_person_numbers order by 1")
    oid = ask("select 'core.core_agency_versions'::regclass::oid")
    assert build(given, THIRD, refill=True) == 0
    assert ask(query) == before
    assert ask("select * from core.core_person_numbers order by 1") == numbers
    assert ask("select 'core.core_agency_versions'::regclass::oid") == oid


def test_only_touched_keys_are_written(ask, given) -> None:
    """A row carries the transaction that wrote it: an untouched key keeps that of an earlier build."""
    query = (
        "select xmin::text from core.core_agency_versions where _key = %s order by _version_number limit 1"
    )
    before = {key: ask(query, key) for key in ("untouched", "kept")}
    build(given, THIRD)
    assert {key: ask(query, key) for key in ("untouched", "kept")} == before


def test_the_loader_reads_the_known_rows_and_no_history(database, given) -> None:
    with psycopg.connect(database.dsn["loader"]) as connection:
        assert connection.execute("select count(*) from core.known_agency").fetchone() != (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select count(*) from core.core_agency_versions")


def test_the_publication_names_its_inputs_and_code(database, given, ask) -> None:
    row = ask(
        "select array_length(input_submissions, 1), contract_versions ->> 'agency', manifest_hash, state"
        " from ops.publication order by publication_id limit 1"
    )
    assert row == [(6, "2026.1", transform.project_hash(), "abandoned")]
    nodes = ask("select count(*), count(distinct status) from ops.dbt_node where publication_id = 1")
    assert nodes[0][0] > 30
    assert ask("select count(*) from ops.stage_time where stage = 'core'") == [(3,)]


def test_a_failed_node_is_named_and_nothing_counts_as_built(database, given) -> None:
    """Last of the module: it breaks a staging table's rights and mends them."""
    rows = Rows(database.superuser_dsn)
    rows.submit(HOME, "agency", THIRD, [agency("after")], sequence=8)
    with psycopg.connect(database.superuser_dsn, autocommit=True) as connection:
        connection.execute("alter table staging.funding rename to funding_gone")
        try:
            with pytest.raises(ShegongError, match="stg_funding"):
                build(given, THIRD)
        finally:
            connection.execute("alter table staging.funding_gone rename to funding")
        waiting = "select count(*) from ops.submission where built_by is null and accepted_at is not null"
        assert connection.execute(waiting).fetchone() == (1,)
        assert build(given, THIRD) == 1
        assert connection.execute(waiting).fetchone() == (0,)

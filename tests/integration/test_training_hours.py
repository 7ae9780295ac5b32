"""Training hours through real dbt: day by day only whom a file speaks of, any day and any knowledge asked for, a refill the same."""

import re

import psycopg
import pytest
from warehouse_rows import Rows, at, settings_of

from shegong import contract, reference_data, transform

HOME, AWAY = "330106", "330102"
FIRST, SECOND, THIRD = "2026-05-06", "2026-05-07", "2026-05-08"


def session(number: str, day: str, hours: float, **more: object) -> dict:
    course = {"session_no": number, "title": number, "kind": "1", "mode": "1", "level": "3", "audience": "1"}
    return {**course, "start_date": day, "end_date": day, "hours": hours, "effective_date": day, **more}


def attended(person: str, number: str, hours: float, day: str, **more: object) -> dict:
    return {
        "person_key": person,
        "session_no": number,
        "hours": hours,
        "passed": True,
        "effective_date": day,
        **more,
    }


def build(given, day: str, refill: bool = False) -> int:
    """Build core as of that day; the publication's id."""
    publication = transform.begin(given, at(day))
    transform.build_core(given, at(day), publication, refill)
    return publication


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """Three days: training reported, then corrected, replaced, withdrawn and moved to another person."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    wrong = first_day(rows)
    build(given, FIRST)
    second_day(rows, wrong)
    build(given, SECOND)
    rows.submit(AWAY, "training_session", THIRD, [session("late", "2026-04-20", 7, effective_date=None)])
    transform.build_marts(given, at(THIRD), build(given, THIRD))
    return given


def first_day(rows: Rows) -> int:
    people = ("two", "shorter", "replaced", "taken-back", "misread", "orphan-session", "still")
    worker = {"employer_type": "05", "status": "1", "is_direct_service": True, "birth_year": 1990}
    rows.submit(HOME, "talent", FIRST, [{**worker, "person_key": key} for key in people], mode="S")
    rows.submit(HOME, "training_session", FIRST, [
        session("a", "2026-04-10", 6), session("long", "2026-04-01", 40, end_date="2026-04-05"),
        session("cut", "2026-04-12", 8),
    ])  # fmt: skip
    rows.submit(AWAY, "training_session", FIRST, [session("a", "2026-04-10", 5)])
    rows.submit(HOME, "training_attendance", FIRST, [
        attended("two", "a", 6, "2026-04-10"), attended("two", "long", 40, "2026-04-05"),
        attended("shorter", "cut", 8, "2026-04-12"), attended("taken-back", "a", 6, "2026-04-10"),
        attended("misread", "a", 6, "2026-04-10"), attended("still", "long", 40, "2026-04-05"),
    ])  # fmt: skip
    rows.submit(AWAY, "training_attendance", FIRST, [
        attended("two", "a", 5, "2026-04-10"), attended("orphan-session", "late", 7, "2026-04-20"),
    ])  # fmt: skip
    return rows.submit(
        HOME, "training_attendance", FIRST, [attended("replaced", "a", 6, "2026-04-10")], sequence=2
    )


def second_day(rows: Rows, wrong: int) -> None:
    right = rows.submit(HOME, "training_attendance", SECOND, [attended("someone", "a", 6, "2026-04-10")],
                        sequence=2, version=2, report_date=FIRST)  # fmt: skip
    rows.replace(wrong, right, SECOND)
    rows.submit(HOME, "training_attendance", SECOND, [
        {"person_key": "taken-back", "session_no": "a", "row_action": "3", "effective_date": "2026-05-01"},
        attended("rightly", "a", 6, "2026-05-02", corrects_key="a|misread"),
    ], sequence=3)  # fmt: skip
    rows.submit(HOME, "training_session", SECOND, [session("cut", "2026-04-12", 3, row_action="2")])


@pytest.fixture
def ask(database, given):
    """Rows of a query, asked as the auditor."""

    def asked(query: str, *values: object) -> list[tuple]:
        with psycopg.connect(database.dsn["auditor"]) as connection:
            return connection.execute(query, values).fetchall()

    return asked


def hours(ask, day: str, schema: str = "core") -> dict[str, float]:
    query = "select person_key, training_hours::float from core.core_training_hours where valid_from <= %s and valid_to > %s"
    return {key: value for key, value in ask(query, day, day) if value}


def test_a_person_of_two_sessions_a_day_has_8_hours_of_it(ask) -> None:
    assert hours(ask, THIRD)["two"] == 48
    assert hours(ask, "2026-04-09")["two"] == 40
    assert "two" not in hours(ask, "2026-04-04")


def test_what_a_later_file_says_of_a_session_or_a_person_counts(ask) -> None:
    assert hours(ask, THIRD) == {
        "two": 48,
        "still": 40,
        "shorter": 3,  # the session was corrected, whom it taught was not said again
        "someone": 6,  # in the place of "replaced"
        "rightly": 6,  # whose number had been misread
        "orphan-session": 7,  # the session came a day after its list
    }


def test_any_earlier_day_can_be_asked(ask) -> None:
    before = hours(ask, "2026-04-30")
    assert before == {"two": 48, "still": 40, "shorter": 3, "someone": 6, "taken-back": 6, "misread": 6}


def test_only_whom_a_file_speaks_of_is_built_anew(ask) -> None:
    """A row carries the transaction that wrote it; of a person's steps only those that differ are written again."""
    query = "select person_key, max(xmin::text::bigint) from core.core_training_hours group by 1 order by 2"
    written = dict(ask(query))
    kept = dict(ask(query.replace("max", "min")))
    assert kept["shorter"] < written["shorter"]
    assert written["still"] < written["shorter"] < written["orphan-session"]
    assert {key for key, when in written.items() if when == written["orphan-session"]} == {"orphan-session"}


def test_the_mart_asks_all_staff_in_scope(ask) -> None:
    query = """
        select count(*) filter (where is_in_hours_scope), sum(training_hours)::float, sum(hours_short)::float
        from marts_next.fct_talent
    """
    # "someone" and "rightly" aren't in the roster.
    assert ask(query) == [(7, 98.0, 7 * 120 - 98.0)]


def test_attendance_is_shown_by_person_number_and_session(ask) -> None:
    query = """
        select count(*), count(distinct person_number), min(area_code), bool_and(is_counted_for_hours)
        from marts_next.fct_training_attendance
    """
    assert ask(query) == [(8, 6, AWAY, True)]
    kind = "select relkind::text from pg_class where oid = 'marts_next.fct_training_attendance'::regclass"
    assert ask(kind) == [("v",)]


def test_what_was_known_on_a_day_can_be_asked(ask, given) -> None:
    values = {
        "as_of": FIRST,
        "publication_id": 0,
        "asked_schema": "asked_hours",
        "known_at": at(FIRST).isoformat(),
    }
    selection = [
        "run",
        "--select",
        "+core_hours",
        "--exclude",
        "path:models/staging",
        "path:models/core/versions",
    ]
    results = transform.invoke(given, [*selection, "path:models/core/history"], values)
    assert {str(r.status) for r in results} == {"success"}
    known = dict(
        ask("select person_key, training_hours::float from asked_hours.core_hours where training_hours > 0")
    )
    assert known == {"two": 48, "still": 40, "shorter": 8, "replaced": 6, "taken-back": 6, "misread": 6}


def test_a_refill_and_other_parameters_count_everybody_anew(database, given, ask) -> None:
    query = (
        "select person_key, valid_from, valid_to, training_hours from core.core_training_hours order by 1, 2"
    )
    before = ask(query)
    build(given, THIRD, refill=True)
    # Steps of those whose training was withdrawn stay; of "replaced", who never was there, as well: 0 hours.
    assert ask(query) == before
    with psycopg.connect(database.dsn["admin"]) as connection:
        connection.execute(
            "update reference.parameter set value = 5 where parameter_name = 'training_hours_per_day'"
        )
    build(given, THIRD)
    assert hours(ask, THIRD)["two"] == 30
    assert hours(ask, THIRD)["still"] == 25


def test_kinds_that_count_are_those_of_the_code_list() -> None:
    text = (transform.PROJECT / "macros/training_hours.sql").read_text(encoding="utf-8")
    said = re.search(r"macro counted_training_kinds\(\) %\}(.*?)\{%", text).group(1)
    kinds = contract.code_lists()["training_kind"].kinds["计入120学时"]
    assert re.findall(r"'(\d)'", said) == list(kinds)

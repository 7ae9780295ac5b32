"""The marts of another day: what held then, and what was known then, by real dbt over core's histories."""

import psycopg
import pytest
from warehouse_rows import Rows, at, settings_of

from shegong import ask, reference_data, transform
from shegong.errors import ShegongError

HOME, AWAY = "330106", "330102"
FIRST, SECOND, THIRD = "2026-05-06", "2026-06-10", "2026-07-15"


def certified(key: str, unit: str, day: str, **more: object) -> tuple[dict, dict]:
    person = {"person_key": key, "status": "1", "employer_type": "05", "is_direct_service": True, **more}
    certificate = {
        "cert_mgmt_no": f"c-{key}", "reg_seq": 0, "person_key": key, "cert_level": "1", "reg_kind": "0",
        "cert_status": "1", "approve_date": "2020-10-01",
    }  # fmt: skip
    return person, certificate


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """Two people in May; one moves in June, told in July; one of May was a mistake, replaced in July."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    people = [certified(key, HOME, FIRST) for key in ("stays", "moves")]
    rows.submit(HOME, "talent", FIRST, [p for p, _ in people], mode="S")
    rows.submit(HOME, "certificate", FIRST, [c for _, c in people], mode="S")
    mistaken, paper = certified("mistaken", HOME, FIRST)
    wrong = rows.submit(HOME, "talent", FIRST, [mistaken], sequence=2)
    rows.submit(HOME, "certificate", FIRST, [paper], sequence=2)
    build(given, FIRST)
    newcomer, paper = certified("newcomer", HOME, SECOND)
    rows.submit(HOME, "talent", SECOND, [newcomer])
    rows.submit(HOME, "certificate", SECOND, [paper])
    build(given, SECOND)
    rows.submit(AWAY, "talent", THIRD, [{**people[1][0], "effective_date": "2026-06-01"}])
    rows.submit(AWAY, "certificate", THIRD, [{**people[1][1], "effective_date": "2026-06-01"}])
    right = rows.submit(HOME, "talent", THIRD, [], version=2)
    rows.replace(wrong, right, THIRD)
    build(given, THIRD)
    return given


def build(given, day: str) -> None:
    transform.build_core(given, at(day), transform.begin(given, at(day)))


def holders(database, schema: str) -> dict[str, int]:
    query = f"""
        select area_code, value::integer from {schema}.mart_measures
        where measure_id = 'M02-1' and figure_id = 'value' and basis = 'today'
            and area_code in ('330000', '{HOME}', '{AWAY}')
    """
    with psycopg.connect(database.dsn["bi_reader"]) as connection:
        return dict(connection.execute(query).fetchall())


@pytest.mark.parametrize(
    ("as_of", "known_at", "expected"),
    [
        # What we know now: the mistake never was, the move was on 1 June.
        (FIRST, None, {"330000": 2, HOME: 2, AWAY: None}),
        ("2026-06-05", None, {"330000": 2, HOME: 1, AWAY: 1}),
        (SECOND, None, {"330000": 3, HOME: 2, AWAY: 1}),
        # What was known then: nobody had told of the move, and the mistake counted.
        (FIRST, FIRST, {"330000": 3, HOME: 3, AWAY: None}),
        (SECOND, SECOND, {"330000": 4, HOME: 4, AWAY: None}),
    ],
)
def test_a_day_is_told_as_it_was_and_as_it_was_known(database, given, as_of, known_at, expected) -> None:
    known = at(known_at, hour=23) if known_at else None
    schema = ask.ask(given, at(as_of).date(), known)
    assert holders(database, schema) == expected


def test_what_is_published_and_the_histories_stay(database, given) -> None:
    query = """
        select relname, relfilenode from pg_class
        where relnamespace in ('core'::regnamespace, 'marts'::regnamespace, 'stg'::regnamespace) order by 1
    """
    with psycopg.connect(database.superuser_dsn) as connection:
        before = connection.execute(query).fetchall()
        ask.ask(given, at(FIRST).date())
        assert connection.execute(query).fetchall() == before


def test_the_last_few_are_kept_and_one_can_be_forgotten(given, monkeypatch) -> None:
    monkeypatch.setattr(ask, "KEPT", 2)
    for day in (1, 2):
        ask.ask(given, at(f"2026-07-{day:02d}").date())
    assert ask.asked(given) == ["asked_20260701", "asked_20260702"]
    ask.forget(given, "asked_20260701")
    assert ask.asked(given) == ["asked_20260702"]
    with pytest.raises(ShegongError, match="was not asked for"):
        ask.forget(given, "marts")


def test_nobody_knows_a_day_before_it_began(given) -> None:
    with pytest.raises(ShegongError, match="nobody knew"):
        ask.ask(given, at(THIRD).date(), at(FIRST))

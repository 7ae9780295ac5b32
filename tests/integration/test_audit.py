"""What may be published: real dbt builds the candidate, a hand spoils it, Great Expectations must see it."""

import psycopg
import pytest
from quality_rows import agency, certificate, funding, post, project, talent
from warehouse_rows import Rows, at, settings_of

from shegong import reference_data, transform
from shegong.audit import audit
from shegong.errors import ShegongError
from shegong.publish import publish

DAY, NEXT = "2026-05-06", "2026-05-07"
EVERY = {"agencies", "areas", "funding", "measures", "posts", "projects", "quality", "talent"}


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """A warehouse that has published its first day, and holds a second candidate like it."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    for unit in ("330106", "330102"):
        rows.submit(unit, "talent", DAY, [talent(n, unit) for n in range(60)], mode="S")
        rows.submit(unit, "certificate", DAY, [certificate(n, unit) for n in range(60)], mode="S")
        money = [funding(n, year=year) for n in range(5) for year in (2025, 2026)]
        rows.submit(unit, "funding", DAY, money, mode="S")
    rows.submit("330106", "agency", DAY, [agency(n) for n in range(120)], mode="S")
    rows.submit("330106", "project", DAY, [project(n) for n in range(3)], mode="S")
    filled = post(0, person_key="330106-000001", person_mask="3****************X", id_type="1")
    rows.submit("330106", "post", DAY, [filled, *(post(n) for n in range(1, 120))], mode="S")
    first = _build(given, DAY)
    assert audit(given, at(DAY), first) == dict.fromkeys(sorted(EVERY), first)
    publish(given, at(DAY), first)
    return given


def _build(given, day: str) -> int:
    publication = transform.begin(given, at(day))
    transform.build_core(given, at(day), publication)
    transform.build_marts(given, at(day), publication)
    return publication


@pytest.fixture(scope="module")
def candidate(given) -> int:
    return _build(given, NEXT)


@pytest.fixture
def spoil(database, candidate):
    """Run SQL on the candidate as its owner; all of it is undone afterwards."""
    undo = []

    def run(statement: str, back: str) -> None:
        undo.append(back)
        _run(database, statement)

    yield run
    for statement in reversed(undo):
        _run(database, statement)


def _run(database, statement: str) -> None:
    with psycopg.connect(database.dsn["transformer"]) as connection:
        connection.execute("set role warehouse_owner")
        connection.execute(statement)


def red(database, publication: int) -> set[tuple]:
    query = """
        select expectation, domain from ops.verdict
        where publication_id = %s and outcome <> 'passed' and severity = 'critical'
    """
    with psycopg.connect(database.superuser_dsn) as connection:
        return set(connection.execute(query, [publication]))


def test_a_candidate_like_the_last_passes_whole(database, given, candidate) -> None:
    assert audit(given, at(NEXT), candidate) == dict.fromkeys(sorted(EVERY), candidate)
    assert not red(database, candidate)
    with psycopg.connect(database.superuser_dsn) as connection:
        query = "select state from ops.publication where publication_id = %s"
        assert connection.execute(query, [candidate]).fetchone()[0] == "audited"


PROGRESS = "update marts_next.mart_target_progress set"
PROVINCE = "where area_level = 'province' and goal_id ="


FIRST_ROUND = [
    (
        "update marts_next.dim_agencies set is_counted = false where uscc > (select uscc from"
        " marts_next.dim_agencies order by 1 offset 70 limit 1)",
        "update marts_next.dim_agencies set is_counted = true",
        ("audit.change", "agencies"),
    ),
    (
        "create table core.kept as select * from marts_next.fct_funding; delete from marts_next.fct_funding",
        "insert into marts_next.fct_funding select * from core.kept; drop table core.kept",
        ("audit.table_lost", "funding"),
    ),
    (
        "create table core.spoilt as select * from marts_next.fct_posts; drop table marts_next.fct_posts;"
        " alter table core.spoilt rename to fct_posts; alter table core.fct_posts set schema marts_next",
        "alter table marts_next.fct_posts add primary key (employer_id, post_no, slot_no)",
        ("audit.key_missing", "posts"),
    ),
    (
        f"{PROGRESS} numerator = numerator + 1 {PROVINCE} 'G01'",
        f"{PROGRESS} numerator = numerator - 1 {PROVINCE} 'G01'",
        ("audit.reconcile", "talent"),
    ),
]
SECOND_ROUND = [
    (
        "update marts_next.fct_projects set publication_id = publication_id - 1",
        "update marts_next.fct_projects set publication_id = publication_id + 1",
        ("audit.other_build", "projects"),
    ),
    (
        f"{PROGRESS} value = value + 1 where area_code = '330106' and goal_id = 'G12'",
        f"{PROGRESS} value = value - 1 where area_code = '330106' and goal_id = 'G12'",
        ("audit.share", "posts"),
    ),
    (
        f"{PROGRESS} value = -value - 1 {PROVINCE} 'G03'",
        f"{PROGRESS} value = -value - 1 {PROVINCE} 'G03'",
        ("audit.negative", "agencies"),
    ),
    (
        f"{PROGRESS} value = 0 {PROVINCE} 'G04'",
        f"{PROGRESS} value = null {PROVINCE} 'G04'",
        ("audit.invented", "talent"),
    ),
    (
        f"{PROGRESS} coverage = coverage - 0.5 {PROVINCE} 'G13'",
        f"{PROGRESS} coverage = coverage + 0.5 {PROVINCE} 'G13'",
        ("audit.coverage_share", "funding"),
    ),
]
THIRD_ROUND = [
    (
        f"{PROGRESS} numerator = numerator + 1 where area_code = '330106' and goal_id = 'G02'",
        f"{PROGRESS} numerator = numerator - 1 where area_code = '330106' and goal_id = 'G02'",
        ("audit.reconcile", "posts"),
    ),
]


@pytest.mark.parametrize("spoilt", [FIRST_ROUND, SECOND_ROUND, THIRD_ROUND])
def test_a_spoilt_figure_fails_its_domain_only(database, given, candidate, spoil, spoilt) -> None:
    for statement, back, _ in spoilt:
        spoil(statement, back)
    verdict = audit(given, at(NEXT), candidate)
    expected = {finding for _, _, finding in spoilt}
    assert expected <= red(database, candidate)
    failed = {domain for _, domain in expected}
    assert {name for name, source in verdict.items() if source != candidate} == failed
    with psycopg.connect(database.superuser_dsn) as connection:
        query = "select cause from ops.incident where kind = 'audit' and state = 'open'"
        assert {cause for (cause,) in connection.execute(query)} == {f"audit:{domain}" for domain in failed}


def test_the_incident_ends_when_the_domain_passes(database, given, candidate) -> None:
    audit(given, at(NEXT), candidate)
    with psycopg.connect(database.superuser_dsn) as connection:
        assert not connection.execute("select * from ops.incident where state = 'open'").fetchall()


def test_fewer_units_than_before_fail(database, given, candidate, spoil) -> None:
    spoil(
        "update marts.mart_target_progress set coverage = coverage + 0.2 where goal_id = 'G03'",
        "update marts.mart_target_progress set coverage = coverage - 0.2 where goal_id = 'G03'",
    )
    audit(given, at(NEXT), candidate)
    assert ("audit.coverage_fall", "agencies") in red(database, candidate)


def test_what_cannot_be_asked_fails_every_domain_it_may_concern(database, given, candidate, spoil) -> None:
    spoil(
        "alter table marts_next.fct_posts rename column is_in_being to something_else",
        "alter table marts_next.fct_posts rename column something_else to is_in_being",
    )
    verdict = audit(given, at(NEXT), candidate)
    assert candidate not in verdict.values()
    with psycopg.connect(database.superuser_dsn) as connection:
        query = "select distinct audience from ops.incident where kind = 'judge' and state = 'open'"
        assert connection.execute(query).fetchall() == [("engineers",)]


def test_a_failed_domain_waits_and_the_others_are_published(database, given, candidate, spoil) -> None:
    """The whole way: audit, carry over, swap; the failed measure says of which publication it is."""
    _run(database, f"{PROGRESS} numerator = numerator + 1 {PROVINCE} 'G03'")
    verdict = audit(given, at(NEXT), candidate)
    record = publish(given, at(NEXT), candidate)
    assert record.domains == verdict
    first = verdict["agencies"]
    assert first < candidate
    query = """
        select publication_id from marts.mart_target_progress
        where goal_id = %s and area_level = 'province'
    """
    with psycopg.connect(database.dsn["bi_reader"]) as connection:
        assert connection.execute(query, ["G03"]).fetchone() == (first,)
        assert connection.execute(query, ["G01"]).fetchone() == (candidate,)
        assert connection.execute("select distinct publication_id from marts.dim_agencies").fetchall() == [
            (first,)
        ]
    assert audit(given, at(NEXT), candidate) == verdict


def test_without_a_candidate_there_is_nothing_to_audit(database, given) -> None:
    with pytest.raises(ShegongError, match="can't be audited"):
        audit(given, at(NEXT), 999)
    with psycopg.connect(database.superuser_dsn) as connection:
        (number,) = connection.execute(
            "insert into ops.publication (state, as_of) values ('building', %s) returning publication_id",
            [at(NEXT)],
        ).fetchone()
    with pytest.raises(ShegongError, match="has no candidate"):
        audit(given, at(NEXT), number)

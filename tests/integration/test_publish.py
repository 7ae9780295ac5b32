"""The swap: what readers see before, during and after it, and what happens to those who come in between."""

import threading

import psycopg
import pytest
from small_marts import DAY, DOMAINS, build, never_published, read
from warehouse_rows import at, settings_of

from shegong.errors import ShegongError
from shegong.publish import publish


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    return settings_of(database.dsn, tmp_path_factory.mktemp("home"))


@pytest.fixture
def empty(database):
    never_published(database)


def schemas(database) -> set[str]:
    with psycopg.connect(database.superuser_dsn) as connection:
        query = "select nspname from pg_namespace where nspname like 'marts%%'"
        return {name for (name,) in connection.execute(query)}


def test_bi_reads_marts_and_nothing_else_after_two_swaps(database, given, empty) -> None:
    for value in (1, 2):
        publish(given, at(DAY), build(database, value))
        assert read(database, "select figure from marts.fct_talent") == [(value,)]
    build(database, 3)
    forbidden = (
        "marts_next.fct_talent", "marts_v1.fct_talent", "ops.submission", "staging.talent", "reference.unit",
        "vault.person",
    )  # fmt: skip
    for relation in forbidden:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            read(database, f"select * from {relation}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        read(database, "create table marts.mine (figure integer)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        read(database, "delete from marts.fct_talent returning figure")


def test_the_record_says_what_is_published(database, given, empty) -> None:
    number = build(database, 1)
    record = publish(given, at(DAY), number)
    assert record.row_counts == {"dim_agencies": 1, "fct_talent": 1, "mart_target_progress": 2}
    query = "select state, published_at, row_counts from ops.publication"
    assert read(database, query, "publisher") == [("published", at(DAY), record.row_counts)]


def test_publishing_again_returns_the_record(database, given, empty) -> None:
    number = build(database, 1)
    first = publish(given, at(DAY), number)
    build(database, 2)
    assert publish(given, at("2026-05-07"), number) == first
    assert read(database, "select figure from marts.fct_talent") == [(1,)]


def test_a_failed_domain_keeps_its_figures_row_by_row_too(database, given, empty) -> None:
    first = build(database, 1)
    publish(given, at(DAY), first)
    record = publish(given, at(DAY), build(database, 2, failed=("talent",), last=first))
    assert record.domains["talent"] == first
    assert read(database, "select figure from marts.fct_talent") == [(1,)]
    assert read(database, "select figure from marts.dim_agencies") == [(2,)]
    progress = "select domain, figure from marts.mart_target_progress order by 1"
    assert read(database, progress) == [("agencies", 2), ("talent", 1)]
    keys = "select count(*) from pg_index where indisprimary and indrelid = 'marts.fct_talent'::regclass"
    assert read(database, keys) == [(1,)]
    assert read(database, "select obj_description('marts.fct_talent'::regclass)") == [("one row per figure",)]


def test_a_first_figure_that_fails_is_no_figure(database, given, empty) -> None:
    record = publish(given, at(DAY), build(database, 1, failed=("talent",)))
    assert record.domains["talent"] is None
    assert read(database, "select * from marts.fct_talent") == []
    assert read(database, "select domain from marts.mart_target_progress") == [("agencies",)]


def test_a_publisher_killed_after_carrying_over_is_made_good(database, given, empty, monkeypatch) -> None:
    first = build(database, 1)
    publish(given, at(DAY), first)
    number = build(database, 2, failed=("talent",), last=first)
    monkeypatch.setattr("shegong.marts_schemas.wait_for_readers", _killed)
    with pytest.raises(KeyboardInterrupt):
        publish(given, at(DAY), number)
    assert read(database, "select figure from marts.dim_agencies") == [(1,)]
    monkeypatch.undo()
    publish(given, at(DAY), number)
    assert read(database, "select figure from marts.fct_talent") == [(1,)]
    assert read(database, "select figure from marts.dim_agencies") == [(2,)]


def test_a_dimension_is_carried_over_though_keys_to_it_were_declared(
    database, given, empty, monkeypatch
) -> None:
    first = build(database, 1)
    publish(given, at(DAY), first)
    number = build(database, 2, failed=("agencies",), last=first)
    monkeypatch.setattr("shegong.marts_schemas.wait_for_readers", _killed)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            publish(given, at(DAY), number)
    monkeypatch.undo()
    publish(given, at(DAY), number)
    assert read(database, "select figure from marts.dim_agencies") == [(1,)]
    keys = "select conrelid::regclass::text, confrelid::regclass::text, conenforced from pg_constraint where contype = 'f'"
    assert ("marts.fct_talent", "marts.dim_agencies", False) in read(database, keys)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_is_not_audited_or_not_the_newest_stays_out(database, given, empty) -> None:
    old = build(database, 1)
    new = build(database, 2)
    with pytest.raises(ShegongError, match=f"publication {new}"):
        publish(given, at(DAY), old)
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("update ops.publication set state = 'building' where publication_id = %s", [new])
    with pytest.raises(ShegongError, match="it is building"):
        publish(given, at(DAY), new)
    with pytest.raises(ShegongError, match="no such publication"):
        publish(given, at(DAY), 999)
    assert schemas(database) == {"marts", "marts_next"}


def test_when_no_domain_passed_nothing_is_published(database, given, empty) -> None:
    with pytest.raises(ShegongError, match="no domain passed"):
        publish(given, at(DAY), build(database, 1, failed=DOMAINS))


def test_of_two_publishers_one_wins(database, given, empty) -> None:
    number = build(database, 1)
    with psycopg.connect(database.dsn["publisher"]) as other:
        other.execute("select pg_advisory_xact_lock(hashtext('shegong publish'))")
        with pytest.raises(ShegongError, match="another publication is under way"):
            publish(given, at(DAY), number)
    assert publish(given, at(DAY), number).row_counts


def test_an_open_reader_blocks_nothing_and_goes_on(database, given, empty) -> None:
    publish(given, at(DAY), build(database, 1))
    with psycopg.connect(database.dsn["bi_reader"]) as reader:
        assert reader.execute("select figure from marts.fct_talent").fetchall() == [(1,)]
        assert publish(given, at(DAY), build(database, 2), patience=0).ended_readers == 0
        assert reader.execute("select figure from marts.fct_talent").fetchall() == [(2,)]


def test_an_older_snapshot_gets_an_error_and_never_an_empty_answer(database, given, empty) -> None:
    publish(given, at(DAY), build(database, 1))
    with psycopg.connect(database.dsn["bi_reader"]) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert reader.execute("select figure from marts.fct_talent").fetchall() == [(1,)]
        assert publish(given, at(DAY), build(database, 2), patience=0.3).ended_readers == 1
        with pytest.raises(psycopg.OperationalError):
            reader.execute("select figure from marts.fct_talent")


def test_a_snapshot_that_ends_in_time_is_waited_for(database, given, empty) -> None:
    publish(given, at(DAY), build(database, 1))
    number = build(database, 2)
    with psycopg.connect(database.dsn["bi_reader"]) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select figure from marts.fct_talent")
        timer = threading.Timer(0.6, reader.rollback)
        timer.start()
        assert publish(given, at(DAY), number, patience=20).ended_readers == 0
        timer.join()
        assert reader.execute("select figure from marts.fct_talent").fetchall() == [(2,)]


def test_a_snapshot_between_carrying_over_and_swap_sees_all_rows(database, given, empty, monkeypatch) -> None:
    """Rows that are carried over must be there for whoever looks in just before the swap."""
    first = build(database, 1)
    publish(given, at(DAY), first)
    number = build(database, 2, failed=("talent",), last=first)
    with psycopg.connect(database.dsn["bi_reader"]) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

        def look_in(*_: object) -> int:
            reader.execute("select figure from marts.dim_agencies")
            return 0

        monkeypatch.setattr("shegong.marts_schemas.wait_for_readers", look_in)
        publish(given, at(DAY), number)
        assert reader.execute("select figure from marts.fct_talent").fetchall() == [(1,)]
        assert reader.execute("select figure from marts.dim_agencies").fetchall() == [(2,)]


def test_two_earlier_publications_are_kept(database, given, empty) -> None:
    for value in range(1, 6):
        publish(given, at(DAY), build(database, value))
    assert schemas(database) == {"marts", "marts_next", "marts_v3", "marts_v4"}


def test_what_somebody_hung_on_an_old_one_is_not_lost(database, given, empty) -> None:
    publish(given, at(DAY), build(database, 1))
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("create view public.theirs as select figure from marts.fct_talent")
    records = [publish(given, at(DAY), build(database, value)) for value in range(2, 5)]
    assert records[-1].left_behind == ("marts_v1",)
    with psycopg.connect(database.superuser_dsn) as connection:
        assert connection.execute("select * from public.theirs").fetchall() == [(1,)]
        connection.execute("drop view public.theirs")
    assert publish(given, at(DAY), build(database, 5)).left_behind == ()
    assert "marts_v1" not in schemas(database)


def test_a_table_of_no_domain_stops_the_publication(database, given, empty) -> None:
    number = build(database, 1)
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("create table marts_next.stranger (figure integer)")
    with pytest.raises(ShegongError, match="stranger"):
        publish(given, at(DAY), number)

"""A person's hand at the second gate: holds, waivers, the swap backwards, and what two publications differ in."""

import json

import psycopg
import pytest
from fastapi.testclient import TestClient
from page_guard import GUARD, HOST
from psycopg.types.json import Jsonb
from quality_rows import agency, certificate, funding, talent
from warehouse_rows import Rows, at, settings_of

from shegong import gate, publications, reference_data, transform
from shegong.audit import audit
from shegong.errors import ShegongError
from shegong.page import app as page
from shegong.publish import publish
from shegong.revert import revert

FIRST, SECOND, THIRD, FOURTH, JUNE = "2026-05-06", "2026-05-07", "2026-05-08", "2026-05-11", "2026-06-01"
WEST = "330106"


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """A warehouse that has published its first day."""
    reference_data.load(database.dsn["admin"])
    ours = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    _people(rows, FIRST, range(60), "S")
    rows.submit(WEST, "agency", FIRST, [agency(n) for n in range(120)], mode="S")
    rows.submit(
        WEST, "funding", FIRST, [funding(n, year=y) for n in range(3) for y in (2025, 2026)], mode="S"
    )
    assert build(ours, FIRST) == 1
    publish(ours, at(FIRST), 1)
    return ours, rows


def _people(rows: Rows, day: str, numbers: range, mode: str = "D") -> None:
    rows.submit(WEST, "talent", day, [talent(n) for n in numbers], mode=mode)
    rows.submit(WEST, "certificate", day, [certificate(n) for n in numbers], mode=mode)


def build(ours, day: str) -> int:
    """A candidate, audited; its number."""
    number = transform.begin(ours, at(day))
    transform.build_core(ours, at(day), number)
    transform.build_marts(ours, at(day), number)
    audit(ours, at(day), number)
    return number


def ask(database, query: str, role: str = "bi_reader") -> list[tuple]:
    with psycopg.connect(database.dsn[role]) as connection:
        return connection.execute(query).fetchall()


def people(database) -> int:
    return ask(database, "select count(*) from marts.fct_talent")[0][0]


def months(database) -> list[tuple]:
    query = """
        select to_char(month, 'YYYY-MM'), value::integer from marts.mart_measure_history
        where measure_id = 'M02-1' and figure_id = 'value' and area_code = '330106' order by 1
    """
    return ask(database, query)


def test_a_held_domain_keeps_its_figures_and_the_rest_goes_out(database, given) -> None:
    ours, rows = given
    gate.hold(ours, at(SECOND), "talent", "李科长", "核对人数")
    assert gate.hold(ours, at(SECOND), "talent", "王科长", "再次").held_by == "李科长"
    _people(rows, SECOND, range(60, 63))
    number = build(ours, SECOND)
    record = publish(ours, at(SECOND), number)
    assert {domain for domain, source in record.domains.items() if source != number} == {"talent"}
    assert people(database) == 60
    query = (
        "select suite, details ->> 'by' from ops.verdict where suite = 'marts.hold' and publication_id = 2"
    )
    assert ask(database, query, "auditor") == [("marts.hold", "李科长")]
    with psycopg.connect(database.dsn["auditor"]) as connection:
        assert publications.waits(connection, at(SECOND)) == [
            {"domain": "talent", "title": "人才与证书", "why": "李科长 暂停：核对人数"}
        ]


def test_what_is_released_goes_out_with_the_next_build(database, given) -> None:
    ours, _ = given
    assert gate.release(ours, at(THIRD), "talent", "李科长", "已核对") == []
    with pytest.raises(ShegongError, match="Nothing of talent"):
        gate.release(ours, at(THIRD), "talent", "李科长", "再次")
    number = build(ours, THIRD)
    assert set(publish(ours, at(THIRD), number).domains.values()) == {number}
    assert people(database) == 63


def test_a_hold_ends_by_itself_and_can_be_put_again(database, given) -> None:
    ours, _ = given
    gate.hold(ours, at(SECOND), "funding", "李科长", "等财政数", until=at(THIRD))
    with psycopg.connect(database.dsn["auditor"]) as connection:
        assert [item.domain for item in gate.holds(connection, at(SECOND))] == ["funding", "talent"]
        assert gate.holds(connection, at(THIRD)) == []
    gate.hold(ours, at(FOURTH), "funding", "王科长", "又一次")
    gate.release(ours, at(FOURTH), "funding", "王科长", "好了")


@pytest.mark.parametrize("wrong", ["talents", "", "talent; drop schema marts"])
def test_only_domains_are_held(given, wrong) -> None:
    ours, _ = given
    with pytest.raises(ShegongError, match="There is no domain"):
        gate.hold(ours, at(SECOND), wrong, "李科长", "试")


def test_what_failed_is_let_pass_as_it_was_seen(database, given) -> None:
    """120 agencies fall to 70: refused, let pass by a person, published. A further fall is refused again."""
    ours, rows = given
    gone = [agency(n, status="3") for n in range(50)]
    rows.submit(WEST, "agency", FOURTH, gone)
    number = build(ours, FOURTH)
    with psycopg.connect(database.dsn["auditor"]) as connection:
        (waiting,) = gate.waiting(connection)
    assert (waiting.domain, set(waiting.checks), waiting.is_askable) == ("agencies", {"audit.change"}, True)
    assert waiting.texts == {"audit.change": "与上次发布相比变化过大"}
    assert gate.release(ours, at(FOURTH), "agencies", "李科长", "注销属实") == ["audit.change"]
    # One more: within what was let pass. Then many more: not what the person saw.
    rows.submit(WEST, "agency", FOURTH, [agency(50, status="3")], sequence=2)
    number = build(ours, FOURTH)
    query = f"select expectation, outcome from ops.verdict where domain = 'agencies' and severity = 'critical' and publication_id = {number}"
    assert ask(database, query, "auditor") == [("audit.change", "waived")]
    assert (
        ask(database, "select * from ops.incident where kind = 'audit' and state = 'open'", "auditor") == []
    )
    more = [agency(n, status="3") for n in range(51, 70)]
    rows.submit(WEST, "agency", FOURTH, more, sequence=3)
    number = build(ours, FOURTH)
    assert ask(database, query.replace(query.split()[-1], str(number)), "auditor") == [
        ("audit.change", "failed")
    ]


def test_a_waiver_ends(database, given) -> None:
    with psycopg.connect(database.dsn["auditor"]) as connection:
        (granted, until) = connection.execute("select granted_at, until from ops.waiver").fetchone()
        rows = connection.execute("select waived_rows from ops.waiver").fetchone()[0]
        assert gate.waived(connection, granted, "audit.change", "agencies", rows)
        assert not gate.waived(connection, until, "audit.change", "agencies", rows)
        assert not gate.waived(connection, granted, "audit.change", "posts", rows)
        assert not gate.waived(connection, granted, "audit.change", "agencies", [])
        assert not gate.waived(connection, granted, "audit.change", "agencies", [rows[0] | {"row_id": "x"}])


def test_nobody_lets_pass_what_could_not_be_asked(database, given) -> None:
    ours, _ = given
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(
            "insert into ops.verdict (asked_at, suite, expectation, domain, severity, outcome, publication_id, details)"
            " select now(), 'marts.x', 'audit.x', 'posts', 'critical', 'errored', max(publication_id), %s from ops.publication",
            [Jsonb({"error": "no such column"})],
        )
    with pytest.raises(ShegongError, match="waits for engineers"):
        gate.release(ours, at(FOURTH), "posts", "李科长", "试")
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("delete from ops.verdict where suite = 'marts.x'")


def test_an_earlier_publication_is_put_back_and_the_later_again(database, given) -> None:
    """Third is read; May's people were 63. June adds two, is taken back, and put again."""
    ours, rows = given
    _people(rows, JUNE, range(63, 65))
    number = build(ours, JUNE)
    gate.release(ours, at(JUNE), "agencies", "李科长", "注销属实")
    number = build(ours, JUNE)
    publish(ours, at(JUNE), number)
    assert (people(database), months(database)) == (65, [("2026-05", 63), ("2026-06", 65)])
    done = revert(ours, at(JUNE), 3, "李科长", "人数有误")
    assert (done.from_publication, done.to_publication) == (number, 3)
    assert set(done.held) == set(gate.names())
    assert (people(database), months(database)) == (63, [("2026-05", 63)])
    assert revert(ours, at(JUNE), 3, "李科长", "再次").from_publication == 3
    states = "select publication_id, state from ops.publication where published_at is not null order by 1 desc limit 2"
    assert ask(database, states, "auditor") == [(number, "reverted"), (3, "published")]
    # A build meanwhile publishes nothing.
    held = build(ours, JUNE)
    with pytest.raises(ShegongError, match="no domain passed"):
        publish(ours, at(JUNE), held)
    assert people(database) == 63
    revert(ours, at(JUNE), number, "李科长", "数字无误")
    assert (people(database), months(database)) == (65, [("2026-05", 63), ("2026-06", 65)])
    acts = "select from_publication, to_publication, acted_by from ops.publication_act order by 1"
    with psycopg.connect(database.superuser_dsn) as connection:
        assert sorted(connection.execute(acts)) == [(3, number, "李科长"), (number, 3, "李科长")]


def test_readers_see_what_is_read_and_nothing_else(database, given) -> None:
    schemas = "select nspname from pg_namespace where nspname like 'marts\\_v%'"
    for (schema,) in ask(database, schemas):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(database, f"select count(*) from {schema}.fct_talent")


def test_what_is_gone_cannot_be_put_back(given) -> None:
    ours, _ = given
    with pytest.raises(ShegongError, match="no longer there"):
        revert(ours, at(JUNE), 999, "李科长", "试")


def test_what_two_publications_differ_in(database, given) -> None:
    """From the first (60) to the second (talent held: 60) nothing of talent; to the third the three of the second day."""
    with psycopg.connect(database.dsn["auditor"]) as connection:
        assert publications.diff(connection, 1, 2, area=WEST, measure="M02-1")["numbers"] == []
        found = publications.diff(connection, 1, 3, area=WEST, measure="M02-1")
        (row,) = [row for row in found["numbers"] if row["figure_id"] == "value"]
        assert (int(row["value_before"]), int(row["value_after"])) == (60, 63)
        assert row["files"] == ["330106_certificate_D20260507_01", "330106_talent_D20260507_01"]
        assert found["tables"]["fct_talent"] == (60, 63)
        with pytest.raises(ShegongError, match="is later"):
            publications.diff(connection, 3, 1)
        with pytest.raises(ShegongError, match="no publication 999"):
            publications.diff(connection, 1, 999)


def test_the_list_says_what_is_read_and_what_can_be_put_back(database, given) -> None:
    with psycopg.connect(database.dsn["auditor"]) as connection:
        rows = {row["publication_id"]: row for row in publications.listed(connection)}
    assert [number for number, row in rows.items() if row["is_read"]] == [
        max(number for number, row in rows.items() if row["state"] == "published")
    ]
    assert rows[2]["carried"] == {"talent": 1}
    assert rows[3]["carried"] == {} and rows[3]["is_standing"]
    json.dumps(rows, default=str)


@pytest.fixture
def client(given) -> TestClient:
    return TestClient(
        page.create(GUARD, lambda: given[0]), base_url="http://bureau.test", follow_redirects=False
    )


def test_the_page_shows_what_two_publications_differ_in(client) -> None:
    headers = {"person": "looks"}
    shown = client.get(f"/publications/diff?first=3&last=1&area={WEST}&measure=M02-1", headers=headers).text
    for text in ("60", "63", "330106_talent_D20260507_01", "西湖区"):
        assert text in shown, text
    unknown = client.get("/publications/diff?first=1&last=999", headers=headers)
    assert unknown.status_code == 409 and "不能比较" in unknown.text


def test_the_page_puts_an_earlier_publication_back(client, database, given) -> None:
    (number,) = ask(
        database, "select max(publication_id) from ops.publication where state = 'published'", "auditor"
    )[0]
    act = {"headers": {"person": "acts", **HOST}, "data": {"reason": "人数有误"}}
    assert client.post("/publications/3/revert", headers={"person": "looks", **HOST}).status_code == 403
    assert "不再" not in client.post("/publications/3/revert", **act).text
    assert people(database) == 63
    shown = client.get("/publications", headers={"person": "acts"}).text
    assert f"/publications/{number}/revert" in shown and "/publications/3/revert" not in shown
    assert (
        f"/publications/{number}/revert" not in client.get("/publications", headers={"person": "looks"}).text
    )
    gone = client.post("/publications/999/revert", **act)
    assert gone.status_code == 409 and "不能换回" in gone.text
    assert (
        "请写明理由" in client.post(f"/publications/{number}/revert", **{**act, "data": {"reason": " "}}).text
    )
    assert client.post(f"/publications/{number}/revert", **act).status_code == 303
    assert people(database) == 65
    with psycopg.connect(database.superuser_dsn) as connection:
        kept = connection.execute(
            "select acted_by, reason from ops.publication_act order by act_id desc limit 1"
        )
        assert kept.fetchone() == ("李科长", "人数有误")

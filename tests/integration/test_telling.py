"""Who is told of what and when, over real incidents: at once or in the day's digest, level by level, never in a storm."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from click.testing import CliRunner

from shegong import areas, contact_command, reference_data
from shegong import database as warehouse
from shegong.alerts import causes, contacts, delivery_incidents, incidents, reminders, telling
from shegong.alerts.channels.channel import Message, Refused, TryLater
from shegong.calendar import SHANGHAI, WorkCalendar
from shegong.errors import ShegongError

BUREAU = "bureau@localhost"
PAGE = "https://shegong.example/bureau/incidents"
FILLER, RESPONSIBLE, CITY = "filler@localhost", "responsible@localhost", "city@localhost"


def at(day: int, hour: int = 20, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def loaded(database):
    reference_data.load(database.dsn["admin"])
    return database


@pytest.fixture
def ledger(loaded) -> Iterator[psycopg.Connection]:
    with psycopg.connect(loaded.superuser_dsn) as connection:
        connection.execute("truncate ops.delivery, ops.incident, ops.outbox, reference.contact cascade")
    with warehouse.connect(loaded.dsn["loader"]) as connection:
        yield connection


@pytest.fixture
def enter(loaded):
    def entered(
        area: str, duty: str, address: str, channel: str = "mail", since=date(2026, 5, 1), until=None
    ) -> int:
        with warehouse.connect(loaded.dsn["admin"]) as connection:
            return contacts.enter(connection, area, duty, channel, address, since, until)

    return entered  # fmt: skip


@pytest.fixture
def levels(enter) -> None:
    enter("330106", "filler", FILLER)
    enter("330106", "responsible", RESPONSIBLE)
    enter("330100", "responsible", CITY)


def see(ledger, now: datetime, cause: str = "refused:1", **more) -> int:
    words = {
        "kind": "refused", "severity": "warning", "audience": "county", "title": f"文件 {cause} 被退回", "details": "见回执",
        "area_code": "330106",
    }  # fmt: skip
    return incidents.open_incident(ledger, cause=cause, now=now, **(words | more))


def critical(ledger, now: datetime, cause: str = "task:build.audit") -> int:
    more = {"kind": "task", "severity": "critical", "audience": "engineers", "area_code": "330000"}
    return see(ledger, now, cause, **more)


def tell(ledger, now: datetime) -> dict[str, str]:
    """Recipient → text of the messages of one run; a recipient with two would be an error."""
    written = telling.compose(ledger, now, BUREAU, "省民政厅", PAGE)
    rows = ledger.execute(
        "select recipient, body_text from ops.outbox where created_at = %s", [now]
    ).fetchall()
    assert len(rows) == len(dict(rows)) == written
    return dict(rows)  # fmt: skip


def test_a_warning_climbs_by_working_days_and_each_level_hears_once(ledger, levels):
    see(ledger, at(7, 10))
    assert set(tell(ledger, at(7))) == {FILLER}
    assert tell(ledger, at(8, 9, 4)) == {}
    told = tell(ledger, at(8, 9, 5))
    assert set(told) == {FILLER, RESPONSIBLE}
    assert "新问题 0 项，仍未解决 1 项" in told[FILLER]
    assert "逐级上报：下级尚未解决，请督促" in told[RESPONSIBLE]
    # 9 May is a Saturday on which people work, the 10th a day off.
    new = {
        day: {to for to, text in tell(ledger, at(day)).items() if "下级未解决 1 项" in text}
        for day in range(9, 16)
    }
    assert new == {9: set(), 10: set(), 11: {CITY}, 12: set(), 13: {BUREAU}, 14: set(), 15: set()}
    incidents.resolve(ledger, "refused:1", at(16, 8))
    told = tell(ledger, at(16))
    assert set(told) == {FILLER, RESPONSIBLE, CITY, BUREAU}
    assert all("已恢复 1 项" in text for text in told.values())
    assert tell(ledger, at(18)) == {}


def test_what_is_solved_below_is_not_told_above(ledger, levels):
    see(ledger, at(7, 10))
    tell(ledger, at(7))
    incidents.resolve(ledger, "refused:1", at(8, 8))
    assert set(tell(ledger, at(8))) == {FILLER}
    assert tell(ledger, at(20)) == {}


def test_a_level_without_anybody_passes_it_on_at_once(ledger, enter):
    see(ledger, at(7, 10))
    enter("330100", "responsible", CITY)
    told = tell(ledger, at(7))
    assert set(told) == {CITY}
    assert "新问题 1 项" in told[CITY]


def test_with_no_contact_at_all_the_bureau_hears(ledger):
    see(ledger, at(7, 10))
    assert set(tell(ledger, at(7))) == {BUREAU}


def test_the_bureau_sees_as_a_number_what_counties_have_in_hand(ledger, levels):
    see(ledger, at(7, 10))
    see(ledger, at(7, 10), "calendar:end", kind="calendar", audience="bureau", area_code="330000")
    text = tell(ledger, at(7))[BUREAU]
    assert "新问题 1 项" in text
    assert "县（市、区）处理中" in text
    assert "refused:1" not in text


def test_a_critical_county_matter_climbs_faster(ledger, levels):
    see(ledger, at(7, 10), severity="critical")
    assert set(tell(ledger, at(7, 10, 10))) == {FILLER, RESPONSIBLE}
    assert set(tell(ledger, at(7, 11))) == set()
    new = {
        day: {to for to, text in tell(ledger, at(day)).items() if "下级未解决 1 项" in text}
        for day in (8, 9, 11)
    }
    assert new == {8: {CITY}, 9: {BUREAU}, 11: set()}


def test_the_bureaus_parameters_rule(ledger, levels, loaded):
    change = "update reference.parameter set value = %s where parameter_name = 'escalate_city_workdays'"
    with warehouse.connect(loaded.dsn["admin"]) as connection:
        connection.execute(change, [0])
    try:
        see(ledger, at(7, 10))
        assert set(tell(ledger, at(7))) == {FILLER, CITY}
    finally:
        with warehouse.connect(loaded.dsn["admin"]) as connection:
            connection.execute(change, [3])


def test_critical_and_its_end_go_at_once_in_one_message_between_digests(ledger):
    see(ledger, at(7, 8), "calendar:end", kind="calendar", audience="bureau")
    assert tell(ledger, at(7, 8)) == {}  # a warning waits for the digest's hour
    for number in range(3):
        critical(ledger, at(7, 8, 10), f"task:dag.{number}")
    text = tell(ledger, at(7, 8, 10))[BUREAU]
    assert text.startswith("社会工作数据紧急通知 2026年5月7日\n\n新问题 3 项。")
    assert "calendar" not in text
    assert tell(ledger, at(7, 8, 20)) == {}
    assert "新问题 1 项，仍未解决 3 项" in tell(ledger, at(7, 9, 5))[BUREAU]
    critical(ledger, at(7, 10), "task:dag.9")
    incidents.resolve(ledger, "task:dag.0", at(7, 10))
    incidents.resolve(ledger, "calendar:end", at(7, 10))
    text = tell(ledger, at(7, 10))[BUREAU]
    assert "新问题 1 项，已恢复 1 项" in text
    incidents.resolve(ledger, "task:dag.9", at(7, 11))
    assert tell(ledger, at(7, 11))[BUREAU].startswith("社会工作数据恢复通知")
    assert "已恢复 1 项" in tell(ledger, at(8))[BUREAU]  # the calendar's, in the digest


def test_what_gets_graver_is_told_again_at_once(ledger):
    see(ledger, at(7, 9), "source:x:look", kind="source", audience="engineers")
    tell(ledger, at(7, 10))
    see(ledger, at(7, 11), "source:x:look", kind="source", audience="engineers", severity="critical")
    assert "新问题 1 项" in tell(ledger, at(7, 11))[BUREAU]
    see(ledger, at(7, 12), "source:x:look", kind="source", audience="engineers", severity="critical")
    assert tell(ledger, at(7, 12)) == {}


def test_what_comes_and_goes_all_day_is_told_at_once_every_two_hours(ledger):
    written = []
    for minute in range(0, 12 * 60, 10):
        now = at(7, 10) + timedelta(minutes=minute)
        if minute % 20 == 0:
            critical(ledger, now)
        else:
            incidents.resolve(ledger, "task:build.audit", now)
        written += [minute for _ in tell(ledger, now)]
    assert written[:4] == [0, 10, 120, 130]
    assert len(written) == 12


def test_what_stays_after_it_came_again_is_told_two_hours_later(ledger):
    critical(ledger, at(7, 10))
    tell(ledger, at(7, 10))
    incidents.resolve(ledger, "task:build.audit", at(7, 10, 10))
    tell(ledger, at(7, 10, 10))
    critical(ledger, at(7, 10, 20))
    assert [hour for hour in range(11, 15) if tell(ledger, at(7, hour))] == [12]


def test_the_same_run_again_tells_nothing_twice(ledger, levels):
    see(ledger, at(7, 10))
    critical(ledger, at(7, 10))
    once = tell(ledger, at(7))
    assert telling.compose(ledger, at(7), BUREAU, "省民政厅", PAGE) == 0
    assert set(once) == {FILLER, BUREAU}


def test_engineers_hear_of_their_own_and_links_go_where_they_open(ledger, levels, enter):
    enter("330000", "engineer", "robot_engineers", "dingtalk")
    critical(ledger, at(7, 10))
    see(ledger, at(7, 10))
    told = tell(ledger, at(7))
    assert set(told) == {FILLER, BUREAU, "robot_engineers"}
    links = {to: re.findall(rf"{PAGE}\?message=(\w+)", text) for to, text in told.items()}
    marks = dict(ledger.execute("select recipient, link_mark from ops.outbox").fetchall())
    assert links == {FILLER: [], BUREAU: [marks[BUREAU]], "robot_engineers": [marks["robot_engineers"]]}
    assert marks[FILLER] is None and marks[BUREAU] != marks["robot_engineers"]
    assert "refused:1" not in told["robot_engineers"]
    (number,) = ledger.execute("select incident_id from ops.incident where kind = 'task'").fetchone()
    assert f"{marks['robot_engineers']}#incident-{number}" in told["robot_engineers"], (
        "one incident: a link to it"
    )
    assert "#incident-" not in told[BUREAU], "several: a link to the list"
    channel = ledger.execute("select channel from ops.outbox where recipient = 'robot_engineers'").fetchone()
    assert channel == ("dingtalk",)


def message(channel: str, recipient: str) -> Message:
    return Message(1, "key", channel, recipient, "", "", "", at(7))


def test_who_can_t_be_reached_is_told_of_by_another_way(ledger, enter):
    enter("330000", "responsible", "robot_bureau", "dingtalk")
    enter("330000", "engineer", "other@localhost")
    refused = Refused("310000", "sign not match")
    delivery_incidents.failed(ledger, message("dingtalk", "robot_bureau"), refused, 1, True, at(7))
    told = tell(ledger, at(7))
    assert set(told) == {BUREAU, "other@localhost"}
    assert "一个收信人的钉钉通知被拒收" in told[BUREAU]
    away = TryLater("ConnectionRefusedError", "no answer", is_service=True)
    delivery_incidents.failed(ledger, message("mail", BUREAU), away, 5, False, at(7, 21))
    told = tell(ledger, at(7, 21))
    assert set(told) == {"robot_bureau"}
    assert "邮件服务没有应答" in told["robot_bureau"]


def test_a_unit_without_a_valid_contact_is_an_incident(ledger, loaded, enter):
    enter("330106", "filler", FILLER, until=date(2026, 5, 7))
    enter("330102", "filler", "later@localhost", since=date(2026, 5, 8))
    found = {}
    for day in (7, 8):
        with warehouse.connect(loaded.dsn["publisher"]) as marts:
            causes.gather(ledger, marts, at(day, 8))
        query = "select area_code from ops.incident where kind = 'contact' and state <> 'resolved'"
        found[day] = {area for (area,) in ledger.execute(query)}
    units = set(areas.units(ledger, date(2026, 5, 7)))
    assert found == {7: units - {"330106"}, 8: units - {"330102"}}
    text = tell(ledger, at(8))[BUREAU]
    counts = re.findall(r"· (\d+) 个报送单位没有有效的联系人", text)
    assert len(counts) == len({unit[:4] for unit in units})
    assert sum(map(int, counts)) == len(units) - 1
    assert FILLER not in text


def test_what_lasts_is_counted_by_days_and_what_happens_each_time(ledger):
    for now in (at(7, 10), at(7, 10, 10), at(8, 10)):
        incidents.settle(ledger, "calendar", causes.calendar_end(WorkCalendar({}), now), now)
        critical(ledger, now)
    counted = ledger.execute("select kind, times_seen from ops.incident order by kind").fetchall()
    assert counted == [("calendar", 2), ("task", 3)]


def test_who_is_no_contact_any_more_hears_nothing_more(ledger, enter, loaded):
    number = enter("330106", "filler", FILLER)
    see(ledger, at(7, 10))
    see(ledger, at(7, 10), "refused:2")
    assert set(tell(ledger, at(7))) == {FILLER}
    with warehouse.connect(loaded.dsn["admin"]) as connection:
        contacts.end(connection, number, date(2026, 5, 7))
    incidents.resolve(ledger, "refused:1", at(8, 8))
    told = tell(ledger, at(8))
    assert set(told) == {BUREAU}  # nobody is left below it
    assert "新问题 1 项，仍未解决 0 项，已恢复 0 项" in told[BUREAU]


def test_reminders_go_to_fillers_one_a_recipient(ledger, enter):
    for unit in ("330106", "330102"):
        enter(unit, "filler", "robot_city", "wecom")
        enter(unit, "responsible", RESPONSIBLE)
    enter("330105", "responsible", "alone@localhost")
    half_past_four = at(7, 16, 30)
    assert reminders.compose(ledger, half_past_four, "省民政厅") == 2
    rows = ledger.execute(
        "select channel, recipient, subject, body_text from ops.outbox order by 1"
    ).fetchall()
    assert [(channel, to) for channel, to, *_ in rows] == [
        ("mail", "alone@localhost"),
        ("wecom", "robot_city"),
    ]
    assert "杭州市拱墅区今天 18:00 前请报送" in rows[0][2]
    assert "2 个报送单位今天 18:00 前请报送" in rows[1][2]
    assert "【杭州市西湖区】" in rows[1][3]


def test_four_hundred_refused_files_are_one_message_a_recipient(ledger, levels, loaded):
    ledger.execute(
        "with made as (insert into ops.delivery"
        " (place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash, received_at)"
        " select '330106', 'x/' || n, '人才' || n || '.xlsx', 1, %(at)s, n::text, %(at)s"
        " from generate_series(1, 400) as n returning delivery_id)"
        " insert into ops.submission (delivery_id, unit_code, state, reason, received_at)"
        " select delivery_id, '330106', 'refused', '不是工作簿', %(at)s from made",
        {"at": at(7, 10)},
    )
    written = []
    for day in range(7, 15):
        for hour in (10, 14, 20):
            with warehouse.connect(loaded.dsn["publisher"]) as marts:
                causes.gather(ledger, marts, at(day, hour))
            written.append(len(told := tell(ledger, at(day, hour))))
            if (day, hour) == (7, 10):
                assert "人才60.xlsx 被退回" in told[FILLER]
                assert "另有 340 项未列出" in told[FILLER]
    per_day = ledger.execute(
        "select max(n) from (select count(*) as n from ops.outbox group by recipient, created_at::date) as counted"
    ).fetchone()
    assert per_day == (1,)
    assert sum(written) < 40


def test_ninety_counties_down_at_once_are_one_message_a_recipient(ledger, enter):
    units = list(areas.units(ledger, date(2026, 5, 7)))[:90]
    for unit in units:
        enter(unit, "filler", f"{unit}@localhost")
        see(
            ledger, at(7, 10), f"source:{unit}:look", kind="source", severity="critical", area_code=unit,
            title="报送渠道连接不上",
        )  # fmt: skip
        critical(ledger, at(7, 10), f"source:{unit}:write")
    told = tell(ledger, at(7, 10, 10))
    assert set(told) == {BUREAU} | {f"{unit}@localhost" for unit in units}
    assert tell(ledger, at(7, 10, 20)) == {}
    for unit in units:
        incidents.resolve(ledger, f"source:{unit}:look", at(7, 11))
    assert len(tell(ledger, at(7, 11))) == 90
    assert tell(ledger, at(7, 11, 10)) == {}


def test_contacts_by_command(ledger, loaded, monkeypatch):
    monkeypatch.setattr(contact_command.settings, "load", lambda _: SimpleNamespace(dsn=loaded.dsn))
    monkeypatch.setattr("shegong.cli.week_now", lambda: at(7))

    def run(*words: str) -> str:
        outcome = CliRunner().invoke(contact_command.contact, words, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
        return outcome.output

    run("set", "330106", "--duty", "filler", "--address", FILLER)
    run("set", "330106", "--duty", "filler", "--address", FILLER, "--until", "2026-06-30")
    run("set", "330100", "--duty", "responsible", "--channel", "feishu", "--address", "robot_hangzhou")
    kept = contacts.kept(ledger)
    assert [(each.area_code, each.channel, each.valid_from, each.valid_until) for each in kept] == [
        ("330100", "feishu", date(2026, 5, 7), None),
        ("330106", "mail", date(2026, 5, 7), date(2026, 6, 30)),
    ]
    run("end", str(kept[0].contact_id), "--on", "2026-05-06")
    assert [each.address for each in contacts.valid(ledger, date(2026, 5, 7))] == [FILLER]
    run("list", "--all")
    for words in (
        ["set", "999999", "--duty", "filler", "--address", FILLER],
        ["set", "330106", "--duty", "filler", "--address", "no-mail"],
        ["set", "330106", "--duty", "filler", "--channel", "wecom", "--address", "a@b"],
        ["set", "330106", "--duty", "filler", "--address", FILLER, "--until", "2026-05-06"],
        ["end", "999"],
    ):
        with pytest.raises(ShegongError):
            run(*words)

"""A person's hand on incidents, over a real database: what is told after it, and what is kept of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from click.testing import CliRunner

from shegong import database as warehouse
from shegong import incident_command
from shegong.alerts import handling, incidents, telling
from shegong.calendar import SHANGHAI
from shegong.errors import ShegongError

NOW = datetime(2026, 5, 31, 23, 50, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture
def ledger(database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("truncate ops.incident, ops.outbox cascade")
    with warehouse.connect(database.dsn["loader"]) as connection:
        yield connection


def see(ledger, now: datetime, severity: str = "warning") -> int:
    return incidents.open_incident(
        ledger, cause="source:x", kind="source", severity=severity, audience="bureau", title="渠道不通",
        details="", now=now,
    )  # fmt: skip


def told(ledger, now: datetime) -> int:
    return telling.compose(ledger, now, "bureau@localhost", "省民政厅")


def test_muted_is_told_from_its_date_on(ledger):
    number = see(ledger, NOW)
    handling.mute(ledger, number, "王", "检修", NOW, until=NOW + 2 * DAY)
    assert [told(ledger, NOW + day * DAY) for day in range(4)] == [0, 0, 1, 1]


def test_explained_is_told_again_when_it_changes(ledger):
    number = see(ledger, NOW)
    handling.explain(ledger, number, "王", "已知", NOW)
    see(ledger, NOW + DAY)
    assert told(ledger, NOW + DAY) == 0
    see(ledger, NOW + 2 * DAY, severity="critical")
    assert told(ledger, NOW + 2 * DAY) == 1


def test_come_again_refers_to_the_former(ledger):
    number = see(ledger, NOW)
    handling.resolve(ledger, number, "王", "已修", NOW)
    again = see(ledger, NOW + DAY)
    query = "select former_id from ops.incident where incident_id = %s"
    assert again != number
    assert ledger.execute(query, [again]).fetchone() == (number,)
    with pytest.raises(ShegongError, match="No open incident"):
        handling.acknowledge(ledger, number, "王", "看到", NOW)


def test_each_act_is_kept_without_long_numbers(ledger):
    number = see(ledger, NOW)
    handling.acknowledge(ledger, number, "王", "电 13800000000", NOW)
    handling.assign(ledger, number, "王", "归他", NOW, assignee="李")
    with pytest.raises(ShegongError, match="name and a reason"):
        handling.explain(ledger, number, "王", " ", NOW)
    assert ledger.execute("select act, reason from ops.incident_act order by act_id").fetchall() == [
        ("acknowledge", "电 ***********"),
        ("assign", "归他"),
    ]
    assert ledger.execute("select state, assignee from ops.incident").fetchone() == ("acknowledged", "李")


def test_by_command(ledger, database, monkeypatch):
    number = see(ledger, NOW)
    ledger.commit()
    monkeypatch.setattr(incident_command.settings, "load", lambda _: SimpleNamespace(dsn=database.dsn))
    monkeypatch.setattr("shegong.cli.week_now", lambda: NOW)
    act = ["--by", "王", "--reason", "检修"]
    for words in (
        ["acknowledge", str(number), *act],
        ["mute", str(number), *act, "--until", "2026-06-03"],
        ["list"],
    ):
        outcome = CliRunner().invoke(incident_command.incidents, words, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
    state = ledger.execute("select state, muted_until from ops.incident").fetchone()
    assert state == ("acknowledged", datetime(2026, 6, 3, tzinfo=SHANGHAI))

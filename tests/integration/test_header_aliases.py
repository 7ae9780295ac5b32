"""An unknown heading's way: proposed by a file, approved by a person, read in the next file; for a county or for all."""

from datetime import timedelta

import psycopg
import pytest
from click.testing import CliRunner
from intake_files import DAY, NOW, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, send, settings_of

from shegong import header_aliases
from shegong.cli import cli
from shegong.errors import ShegongError

LATER = DAY + timedelta(1)


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()
    ledger.rows("truncate ops.header_alias")


@pytest.fixture
def connection(ours):
    with psycopg.connect(ours.dsn["loader"], autocommit=True) as connection:
        yield connection


def csv_with(**renamed: str) -> bytes:
    """A good talent file with headers renamed."""
    text = as_csv("talent", good("talent", remark="某")).decode()
    for header, written in renamed.items():
        text = text.replace(header, written, 1)
    return text.encode()


def ask(ours, *words: str, **names: object):
    env = {f"SHEGONG_DSN_{role.upper()}": dsn for role, dsn in ours.dsn.items()}
    env |= {f"SHEGONG_{name}_KEY": "A" * 43 + "=" for name in ("PERSON", "VAULT", "ARCHIVE")}
    env |= {f"SHEGONG_{name}_URL": "/nowhere" for name in ("COUNTIES", "ARCHIVE", "OUTBOX")}
    return CliRunner().invoke(cli, ["alias", *words], env=env | {"SHEGONG_HOME": str(ours.home)})


def tell(ledger: Ledger, delivery_id: int, rule: str) -> tuple:
    [told] = ledger.rows(
        "select header, text, mend from ops.finding inner join ops.submission using (submission_id)"
        " where delivery_id = %s and rule_id = %s",
        delivery_id,
        rule,
    )
    return told


def test_a_proposal_is_told_and_noted_once_a_file(ours, ledger, connection) -> None:
    first = send(ours, csv_name("talent"), csv_with(备注="备注信息"))
    assert ledger.states(first) == [("talent", "staged", 1, 1, 0)]
    header, text, mend = tell(ledger, first, "file.header_unknown")
    assert header == "备注信息" and "看来是“备注”" in text and "改为“备注”" in mend
    send(ours, csv_name("talent", sequence=2), csv_with(备注="备注信息", 新增="变更"))
    send(ours, csv_name("talent", unit=OTHER_UNIT), csv_with(备注="备注信息"), unit=OTHER_UNIT)
    listed = header_aliases.listed(connection, "proposed")
    assert [(r["header"], r["field_name"], r["unit_code"], r["times_seen"]) for r in listed] == [
        ("备注信息", "remark", UNIT, 2),
        ("备注信息", "remark", OTHER_UNIT, 1),
    ]


def test_a_missing_column_is_told_with_what_may_be_it(ours, ledger, connection) -> None:
    refused = send(ours, csv_name("talent"), csv_with(姓名="社工姓名"))
    assert ledger.states(refused) == [("talent", "refused", 0, 0, 0)]
    assert "“社工姓名”（C 列）看来是“姓名”" in tell(ledger, refused, "file.header_missing")[1]
    [row] = header_aliases.listed(connection, "proposed")
    assert (row["header"], row["field_name"]) == ("社工姓名", "person_name")


def test_approved_for_a_county_from_a_day(ours, ledger, connection) -> None:
    send(ours, csv_name("talent"), csv_with(姓名="社工姓名"))
    [row] = header_aliases.listed(connection)
    header_aliases.approve(connection, row["alias_id"], by="张三", now=NOW, valid_from=LATER)
    tomorrow = NOW + timedelta(1)
    before = send(ours, csv_name("talent", sequence=2), csv_with(姓名="社工姓名", 某="又"), now=tomorrow)
    after = send(ours, csv_name("talent", day=LATER), csv_with(姓名="社工姓名"), now=tomorrow)
    elsewhere = send(
        ours,
        csv_name("talent", day=LATER, unit=OTHER_UNIT),
        csv_with(姓名="社工姓名"),
        unit=OTHER_UNIT,
        now=tomorrow,
    )
    assert [ledger.states(d)[0][1] for d in (before, after, elsewhere)] == ["refused", "staged", "refused"]
    assert ledger.rows("select name_key is not null from staging.talent") == [(True,)]
    assert ledger.rows(
        "select layout -> 'person_name' ->> 1 from ops.submission where delivery_id = %s", after
    ) == [("社工姓名",)]


def test_approved_for_all_decides_every_countys_proposal(ours, ledger, connection) -> None:
    for unit in (UNIT, OTHER_UNIT):
        send(ours, csv_name("talent", unit=unit), csv_with(姓名="社工姓名"), unit=unit)
    chosen = header_aliases.listed(connection)[0]
    run = ask(ours, "approve", str(chosen["alias_id"]), "--by", "张三", "--from", str(DAY), "--for-all")
    assert run.exit_code == 0, run.output
    assert header_aliases.listed(connection, "proposed") == []
    assert sorted(str(r["unit_code"]) for r in header_aliases.listed(connection, "approved")) == [
        UNIT,
        OTHER_UNIT,
        "None",
    ]
    third = send(ours, csv_name("talent", unit="330102"), csv_with(姓名="社工姓名"), unit="330102")
    assert ledger.states(third) == [("talent", "staged", 1, 1, 0)]


def test_an_approved_heading_beside_the_column_itself_is_refused(ours, ledger, connection) -> None:
    send(ours, csv_name("talent"), csv_with(姓名="社工姓名"))
    [row] = header_aliases.listed(connection)
    header_aliases.approve(connection, row["alias_id"], by="张三", now=NOW, valid_from=DAY)
    both = send(ours, csv_name("talent", sequence=2), csv_with(备注="社工姓名"))
    assert ledger.findings(both) == [("file.header_duplicate", "F", 1)]
    header, text, _ = tell(ledger, both, "file.header_duplicate")
    assert header == "社工姓名" and "“姓名”（C 列）和“社工姓名”" in text


def test_a_rejected_heading_is_not_proposed_again(ours, ledger, connection) -> None:
    send(ours, csv_name("talent"), csv_with(备注="备注信息"))
    [row] = header_aliases.listed(connection)
    run = ask(ours, "reject", str(row["alias_id"]), "--by", "张三")
    assert run.exit_code == 0, run.output
    again = send(ours, csv_name("talent", sequence=2), csv_with(备注="备注信息", 某="又"))
    assert "看来是" not in tell(ledger, again, "file.header_unknown")[1]
    assert [r["times_seen"] for r in header_aliases.listed(connection, "rejected")] == [1]


def test_what_cannot_be_decided_is_refused(ours, ledger, connection) -> None:
    send(ours, csv_name("talent"), csv_with(备注="备注信息"))
    [row] = header_aliases.listed(connection)
    said = {"now": NOW, "valid_from": DAY}
    with pytest.raises(ShegongError, match="no field no_such"):
        header_aliases.approve(connection, row["alias_id"], by="张三", field_name="no_such", **said)
    with pytest.raises(ShegongError, match="who decides"):
        header_aliases.approve(connection, row["alias_id"], by=" ", **said)
    with pytest.raises(ShegongError, match="no alias 0"):
        header_aliases.approve(connection, 0, by="张三", **said)


def test_the_list_is_shown(ours, ledger) -> None:
    send(ours, csv_name("talent"), csv_with(备注="备注信息"))
    run = ask(ours, "list")
    assert run.exit_code == 0 and "备注信息" in run.output and "remark" in run.output


def test_a_killed_load_leaves_no_proposal(ours, ledger, connection, monkeypatch) -> None:
    """The proposal belongs to the file's transaction: taken again, it is counted once."""
    from intake_files import place, take

    from shegong.intake.load import Loader

    file = place(ours, csv_name("talent"), csv_with(备注="备注信息"))
    with monkeypatch.context() as patch:
        patch.setattr(Loader, "_note_parent", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(ours, file)
    assert header_aliases.listed(connection) == []
    take(ours, file)
    assert [r["times_seen"] for r in header_aliases.listed(connection)] == [1]

"""Files read again after a change: only what it touches is replaced, and the rows are those of a fresh load."""

import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import contracts_folder
import psycopg
import pytest
from click.testing import CliRunner
from intake_files import ID, ID_2, NOW, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, send, settings_of

from shegong import contract, header_aliases
from shegong.cli import cli
from shegong.intake import receipts
from shegong.judge import judge
from shegong.quality import suites
from shegong.register import register
from shegong.render import expectations, staging
from shegong.replay.run import replay
from shegong.replay.shadow import shadow

DAY = date(2026, 5, 6)
LATER = NOW + timedelta(days=3)
TIGHTER = "change: {rules: {large_population: {level: E, ok: population <= 4000}}}\n"


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """Contracts and suites of each test's own."""
    made = contracts_folder.copy(tmp_path)
    shutil.copytree(suites.FOLDER, tmp_path / "expectations")
    monkeypatch.setattr(contract, "FOLDER", made)
    monkeypatch.setattr(suites, "FOLDER", tmp_path / "expectations")
    return made


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()
    ledger.rows("truncate ops.header_alias")


def changed(folder: Path, table: str = "community", body: str = TIGHTER, version: str = "2026.9") -> Path:
    """A diff that reaches into the past: it counts for the day of the tests' files."""
    path = contracts_folder.change(folder, table, "2026-05-01", version, body)
    contract._steps.cache_clear()
    expectations.write_all(suites.FOLDER / "submissions")
    return path


def community(
    *populations: int | None, unit: str = UNIT, sequence: int = 1, **more: object
) -> tuple[str, bytes]:
    rows = [
        good(
            "community",
            community_code=f"{unit}001{at:03d}",
            township_code=f"{unit}001",
            population=people,
            **more,
        )
        for at, people in enumerate(populations, 1)
    ]
    return csv_name("community", unit=unit, sequence=sequence), as_csv("community", *rows)


def settle(ours, now: datetime = NOW) -> None:
    """What the load DAG does after loading."""
    register(ours, now)
    judge(ours, now)
    receipts.write_all(ours, now, receipts.touched(ours, now))


def of(ledger: Ledger, delivery_id: int) -> list[tuple]:
    """(state, accepted, refused, is a replay, is replaced) of a delivery's submissions, in order."""
    return ledger.rows(
        "select state, rows_accepted, rows_refused, replay_of is not null, replaced_by is not null"
        " from ops.submission where delivery_id = %s order by submission_id",
        delivery_id,
    )


def in_force(ledger: Ledger, table: str) -> list[tuple]:
    """Rows that count, without what tells where they came from."""
    names = ", ".join(column.name for column in contract.stored()[table].columns)
    return ledger.rows(
        f"select _unit_code, {names} from staging.{table} inner join ops.accepted_submission on submission_id = _submission_id"
        " where superseded_at is null and not exists (select from ops.refused_row as r where r.submission_id = _submission_id"
        " and r.row_number = _row_number) order by 1, 4, 5, 6"
    )


def test_a_tightened_rule_replaces_only_what_it_touches(ours, ledger, folder) -> None:
    touched = send(ours, *community(3000, 5000, 3500, 3600))
    quiet = send(ours, *community(100, 200, unit=OTHER_UNIT), unit=OTHER_UNIT)
    other = send(ours, csv_name("talent"), as_csv("talent", good("talent")))
    settle(ours)
    changed(folder)
    dry = replay(ours, LATER, dry_run=True)
    assert (dry.looked_at, dry.changed) == (2, 1)
    assert of(ledger, touched) == [("accepted", 4, 0, False, False)]
    made = replay(ours, LATER)
    assert (made.files, made.changed, made.staged) == (2, 1, 1)
    assert made.states == {("accepted", "staged"): 1}
    rule = ("community.large_population", "E")
    assert (made.before[rule], made.after[rule]) == (0, 1)
    assert of(ledger, touched) == [("accepted", 4, 0, False, False), ("staged", 3, 1, True, False)]
    settle(ours, LATER)
    assert of(ledger, touched) == [("replaced", 4, 0, False, True), ("partly_accepted", 3, 1, True, False)]
    assert of(ledger, quiet) == [("accepted", 2, 0, False, False)]
    assert len(of(ledger, other)) == 1
    again = replay(ours, LATER + timedelta(1))
    assert (again.looked_at, again.changed) == (0, 0)


def test_accepted_rows_equal_a_fresh_load(ours, ledger, folder) -> None:
    files = [community(3000, 5000, 3500, 3600), community(3000, 4100, 1, 2, unit=OTHER_UNIT)]
    for name, content in files:
        send(ours, name, content, unit=name[:6])
    settle(ours)
    changed(folder)
    replay(ours, LATER)
    settle(ours, LATER)
    replayed = in_force(ledger, "community")
    ledger.clear()
    for name, content in files:
        send(ours, name, content, unit=name[:6])
    settle(ours)
    assert len(replayed) == 6
    assert in_force(ledger, "community") == replayed


def test_one_approved_heading_reads_only_that_countys_refused_file_again(ours, ledger) -> None:
    content = as_csv("talent", good("talent")).decode().replace("姓名", "社工姓名").encode()
    mine = send(ours, csv_name("talent"), content)
    other = send(ours, csv_name("talent", unit=OTHER_UNIT), content, unit=OTHER_UNIT)
    fine = send(ours, csv_name("talent", sequence=2), as_csv("talent", good("talent", id_no=ID_2)))
    settle(ours)
    with psycopg.connect(ours.dsn["loader"]) as connection:
        row = next(r for r in header_aliases.listed(connection) if r["unit_code"] == UNIT)
        header_aliases.approve(connection, row["alias_id"], by="张三", now=LATER, valid_from=DAY)
    made = replay(ours, LATER)
    assert (made.changed, made.staged, made.states) == (1, 1, {("refused", "staged"): 1})
    settle(ours, LATER)
    assert of(ledger, mine) == [("replaced", 0, 0, False, True), ("accepted", 1, 0, True, False)]
    assert [s[0] for s in of(ledger, other)] == ["refused"]
    assert [s[0] for s in of(ledger, fine)] == ["accepted"]
    [(path,)] = ledger.rows("select receipt_path from ops.delivery where delivery_id = %s", mine)
    assert "回执" in path and Path(path).exists()
    assert replay(ours, LATER).looked_at == 0


def test_it_came_when_the_first_reading_came(ours, ledger, folder) -> None:
    touched = send(ours, *community(5000, 1, 2, 3))
    settle(ours)
    changed(folder)
    replay(ours, LATER)
    [(first, second)] = ledger.rows(
        "select array_agg((received_at, due_at, is_late, report_date, sequence, version)::text order by submission_id)"
        " from ops.submission where delivery_id = %s",
        touched,
    )[0]
    assert first == second


def test_keys_are_not_asked_again_as_if_they_came_today(ours, ledger, folder) -> None:
    """Read again, its own rows are known by now; what it withdrew is not."""
    added = send(ours, *community(10, 20, 30, 40, 5000))
    settle(ours)
    withdrawn = send(ours, *community(10, 20, 30, 5000, sequence=2, row_action="撤销"))
    settle(ours, NOW + timedelta(days=1))
    changed(folder)
    replay(ours, LATER)
    settle(ours, LATER)
    assert of(ledger, added)[-1] == ("partly_accepted", 4, 1, True, False)
    assert of(ledger, withdrawn)[-1] == ("partly_accepted", 3, 1, True, False)
    told = ledger.rows(
        "select f.rule_id, count(*) from ops.finding as f inner join ops.submission using (submission_id)"
        " where replay_of is not null and check_class = 'register' and level in ('E', 'N') group by 1"
    )
    assert told == []


def test_a_file_that_is_refused_now_leaves_the_earlier_reading_in_force(ours, ledger, folder) -> None:
    sent = send(ours, *community(10, 20))
    settle(ours)
    changed(
        folder,
        body="add: {fields: [{name: volunteer_count, header: 志愿者人数, type: integer, required: true, description: 人数}]}\n",
    )
    for statement in staging.statements(contract.stored()["community"]):  # as `shegong database create` does
        ledger.rows(statement)
    made = replay(ours, LATER)
    assert made.states == {("accepted", "refused"): 1}
    settle(ours, LATER)
    assert of(ledger, sent) == [("accepted", 2, 0, False, False), ("refused", 0, 0, True, False)]
    assert replay(ours, LATER).looked_at == 0


def test_what_a_person_rejected_stays_rejected(ours, ledger, folder) -> None:
    sent = send(ours, *community(5000, 20))
    settle(ours)
    ledger.rows("update ops.submission set state = 'rejected', accepted_at = null")
    changed(folder)
    assert replay(ours, LATER).looked_at == 0
    assert [s[0] for s in of(ledger, sent)] == ["rejected"]


def test_the_rule_and_the_day_narrow_it(ours, ledger, folder) -> None:
    send(ours, *community(5000, 1, 2, 3))
    settle(ours)
    changed(folder)
    assert replay(ours, LATER, table="talent").looked_at == 0
    assert replay(ours, LATER, since=DAY + timedelta(1)).looked_at == 0
    assert replay(ours, LATER, rule="community.township_prefix", dry_run=True).changed == 0
    assert replay(ours, LATER, rule="community.large_population", dry_run=True).changed == 1


# a certificate's person must be in the roster: so far a 核实
STRICT = "change: {references: {person_unknown: {level: E}}}\n"


def certificates(*people: str, sequence: int = 1, **more: object) -> tuple[str, bytes]:
    rows = [
        good("certificate", id_no=number, cert_mgmt_no=f"201903301330{sequence}{at:04d}", **more)
        for at, number in enumerate(people)
    ]
    return csv_name("certificate", sequence=sequence), as_csv("certificate", *rows)


def built(ledger: Ledger, table: str) -> None:
    """What core knows after a build: the last accepted row of each key."""
    key = ", ".join(contract.load()[table].key)
    ledger.rows(
        f"create or replace view core.known_{table} as select distinct on ({key}) row.* from staging.{table} as row"
        " inner join ops.submission as s on s.submission_id = row._submission_id"
        " where s.accepted_at is not null and s.replaced_at is null and s.built_by is not null and row.row_action is distinct from '3'"
        f" order by {key}, s.report_date desc, s.sequence desc, s.submission_id desc"
    )
    ledger.rows(f"grant select on core.known_{table} to loader, auditor")
    ledger.rows("update ops.submission set built_by = 1 where accepted_at is not null")


@pytest.fixture
def no_views(ledger):
    yield
    for table in ("certificate", "talent"):
        ledger.rows(f"drop view if exists core.known_{table}")


def test_a_rule_that_only_the_register_asks_replaces_what_it_touches(ours, ledger, folder) -> None:
    send(ours, csv_name("talent"), as_csv("talent", good("talent")))
    touched = send(ours, *certificates(ID, ID_2, ID, ID))
    quiet = send(ours, *certificates(ID, sequence=2, cert_level="助理社会工作师"))
    settle(ours)
    assert of(ledger, touched) == [("accepted", 4, 0, False, False)]
    changed(folder, "certificate", STRICT)
    dry = replay(ours, LATER, dry_run=True)
    assert (dry.looked_at, dry.changed) == (2, 1)
    made = replay(ours, LATER)
    assert (made.changed, made.staged) == (1, 1)
    rule = "certificate.person_unknown"
    assert {key: (made.before[key], made.after[key]) for key in ((rule, "W"), (rule, "E"))} == {
        (rule, "W"): (1, 0),
        (rule, "E"): (0, 1),
    }
    settle(ours, LATER)
    assert of(ledger, touched) == [("replaced", 4, 0, False, True), ("partly_accepted", 3, 1, True, False)]
    assert of(ledger, quiet) == [("accepted", 1, 0, False, False)]
    assert replay(ours, LATER + timedelta(1)).looked_at == 0


def test_a_row_that_a_later_file_took_the_place_of_is_not_asked_anew(ours, ledger, folder, no_views) -> None:
    """What is in force now is nothing to it: it keeps what it was told, also where its file is read again."""
    send(ours, csv_name("talent"), as_csv("talent", good("talent")))
    both = send(ours, *certificates(ID_2, ID_2, ID, ID))
    one = send(ours, *certificates(ID_2, sequence=3))
    settle(ours)
    for file, name in ((both, "20190330133010000"), (one, "20190330133030000")):
        row = good("certificate", cert_mgmt_no=name, row_action="变更")
        send(ours, csv_name("certificate", sequence=file % 40 + 4, day=DAY), as_csv("certificate", row))
    settle(ours, NOW + timedelta(hours=1))
    for table in ("talent", "certificate"):
        built(ledger, table)
    changed(folder, "certificate", STRICT)
    assert replay(ours, LATER).staged == 1
    settle(ours, LATER)
    assert of(ledger, one) == [("accepted", 1, 0, False, False)]
    assert of(ledger, both)[-1] == ("partly_accepted", 3, 1, True, False)
    told = ledger.rows(
        "select row_number, level from ops.finding inner join ops.submission using (submission_id)"
        " where delivery_id = %s and replay_of is not null and rule_id = 'certificate.person_unknown' order by 1", both,
    )  # fmt: skip
    assert told == [(2, "W"), (3, "E")]


def test_a_register_rule_that_was_mended_without_a_version_is_found_too(ours, ledger, folder) -> None:
    send(ours, csv_name("talent"), as_csv("talent", good("talent")))
    touched = send(ours, *certificates(ID, ID_2, ID, ID))
    settle(ours)
    path = folder / "certificate.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("    parent: talent\n    level: W", "    parent: talent\n    level: N", 1),
        encoding="utf-8",
    )
    assert path.read_text(encoding="utf-8") != text
    contract._steps.cache_clear()
    expectations.write_all(suites.FOLDER / "submissions")
    made = replay(ours, LATER)
    assert (made.looked_at, made.staged, made.after["certificate.person_unknown", "N"]) == (1, 1, 1)
    settle(ours, LATER)
    assert of(ledger, touched)[-1] == ("accepted", 4, 0, True, False)


def test_a_file_is_not_compared_with_what_came_after_it(ours, ledger, folder) -> None:
    """A rule that looks at what was before is of its day: by now the later figures are there."""
    first = send(ours, csv_name("funding"), as_csv("funding", good("funding")))
    settle(ours)
    more = good("funding", row_action="变更", received_yuan=9)
    send(ours, csv_name("funding", sequence=2), as_csv("funding", more))
    settle(ours, NOW + timedelta(hours=1))
    rule = "add: {rules: [{name: small, level: N, ok: budget_yuan > 100, columns: [budget_yuan], text: 预算很小, mend: 无需处理}]}\n"
    changed(folder, "funding", rule)
    assert replay(ours, LATER).staged == 2
    settle(ours, LATER)
    assert of(ledger, first)[-1] == ("accepted", 1, 0, True, False)
    assert ledger.rows("select * from ops.finding where rule_id = 'funding.cumulative_fell'") == []


RENAMED = "set: {title: 社区名录}\nchange: {rules: {large_population: {level: E, ok: population <= 4000}}}\n"


def test_nil_reports_stay_what_they_were_on_their_day(ours, ledger, folder) -> None:
    """One that was taken has no rows to ask; one that was refused was answered then, and is no news of that day now."""
    taken = send(ours, csv_name("nil"), "数据表\r\ncommunity\r\n".encode())
    refused = send(ours, csv_name("nil", sequence=2), "数据表\r\n社区名录\r\n".encode())
    settle(ours)
    before = [of(ledger, delivery) for delivery in (taken, refused)]
    assert [states[0][0] for states in before] == ["nil", "refused"]
    came = ledger.rows("select * from ops.report_due order by unit_code, table_name, mode, report_day")
    changed(folder, body=RENAMED)
    assert send(ours, csv_name("nil", sequence=3), "数据表\r\n社区名录\r\n".encode(), unit=UNIT)
    assert ledger.rows("select state from ops.submission where sequence = 3") == [("nil",)]
    made = replay(ours, LATER)
    assert (made.looked_at, made.changed, made.staged) == (
        1,
        0,
        0,
    )  # the refused one, whose table it might name now
    settle(ours, LATER)
    assert [of(ledger, delivery) for delivery in (taken, refused)] == before
    assert (
        ledger.rows("select * from ops.report_due order by unit_code, table_name, mode, report_day") == came
    )
    assert replay(ours, LATER).looked_at == 0


def test_a_shadow_run_says_what_would_be_refused_and_changes_nothing(ours, ledger, folder, tmp_path) -> None:
    send(ours, *community(3000, 5000, 6000, 1))
    send(ours, *community(3000, 1, unit=OTHER_UNIT), unit=OTHER_UNIT)
    send(ours, csv_name("talent"), as_csv("talent", good("talent", id_no=ID)))
    settle(ours)
    path = changed(folder)
    elsewhere = tmp_path / path.name
    path.rename(elsewhere)
    contract._steps.cache_clear()
    before = ledger.rows("select (s.*)::text from ops.submission as s order by submission_id")
    mine, other = shadow(ours, LATER, elsewhere)
    assert (mine.unit_code, mine.table, mine.files, mine.rows) == (UNIT, "community", 1, 4)
    assert (mine.refused_before, mine.refused_after) == (0, 2)
    assert mine.rules == {("community.large_population", "E"): 2}
    assert "常住人口" in mine.texts["community.large_population"]
    assert (other.refused_after, other.rules) == (0, {})
    assert ledger.rows("select (s.*)::text from ops.submission as s order by submission_id") == before
    assert [s.refused_after for s in shadow(ours, LATER, elsewhere)] == [2, 0]


def test_the_command_shows_counts_and_says_what_to_start(ours, ledger, folder) -> None:
    send(ours, *community(3000, 5000, 3500, 3600))
    settle(ours)
    path = changed(folder)
    shown = ask(ours, "--shadow", str(path))
    assert "community.large_population" in shown and "0 → 1" in shown and "+1 rows refused" in shown
    dry = json.loads(ask(ours, "--dry-run", "--json"))
    assert dry["changed"] == 1 and dry["staged"] == 0
    assert {"rule": "community.large_population", "level": "E", "before": 0, "after": 1} in dry["rules"]
    assert "start the DAG load_submissions" in ask(ours, "--no-run")
    assert json.loads(ask(ours, "--json"))["looked_at"] == 0


def ask(ours, *words: str) -> str:
    """What `shegong replay` prints."""
    env = {f"SHEGONG_DSN_{role.upper()}": dsn for role, dsn in ours.dsn.items()}
    env |= {f"SHEGONG_{name}_KEY": "A" * 43 + "=" for name in ("PERSON", "VAULT", "ARCHIVE")}
    env |= {
        f"SHEGONG_{name}_URL": str(getattr(ours, f"{name.lower()}_url"))
        for name in ("COUNTIES", "ARCHIVE", "OUTBOX")
    }
    run = CliRunner().invoke(
        cli,
        ["replay", *words],
        env=env | {"SHEGONG_HOME": str(ours.home), "COLUMNS": "200"},
        catch_exceptions=False,
    )
    assert run.exit_code == 0, run.output
    return run.output

"""The week of the demo through the real scheduler, held day by day against what the sample planted and knows.

`shegong demo` is run as a newcomer runs it, a day more each time: it goes on where it stood.
"""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import manifests
import openpyxl
import psycopg
import pytest
import recomputed

from shegong import settings
from shegong.calendar import SHANGHAI
from shegong.runtime import airflow, demo, environment, postgres
from shegong.sample import acts
from shegong.vault import Vault

DAYS = 6


class Week:
    """A demo of its own home; `env` and `superuser` are there after the first day."""

    def __init__(self, home: Path) -> None:
        self.home, self.sample = home, home / "sample-2018"
        self.done = 0

    def run_until(self, day: int) -> None:
        if self.done < day:
            self.shegong("demo", "--days", str(day))
            self.done = day
            self.env = environment.read(self.home)

    def shegong(self, *words: str) -> str:
        command = [str(Path(sys.executable).with_name("shegong")), *words]
        ended = subprocess.run(
            command,
            env=os.environ | {"SHEGONG_HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=1500,
        )
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout

    def connect(self) -> psycopg.Connection:
        server = postgres.connection(self.home)
        return psycopg.connect(server.superuser_dsn.removesuffix("/postgres") + "/shegong")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    home = tmp_path_factory.mktemp("week") / "home"
    home.mkdir()
    environment.path(home).write_text(
        f"AIRFLOW__API__PORT={postgres.free_port()}\n"
    )  # 8080 may be somebody's
    made = Week(home)
    yield made
    made.shegong("stop")


@pytest.mark.parametrize("day", range(1, DAYS + 1))
def test_every_day_finds_what_was_planted_and_publishes_the_truth(week: Week, day: int) -> None:
    week.run_until(day)
    with week.connect() as connection:
        missing, extra = manifests.findings(connection, week.sample, day)
        assert not missing and not extra, (
            f"not found: {sorted(missing)[:10]}; blamed wrongly: {sorted(extra)[:10]}"
        )
        not_so, unexpected = manifests.states(connection, week.sample, day)
        assert not not_so and not unexpected, f"{sorted(not_so)[:10]} / {sorted(unexpected)[:10]}"
        assert manifests.wrong_cases(connection, week.sample, day) == []
        assert manifests.wrong_figures(connection, week.sample, day) == []
        assert day > 1 or differing(connection, week.sample) == []


def differing(connection: psycopg.Connection, sample: Path) -> list[tuple]:
    """What plain pandas finds otherwise in the first day's files than the published measures say, or in vain."""
    query = """
        select distinct on (measure_id, figure_id, area_code) measure_id, figure_id, area_code, value::float
        from marts.mart_measures where basis = 'today' and state = '已采集'
        order by measure_id, figure_id, area_code, period desc
    """
    published = {tuple(row[:3]): row[3] for row in connection.execute(query)}
    expected = recomputed.figures(sample)
    assert len(expected) > 8_900
    return [
        (key, value, published.get(key))
        for key, value in expected.items()
        if published.get(key) != pytest.approx(value, rel=1e-6, abs=1e-9)
    ]


def test_the_first_day_is_as_published_in_2018(week: Week) -> None:
    """mid-2018: 26,413 certified, 14,340 posts, 787 agencies (reference/published_figures)."""
    week.run_until(1)
    rows = list(csv.DictReader((week.sample / "truth.csv").read_text(encoding="utf-8").splitlines()))
    first = {
        r["goal_id"]: float(r["value"])
        for r in rows
        if r["day"] == "1" and r["area_code"] == "330000" and r["value"]
    }
    assert (first["G01"], first["G02"], first["G03"]) == (26_413, 14_340, 787)


def test_communities_are_those_of_the_register(week: Week) -> None:
    """5,716 urban, 19,708 rural, 123 other, and by county as zhejiang_counties.csv counts them, those included that
    were merged into another during the week.
    """
    week.run_until(1)
    with week.connect() as connection:
        total = dict(
            connection.execute(
                "select unit_kind, count(*) from marts.dim_communities where status = '1' or merged_into is not null and close_date >= '2026-05-06' group by 1"
            ).fetchall()
        )
        assert total == {"1": 5_716, "2": 19_708, "9": 123}
        by_county = connection.execute(
            """select area_code, count(*) filter (where unit_kind = '1'), count(*) filter (where unit_kind = '2'),
            count(*) filter (where unit_kind = '9') from marts.dim_communities
            where status = '1' or merged_into is not null and close_date >= '2026-05-06' group by 1"""
        ).fetchall()
    reference = Path(environment.REPOSITORY) / "shegong" / "reference" / "zhejiang_counties.csv"
    expected = {
        row["code"]: tuple(
            int(row[f"{kind}_2023"]) for kind in ("urban_communities", "rural_villages", "other_units")
        )
        for row in csv.DictReader(reference.read_text(encoding="utf-8").splitlines())
        if row["is_current"] == "1"
    }
    assert {county: tuple(counts) for county, *counts in by_county} == expected


def test_what_people_decided_may_be_done_again(week: Week) -> None:
    week.run_until(DAYS)
    ours = settings.load(week.env)
    for number, day in enumerate(demo.DAYS, start=1):
        now = datetime.fromisoformat(f"{day}T{demo.MORNING}").replace(tzinfo=SHANGHAI)
        acts.carry_out(ours, now, week.sample, number)
    with week.connect() as connection:
        assert manifests.states(connection, week.sample, DAYS) == (set(), set())
        assert manifests.wrong_cases(connection, week.sample, DAYS) == []
        decided = connection.execute("select outcome, count(*) from ops.decision group by 1").fetchall()
        assert dict(decided) == {"released": 1, "rejected": 1}


def test_board_and_submissions_speak_to_programs(week: Week) -> None:
    week.run_until(DAYS)
    board = json.loads(week.shegong("board", "--area", "330000", "--json"))
    assert {row["goal_id"] for row in board} == {f"G{number:02d}" for number in range(1, 14)}
    held = json.loads(week.shegong("submissions", "--state", "held", "--json", "--limit", "1000"))
    assert held and all(row["reason"] for row in held)


def test_bi_reader_reads_the_marts_and_nothing_else(week: Week) -> None:
    week.run_until(2)
    with psycopg.connect(week.shegong("dsn").strip()) as connection:
        assert connection.execute("select count(*) from marts.fct_talent").fetchone()[0] > 26_413
        schemas = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^pg_|information_schema' and has_schema_privilege(oid, 'usage')"
        ).fetchall()
        assert [name for (name,) in schemas] == ["marts"]
        for statement in (
            "select 1 from ops.submission",
            "select 1 from staging.talent",
            "create table marts.x ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
            connection.rollback()


def test_every_file_was_answered(week: Week) -> None:
    week.run_until(DAYS)
    with week.connect() as connection:
        paths = [p for (p,) in connection.execute("select receipt_path from ops.delivery").fetchall()]
    assert paths and None not in paths and len(set(paths)) == len(paths)
    some = openpyxl.load_workbook(paths[0].removeprefix("file://"), read_only=True)
    assert some.sheetnames[0] == "摘要"


def test_alerts_came_as_mails_one_a_day(week: Week) -> None:
    week.run_until(DAYS)
    mails = [
        message_from_bytes(f.read_bytes(), policy=policy.default)
        for f in (week.home / "outbox").glob("*.eml")
    ]
    assert len(mails) == DAYS
    assert len({mail["Message-ID"] for mail in mails}) == DAYS
    assert any("逾期" in mail.get_body(("plain",)).get_content() for mail in mails)


def test_no_log_or_message_holds_a_person(week: Week) -> None:
    """All document numbers and names of the vault, against every log, mail and text that the ledger tells."""
    week.run_until(DAYS)
    with week.connect() as connection:
        sealed = connection.execute("select person_key, sealed from vault.person").fetchall()
        told = connection.execute(
            "select concat_ws(' ', value_shown, text) from ops.finding union all select concat_ws(' ', title, details) from ops.incident"
            " union all select message from ops.dbt_node where message is not null union all select details::text from ops.verdict"
        ).fetchall()
    vault = Vault(environment_key(week, "SHEGONG_VAULT_KEY"))
    people = [vault.open(key, bytes(record)) for key, record in sealed]
    numbers = {person["id_no"] for person in people}
    names = {person["person_name"] for person in people if len(person["person_name"]) >= 3}
    texts = [("ledger", "\n".join(text for (text,) in told if text))]
    for folder in ("logs", "outbox", "postgres/log", "airflow", "dbt", "run"):
        texts += [
            (str(f), f.read_text(errors="replace"))
            for f in (week.home / folder).rglob("*")
            if f.is_file() and f.suffix != ".db"
        ]
    assert len(texts) > 50 and len(numbers) > 30_000
    for where, text in texts:
        assert not numbers.intersection(re.findall(r"\d{17}[\dX]", text)), where
        runs = re.findall(r"[\u4e00-\u9fff·]{3,}", text)
        grams = {run[at : at + size] for run in runs for size in (3, 4) for at in range(len(run) - size + 1)}
        assert not names.intersection(grams), (where, names.intersection(grams))


def test_marts_hold_no_name_and_no_number(week: Week) -> None:
    week.run_until(DAYS)
    with week.connect() as connection:
        columns = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'marts'"
        ).fetchall()
        assert not [
            c
            for c in columns
            if c[1] in ("person_name", "id_no", "person_key", "person_mask", "name_key", "birth_date")
        ]


def test_a_person_releases_in_airflow_and_the_next_build_counts_it(week: Week) -> None:
    """Last: it publishes once more. Each file that waits for the bureau is asked about in Airflow's required actions."""
    week.run_until(DAYS)
    api = airflow.client(week.env)
    with week.connect() as connection:
        query = (
            "select submission_id from ops.submission where state = 'held' and held_for = 'bureau' order by 1"
        )
        held = [number for (number,) in connection.execute(query)]
    asked = {run.run_id for run in api.runs("approve", limit=100) if run.state == "running"}
    assert held and asked >= {f"submission:{number}" for number in held}
    run_id = f"submission:{held[0]}"
    builds = {run.run_id for run in api.runs("build_marts")}
    question = api.question("approve", run_id, "ask")
    assert "是否放行" in question["subject"] and question["options"] == ["放行", "不放行", "暂不决定"]
    api.answer("approve", run_id, "ask", "放行", {"reason": "区划调整属实"})
    ended = api.wait("approve", run_id, 120)
    assert {task.task_id: task.state for task in ended.tasks} == dict.fromkeys(
        ("describe", "ask", "carry_out"), "success"
    )
    api.wait("build_marts", demo.wait_for_start(api, "build_marts", builds), 300)
    with week.connect() as connection:
        query = "select outcome, decided_by, reason from ops.decision where submission_id = %s"
        decided = connection.execute(query, [held[0]]).fetchall()
        built = connection.execute(
            "select built_by is not null from ops.submission where submission_id = %s", [held[0]]
        ).fetchone()
    assert decided == [("released", environment.AIRFLOW_USER, "区划调整属实")]
    assert built == (True,)


def environment_key(week: Week, name: str) -> bytes:
    from base64 import b64decode

    return b64decode(week.env[name])

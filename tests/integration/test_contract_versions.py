"""A template that changes on a day: each file is read, staged and judged by the version of its report date."""

import shutil
from datetime import date, datetime
from pathlib import Path

import contracts_folder
import psycopg
import pytest
from intake_files import Ledger, as_csv, as_workbook, csv_name, good, send, settings_of, sheet

from shegong import contract, judge
from shegong.calendar import SHANGHAI
from shegong.intake.check import check
from shegong.quality import suites
from shegong.register import run
from shegong.render import expectations, staging
from shegong.render.sheet_content import Sheet

BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)
NOW = datetime(2026, 7, 2, 9, tzinfo=SHANGHAI)
BODY = """
add:
  fields:
    - {name: volunteer_count, header: 志愿者人数, type: integer, min: "0", required: true, description: 登记志愿者}
  references:
    - {name: merged_unknown, columns: [merged_into], parent: community, parent_columns: [community_code], level: W, text: 不在名录, mend: 请核对}
drop: {fields: [households], references: [township_unknown]}
"""


@pytest.fixture(scope="module", autouse=True)
def by_date(database, tmp_path_factory):
    """Contracts and suites of this module's own, and staging brought up to date as `shegong database create` does."""
    home = tmp_path_factory.mktemp("house")
    folder = contracts_folder.copy(home)
    contracts_folder.change(folder, "community", AFTER.isoformat(), "2026.2", BODY)
    shutil.copytree(suites.FOLDER, home / "expectations")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contract, "FOLDER", folder)
        patch.setattr(suites, "FOLDER", home / "expectations")
        expectations.write_all(home / "expectations" / "submissions")
        with psycopg.connect(database.superuser_dsn) as connection:
            for statement in staging.statements(contract.stored()["community"]):
                connection.execute(statement)
        yield


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


def community(**more: object) -> dict:
    return good("community", population=4200) | more


def csv_of(day: date, **more: object) -> tuple[str, bytes]:
    header_of = {"volunteer_count": "志愿者人数"}
    content = as_csv("community", community())
    head, row, *_ = content.decode().splitlines()
    for name, value in more.items():
        head, row = f"{head},{header_of[name]}", f"{row},{value}"
    return csv_name("community", day=day), f"{head}\n{row}\n".encode()


def test_the_day_says_which_version_reads_it(ours, ledger) -> None:
    old = send(ours, *csv_of(BEFORE), now=NOW)
    new = send(ours, *csv_of(AFTER, volunteer_count=7), now=NOW)
    assert ledger.states(old) == ledger.states(new) == [("community", "staged", 1, 1, 0)]
    assert ledger.rows(
        "select contract_version, population, volunteer_count from staging.community"
        " inner join ops.submission on submission_id = _submission_id order by 1"
    ) == [("2026.1", 4200, None), ("2026.2", 4200, 7)]


def test_what_the_new_version_asks_is_not_asked_of_the_old_day(ours, ledger) -> None:
    refused = send(ours, *csv_of(AFTER), now=NOW)
    assert ledger.findings(refused) == [("file.header_missing", "F", 1)]
    early = send(ours, *csv_of(BEFORE, volunteer_count=7), now=NOW)
    assert ("file.header_unknown", "N", 1) in ledger.findings(early)


@pytest.mark.parametrize(("day", "version"), [(BEFORE, "2026.1"), (AFTER, "2026.2")])
def test_a_template_of_another_day_is_refused_with_the_one_to_fetch(
    ours, ledger, tmp_path: Path, day, version
) -> None:
    other = {BEFORE: AFTER, AFTER: BEFORE}[day]
    made = contract.load(on=other)["community"]
    content = as_workbook(Sheet(made, [community()]), report_date=day)
    told = ledger_text(ledger, send(ours, "社区.xlsx", content, now=NOW))
    assert told[0] == "file.template_version"
    assert made.version in told[1] and version in told[1] and version in told[2] and "城乡社区" in told[2]
    file = tmp_path / "社区.xlsx"
    file.write_bytes(content)
    [report] = check(file, NOW.date())
    assert [(f["rule_id"], f["text"], f["mend"]) for f in report.findings] == [told]


def test_judged_by_the_suite_of_its_version(ours, ledger) -> None:
    """The old day's rows have no volunteers, which the new suite refuses, and each is accepted."""
    ids = [send(ours, *csv_of(BEFORE), now=NOW), send(ours, *csv_of(AFTER, volunteer_count=7), now=NOW)]
    made = judge.judge(ours, NOW)
    assert (made.judged, made.accepted) == (2, 2)
    # staged by a reader that let a row slip: only the suite of the new version asks for volunteers
    late = send(
        ours, csv_name("community", day=AFTER, sequence=2), csv_of(AFTER, volunteer_count=8)[1], now=NOW
    )
    ledger.rows("update staging.community set volunteer_count = null")
    assert judge.judge(ours, NOW).held_for_engineers == 1
    assert [ledger.states(i)[0][1] for i in [*ids, late]] == ["accepted", "accepted", "held"]


def test_the_template_of_the_day_is_read(ours, ledger) -> None:
    made = contract.load(on=AFTER)["community"]
    content = as_workbook(Sheet(made, [community(volunteer_count=3)]), report_date=AFTER)
    assert ledger.states(send(ours, "社区.xlsx", content, now=NOW)) == [("community", "staged", 1, 1, 0)]
    old = as_workbook(sheet("community", community()), report_date=BEFORE)
    assert ledger.states(send(ours, "社区六月.xlsx", old, now=NOW)) == [("community", "staged", 1, 1, 0)]


def ledger_text(ledger: Ledger, delivery_id: int) -> tuple:
    [told] = ledger.rows(
        "select rule_id, text, mend from ops.finding inner join ops.submission using (submission_id) where delivery_id = %s",
        delivery_id,
    )
    return told


def test_the_register_asks_by_the_version_of_the_day(ours, ledger) -> None:
    """The new version gave up 乡镇街道 in the list, and asks that 并入社区 is known."""
    named = {"township_code": "330106999", "community_code": "330106999001", "merged_into": "330106999002"}
    header = {"merged_into": "并入社区代码"}
    sent = {}
    for day, more in ((BEFORE, {}), (AFTER, {"volunteer_count": 1})):
        name, content = csv_of(day, **more)
        text = (
            content.decode()
            .replace("330106001001", named["community_code"])
            .replace("330106001", "330106999")
        )
        head, row = text.splitlines()
        text = f"{head},{header['merged_into']}\n{row},{named['merged_into']}\n"
        sent[day] = send(ours, name, text.encode(), now=NOW)
    run.register(ours, NOW)
    told = {day: {rule for rule, _, _ in ledger.findings(i)} for day, i in sent.items()}
    assert {
        day: {r for r in rules if r.endswith("_unknown")} - {"community.merged_into_unknown"}
        for day, rules in told.items()
    } == {
        BEFORE: {"community.township_unknown"},
        AFTER: {"community.merged_unknown"},
    }

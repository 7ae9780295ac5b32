"""Which submissions count: Great Expectations in real PostgreSQL over rows staged as intake stages them."""

from datetime import datetime

import psycopg
import pytest
from judged_warehouse import DAY, NEXT, ask, find, put_in_force, stage, states
from quality_rows import agency, certificate, funding, talent
from warehouse_rows import at

from shegong.judge import judge

pytest_plugins = ["judged_warehouse"]


def test_the_first_day_has_no_past_and_holds_nothing(database, given, rows) -> None:
    stage(rows, "talent", [talent(n) for n in range(30)])
    partly = stage(rows, "agency", [agency(n) for n in range(30)])
    stage(rows, "funding", [funding(n) for n in range(3)], unit="339900")
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(
            "update ops.submission set rows_total = 32, rows_refused = 2 where submission_id = %s", [partly]
        )
    summary = judge(given, at(DAY))
    assert (summary.judged, summary.accepted, summary.partly_accepted) == (3, 2, 1)
    assert {state for state, _ in states(database).values()} == {"accepted", "partly_accepted"}
    assert ask(database, "select distinct accepted_at from ops.submission") == [(at(DAY),)]
    assert not ask(database, "select * from ops.verdict where outcome <> 'passed'")
    assert ("submissions.talent",) in ask(database, "select suite from ops.verdict where outcome = 'passed'")


def test_judging_again_changes_nothing(database, given, rows) -> None:
    stage(rows, "talent", [talent(n) for n in range(5)])
    judge(given, at(DAY))
    before = ask(database, "select * from ops.submission"), ask(database, "select * from ops.verdict")
    assert judge(given, at(NEXT)).judged == 0
    assert before == (
        ask(database, "select * from ops.submission"),
        ask(database, "select * from ops.verdict"),
    )


def test_a_judging_killed_before_its_states_is_done_anew(database, given, rows, monkeypatch) -> None:
    bad = stage(rows, "talent", [talent(1, education=None)])
    monkeypatch.setattr("shegong.judge._write_states", _killed)
    with pytest.raises(KeyboardInterrupt):
        judge(given, at(DAY))
    assert states(database) == {bad: ("staged", None)}
    monkeypatch.undo()
    first = ask(database, "select suite, expectation, outcome, submission_id from ops.verdict order by 1, 2")
    judge(given, at(DAY))
    assert first == ask(
        database, "select suite, expectation, outcome, submission_id from ops.verdict order by 1, 2"
    )
    assert states(database) == {bad: ("held", "engineers")}


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"education": None}, "talent.education.required"),
        ({"education": "21"}, "talent.education.code"),
        ({"remark": "长" * 201}, "talent.remark.length"),
        ({"effective_date": "1949-09-30"}, "talent.effective_date.range"),
        ({"work_area_code": "320106"}, "talent.work_area_code.pattern"),
        ({"employer_type": "04", "head_role": "0"}, "talent.community_code.required_when"),
        ({"employer_id": "52330106000000001A"}, "talent.employer_id.check_digit"),
        ({"start_month": "2020-03-02"}, "talent.start_month.type"),
        ({"effective_date": "2026-05-07"}, "talent.effective_after_report"),
        ({"remark": "电话13800138000"}, "talent.remark_with_number"),
        ({"community_code": "330102001001"}, "talent.community_elsewhere"),
        ({"person_key": "330106-000001"}, "talent.duplicate_key"),
        ({"person_key": None}, "talent.person_key.required"),
        ({"person_mask": "330106198501011234"}, "talent.person_mask.unmasked"),
        ({"birth_year": 1850}, "talent.birth_year.range"),
        ({"id_type": "3", "birth_year": None}, "talent.birth_year.required_when"),
    ],
)
def test_a_row_that_breaks_its_contract_is_ours_to_mend(
    database, given, rows, change: dict, rule: str
) -> None:
    bad = stage(rows, "talent", [talent(1), talent(2, **change)])
    good = stage(rows, "talent", [talent(n, "330102") for n in (1, 2)], unit="330102")
    judge(given, at(DAY))
    assert states(database) == {bad: ("held", "engineers"), good: ("accepted", None)}
    assert ask(database, "select reason from ops.submission where submission_id = %s", bad) == [
        ("系统核对中",)
    ]
    assert not ask(database, "select * from ops.finding")
    red = ask(database, "select expectation, submission_id from ops.verdict where outcome = 'failed'")
    assert (rule, bad) in red
    causes = ask(database, "select cause, audience from ops.incident")
    assert (f"judge:failed:submissions.talent:{rule}", "engineers") in causes


def test_none_of_many_failing_submissions_is_missed(database, given, rows) -> None:
    """Great Expectations shows 20 failing ids, or 200 failing rows, unless it is asked for more."""
    units = [unit for (unit,) in ask(database, "select unit_code from reference.unit order by 1")]
    bad = {
        stage(rows, "agency", [agency(n, **change)], unit=unit, sequence=n)
        for unit in units
        for n, change in enumerate(
            ({"agency_name": None}, {"staff_qualified": 9}, {"uscc": "52" * 9}), start=1
        )
    }
    assert len(bad) > 250
    judge(given, at(DAY))
    assert {number for number, state in states(database).items() if state == ("held", "engineers")} == bad


def test_too_many_refused_rows_hold_a_submission(database, given, rows) -> None:
    held = stage(rows, "talent", [talent(n) for n in range(69)])
    kept = stage(rows, "talent", [talent(n, "330102") for n in range(70)], unit="330102")
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("update ops.submission set rows_total = 100, rows_refused = 100 - rows_total")
    judge(given, at(DAY))
    assert states(database) == {held: ("held", "county"), kept: ("partly_accepted", None)}
    told = ask(database, "select submission_id, rule_id, level from ops.finding where check_class = 'judged'")
    assert told == [(held, "judge.refused_share", "E")]


@pytest.mark.parametrize(("count", "state"), [(91, ("accepted", None)), (90, ("held", "bureau"))])
def test_a_roster_that_falls_by_a_tenth_is_held(database, given, rows, count: int, state: tuple) -> None:
    rows.submit("330106", "agency", DAY, [agency(n) for n in range(100)], mode="S")
    rows.submit("330102", "agency", DAY, [agency(n) for n in range(100, 119)], mode="S")
    put_in_force(database, "agency")
    roster = stage(rows, "agency", [agency(n) for n in range(count)], day=NEXT)
    small = stage(rows, "agency", [agency(n) for n in range(100, 102)], unit="330102", day=NEXT)
    changes = stage(rows, "agency", [agency(1, row_action="2")], day=NEXT, mode="D", sequence=2)
    judge(given, at(NEXT))
    seen = states(database)
    assert (seen[roster], seen[small], seen[changes]) == (state, ("accepted", None), ("accepted", None))
    if count == 90:
        text = ask(database, "select reason from ops.submission where submission_id = %s", roster)[0][0]
        assert text == "全量表 90 行，比在册的 100 行少 10.0%"
        assert ask(database, "select accepted_at from ops.submission where submission_id = %s", roster) == [
            (None,)
        ]


@pytest.mark.parametrize(
    ("rule", "judged_by"),
    [
        ("talent.sex.number", "judge.sex_mismatch"),
        ("talent.birth_date.number", "judge.birth_mismatch"),
        ("talent.name_differs", "judge.name_mismatch"),
        ("talent.claimed_elsewhere", "judge.claimed_by_two"),
    ],
)
def test_more_than_five_percent_of_mismatches_hold(database, given, rows, rule: str, judged_by: str) -> None:
    many, few, tiny = (
        stage(rows, "talent", [talent(n, unit) for n in range(count)], unit=unit)
        for unit, count in (("330106", 100), ("330102", 100), ("330105", 8))
    )
    find(database, many, rule, range(4, 10))
    find(database, few, rule, range(4, 9))
    find(database, tiny, rule, range(4, 9))
    judge(given, at(DAY))
    assert states(database) == {many: ("held", "county"), few: ("accepted", None), tiny: ("accepted", None)}
    assert ask(database, "select rule_id from ops.finding where check_class = 'judged'") == [(judged_by,)]


def test_orphans_are_told_and_many_hold(database, given, rows) -> None:
    many, some = (
        stage(rows, "certificate", [certificate(n, unit) for n in range(50)], unit=unit)
        for unit in ("330106", "330102")
    )
    find(database, many, "certificate.person_unknown", range(4, 15))
    find(database, some, "certificate.person_unknown", range(4, 9))
    judge(given, at(DAY))
    assert states(database) == {many: ("held", "county"), some: ("accepted", None)}
    told = ask(
        database,
        "select rule_id, level from ops.finding where check_class = 'judged' and submission_id = %s",
        some,
    )
    assert told == [("judge.orphans_some", "W")]


@pytest.mark.parametrize(
    ("times", "count", "state", "told"),
    [
        (9.9, 5, "accepted", []),
        (10, 5, "held", [("judge.money_same_keys", "E")]),
        (10, 2, "accepted", [("judge.money_few_keys", "W")]),
    ],
)
def test_ten_times_the_own_past_is_held(database, given, rows, times, count, state, told) -> None:
    rows.submit("330106", "funding", DAY, [funding(n) for n in range(30)], mode="S")
    put_in_force(database, "funding")
    amounts = ("budget_yuan", "received_yuan", "spent_yuan")
    money = {name: int(funding(0)[name] * times) for name in amounts}
    slip = stage(
        rows, "funding", [funding(n, row_action="2", **money) for n in range(count)], day=NEXT, mode="D"
    )
    judge(given, at(NEXT))
    assert states(database)[slip][0] == state
    assert ask(database, "select rule_id, level from ops.finding where check_class = 'judged'") == told


def test_new_keys_are_compared_by_their_average(database, given, rows) -> None:
    rows.submit("330106", "funding", DAY, [funding(n) for n in range(30)], mode="S")
    put_in_force(database, "funding")
    amounts = {name: funding(0)[name] * 10_000 for name in ("budget_yuan", "received_yuan", "spent_yuan")}
    stage(rows, "funding", [funding(n, **amounts) for n in range(100, 130)], day=NEXT, sequence=2)
    judge(given, at(NEXT))
    assert ask(database, "select rule_id from ops.finding where check_class = 'judged'") == [
        ("judge.money_average",)
    ]


def test_the_bureau_can_move_a_limit(database, given, rows) -> None:
    rows.submit("330106", "agency", DAY, [agency(n) for n in range(100)], mode="S")
    put_in_force(database, "agency")
    roster = stage(rows, "agency", [agency(n) for n in range(85)], day=NEXT)
    change = "update reference.parameter set value = %s where parameter_name = %s returning 1"
    ask(database, change, 0.2, "roster_fall_share_to_hold")
    judge(given, at(NEXT))
    ask(database, change, 0.1, "roster_fall_share_to_hold")
    assert states(database)[roster] == ("accepted", None)


def test_an_expectation_that_cannot_be_asked_blames_no_county(database, given, rows) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("set role warehouse_owner")
        connection.execute("create view core.known_agency as select 1 as something_else")
    waiting = stage(rows, "agency", [agency(n) for n in range(3)])
    judge(given, at(DAY))
    assert states(database) == {waiting: ("held", "engineers")}
    assert not ask(database, "select * from ops.finding")
    open_causes = "select cause from ops.incident where state = 'open' and audience = 'engineers'"
    assert ("judge:errored:plausibility.roster_size:judge.roster_fall",) in ask(database, open_causes)
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("drop view core.known_agency")
    stage(rows, "agency", [agency(n) for n in range(3)], day=NEXT)
    judge(given, at(NEXT))
    assert not ask(database, open_causes)


def test_an_accepted_version_replaces_the_earlier_one(database, given, rows) -> None:
    first = stage(rows, "agency", [agency(n) for n in range(3)])
    judge(given, at(DAY))
    second = stage(rows, "agency", [agency(n) for n in range(3)], version=2)
    other_day = stage(rows, "agency", [agency(n) for n in range(3)], day=NEXT)
    judge(given, at(NEXT))
    assert states(database) == {
        first: ("replaced", None), second: ("accepted", None), other_day: ("accepted", None),
    }  # fmt: skip
    query = "select accepted_at, replaced_by, replaced_at from ops.submission where submission_id = %s"
    assert ask(database, query, first) == [(at(DAY), second, at(NEXT))]


def test_a_held_version_replaces_nothing_and_a_late_one_is_replaced_at_once(database, given, rows) -> None:
    first = stage(rows, "agency", [agency(n) for n in range(10)])
    judge(given, at(DAY))
    held = stage(rows, "agency", [agency(n) for n in range(6)], version=3)
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(
            "update ops.submission set rows_total = 10, rows_refused = 4 where submission_id = %s", [held]
        )
    judge(given, at(NEXT))
    assert states(database) == {first: ("accepted", None), held: ("held", "county")}
    fourth = stage(rows, "agency", [agency(n) for n in range(10)], version=4)
    late = stage(rows, "agency", [agency(n) for n in range(10)], version=2)
    judge(given, datetime.fromisoformat("2026-05-08T20:00:00+08:00"))
    assert {state for number, (state, _) in states(database).items() if number != fourth} == {"replaced"}
    assert states(database)[fourth] == ("accepted", None)
    assert ask(database, "select distinct replaced_by from ops.submission where state = 'replaced'") == [
        (fourth,)
    ]
    assert late in states(database)

"""What becomes of a submission, given the answers: who is told what, and who is never blamed."""

import pytest

from shegong.quality.rulings import CHECKING, Submission, rule
from shegong.quality.suites import Answer

META = {"text": "{rows_total} 行中有 {sex_rows} 行不符", "mend": "请核对"}
SHOWN = {"submission_id": 1, "rows_total": 100, "sex_rows": 9}


def test_clean_and_partly_refused_submissions_count() -> None:
    states = [
        r.state for r in rule([Submission(1, "talent", 10, 0), Submission(2, "talent", 10, 3)], [], 0.3)
    ]
    assert states == ["accepted", "partly_accepted"]


def test_more_than_thirty_percent_refused_is_held_for_the_county() -> None:
    (ruling,) = rule([Submission(1, "talent", 100, 31)], [], 0.3)
    assert (ruling.state, ruling.held_for) == ("held", "county")
    assert "31.0%" in ruling.reasons[0]
    assert [told[:2] for told in ruling.told] == [("judge.refused_share", "E")]


@pytest.mark.parametrize(
    ("severity", "state", "level"), [("critical", "held", "E"), ("warning", "accepted", "W")]
)
def test_implausible_figures_hold_or_ask(severity: str, state: str, level: str) -> None:
    answer = Answer("plausibility.x", "judge.x", severity, "failed", {1: SHOWN}, {}, META)
    ruled = rule([Submission(1, "talent", 100, 0), Submission(2, "talent", 100, 0)], [answer], 0.3)
    assert [r.state for r in ruled] == [state, "accepted"]
    assert ruled[0].told == [("judge.x", level, "100 行中有 9 行不符", "请核对")]
    assert not ruled[1].told


def test_our_own_fault_blames_nobody() -> None:
    implausible = Answer("plausibility.x", "judge.x", "critical", "failed", {1: SHOWN}, {}, META)
    broken = Answer("submissions.talent", "talent.types", "critical", "failed", {1: {}}, {}, META)
    (ruling,) = rule([Submission(1, "talent", 100, 50)], [implausible, broken], 0.3)
    assert (ruling.state, ruling.held_for, ruling.reasons, ruling.told) == (
        "held",
        "engineers",
        [CHECKING],
        [],
    )


def test_what_could_not_be_asked_holds_all_that_it_was_meant_for() -> None:
    submissions = [Submission(1, "talent", 100, 0), Submission(2, "post", 100, 0)]
    of_table = Answer("submissions.talent", "talent.types", "critical", "errored", {}, {}, META)
    assert [r.held_for for r in rule(submissions, [of_table], 0.3)] == ["engineers", None]
    of_all = Answer("plausibility.x", "judge.x", "critical", "errored", {}, {}, META)
    assert [r.held_for for r in rule(submissions, [of_all], 0.3)] == ["engineers", "engineers"]

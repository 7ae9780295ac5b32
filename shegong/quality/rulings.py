"""What becomes of a submission, given what Great Expectations answered. Nothing is read or written.

Four things hold a submission: the contract's own suite is red or can't be asked (our fault: 系统核对中), too
many rows were refused, its cover contradicts it, or its figures are implausible. The others go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shegong.quality.suites import Answer

CHECKING = "系统核对中"


@dataclass(frozen=True)
class Submission:
    """A staged submission, as the ledger knows it before it is judged."""

    submission_id: int
    table_name: str
    rows_total: int
    rows_refused: int
    cover: str | None = None  # what its cover says and its rows contradict
    contract_version: str | None = None


@dataclass
class Ruling:
    """What becomes of one submission. `told`: (rule_id, level, text, mend) of each judged finding."""

    submission: Submission
    state: str
    held_for: str | None = None
    reasons: list[str] = field(default_factory=list)
    told: list[tuple[str, str, str, str]] = field(default_factory=list)

    def hold(self, held_for: str, reason: str) -> None:
        # Our own trouble comes first: a county must not be asked to mend what may not be its fault. Then what
        # the county has to mend: nobody at the bureau need look at a file that has to come again.
        if self.held_for != "engineers":
            ours = held_for == "engineers"
            self.reasons = [reason] if ours else [*self.reasons, reason]
            self.held_for = held_for if ours or self.held_for != "county" else "county"
            self.state = "held"
        if held_for == "engineers":
            self.told = []

    def tell(self, rule_id: str, level: str, text: str, mend: str) -> None:
        if self.held_for != "engineers":
            self.told.append((rule_id, level, text, mend))


def is_our_fault(answer: Answer) -> bool:
    """Staged rows that aren't what the reader promised, or an expectation that could not be asked."""
    return answer.outcome == "errored" or (answer.outcome == "failed" and table_of(answer) is not None)


def table_of(answer: Answer) -> str | None:
    """The table whose contract's suite it is; None for a plausibility suite."""
    return answer.suite.removeprefix("submissions.") if answer.suite.startswith("submissions.") else None


def rule(submissions: Sequence[Submission], answers: Sequence[Answer], refused_share: float) -> list[Ruling]:
    """A ruling for each submission. The same answers always give the same rulings; nothing is written."""
    rulings = {
        s.submission_id: Ruling(s, "partly_accepted" if s.rows_refused else "accepted") for s in submissions
    }
    for ruling in rulings.values():
        _rule_on_refused(ruling, refused_share)
        if ruling.submission.cover:
            ruling.hold("county", ruling.submission.cover)
    for answer in answers:
        if answer.outcome == "failed" and answer.suite.startswith("plausibility."):
            _rule_on_plausibility(rulings, answer)
    for answer in answers:
        if answer.outcome == "errored" or (
            answer.outcome == "failed" and answer.suite.startswith("submissions.")
        ):
            _rule_on_our_fault(rulings, answer)
    return list(rulings.values())


def _rule_on_refused(ruling: Ruling, limit: float) -> None:
    total, refused = ruling.submission.rows_total, ruling.submission.rows_refused
    if total and refused / total > limit:
        text = f"{total} 行中有 {refused} 行（{refused / total:.1%}）被退回，超过 {limit:.0%}"
        ruling.tell("judge.refused_share", "E", text, "请按问题清单更正后重新报送")
        ruling.hold("county", text)


def _rule_on_plausibility(rulings: dict[int, Ruling], answer: Answer) -> None:
    for submission_id, shown in answer.rows.items():
        ruling, text = rulings[submission_id], answer.meta["text"].format(**shown)
        holds = answer.severity == "critical"
        ruling.tell(answer.rule_id, "E" if holds else "W", text, answer.meta["mend"])
        if holds:
            ruling.hold(answer.meta.get("held_for", "county"), text)


def _rule_on_our_fault(rulings: dict[int, Ruling], answer: Answer) -> None:
    """A red contract suite names its submissions; what could not be asked holds all that it was meant for."""
    table = table_of(answer)
    concerned = list(answer.rows) or [
        number for number, ruling in rulings.items() if table in (None, ruling.submission.table_name)
    ]
    for submission_id in concerned:
        rulings[submission_id].hold("engineers", CHECKING)

"""What the auditor heard, as rows of ops.verdict: failures and errors one by one, a green suite once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from shegong.quality.suites import Answer

_INSERT = """
insert into ops.verdict
    (asked_at, suite, expectation, domain, severity, outcome, submission_id, publication_id, details)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

Verdict = tuple[str, str, str | None, str, str, int | None, dict]


def of_answers(answers: Iterable[Answer], domains: dict[str, str | None]) -> list[Verdict]:
    """One verdict per red answer and submission that it names, and one per suite that is all green."""
    answers = list(answers)
    red = [answer for answer in answers if answer.outcome != "passed"]
    made = []
    for answer in red:
        for submission_id in list(answer.rows) or [None]:
            shown = {k: v for k, v in answer.rows.get(submission_id, {}).items() if k != "submission_id"}
            details = _told(answer) | ({"shown": shown} if shown else {})
            made.append(
                (
                    answer.suite,
                    answer.rule_id,
                    domains.get(answer.suite),
                    answer.severity,
                    answer.outcome,
                    submission_id,
                    details,
                )
            )
    return made + _green(answers, red, domains)


def of_domains(
    answers: Iterable[Answer],
    failed: Mapping[str, list[Answer]],
    waived: Collection[tuple[str, str]] = (),
    held: Mapping[str, dict] | None = None,
) -> list[Verdict]:
    """One verdict per red answer and domain that it speaks about, with every failing row; one per suite that is all green.

    `waived`: (rule, domain) that a person let pass. `held`: domain -> what is told of the person who holds it.
    """
    answers = list(answers)
    red = [answer for answer in answers if answer.outcome != "passed"]
    made = []
    for answer in red:
        against = {row["domain"] for row in answer.rows.values()}
        against |= {domain for domain, found in failed.items() if answer in found}
        for domain in sorted(against) or [None]:
            shown = [row for row in answer.rows.values() if row["domain"] == domain]
            details = _told(answer) | ({"shown": shown} if shown else {})
            outcome = "waived" if (answer.rule_id, domain) in waived else answer.outcome
            made.append((answer.suite, answer.rule_id, domain, answer.severity, outcome, None, details))
    for domain, details in sorted((held or {}).items()):
        made.append(("marts.hold", "hold", domain, "warning", "failed", None, details))
    return made + _green(answers, red, {})


def _told(answer: Answer) -> dict:
    return answer.details | ({"text": answer.meta["text"]} if "text" in answer.meta else {})


def _green(answers: list[Answer], red: list[Answer], domains: Mapping[str, str | None]) -> list[Verdict]:
    made = []
    for suite in sorted({a.suite for a in answers} - {a.suite for a in red}):
        count = sum(answer.suite == suite for answer in answers)
        made.append((suite, "all", domains.get(suite), "info", "passed", None, {"expectations": count}))
    return made


def write(
    connection: psycopg.Connection,
    asked_at: datetime,
    verdicts: Iterable[Verdict],
    publication_id: int | None = None,
) -> None:
    """Insert; the caller has removed, in the same transaction, what an earlier run wrote."""
    rows = [
        (
            asked_at,
            suite,
            rule_id,
            domain,
            severity,
            outcome,
            submission_id,
            publication_id,
            Jsonb(plain(details)),
        )
        for suite, rule_id, domain, severity, outcome, submission_id, details in verdicts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def plain(value: object) -> object:
    """JSON knows no decimals and no dates."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)

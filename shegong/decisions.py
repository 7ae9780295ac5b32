"""A person's decision on a held submission: release it or reject it. Who, when and why is kept in ops.decision.

A released submission counts from now on; among rows it stands where its dates put it, however late that is.
What waits for engineers is not decided here: the system has not judged it yet.
"""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from shegong import claims, judge
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.intake import receipts
from shegong.settings import Settings


@dataclass(frozen=True)
class Decided:
    """What became of it: the state that the submission has now, and how many earlier versions it replaced."""

    submission_id: int
    state: str
    replaced: int
    receipts: int


def release(settings: Settings, now: datetime, submission_id: int, by: str, reason: str) -> Decided:
    """Accept a held submission, in one transaction, and write its receipt anew. See `_decide`."""
    return _decide(settings, now, submission_id, "released", by, reason)


def reject(settings: Settings, now: datetime, submission_id: int, by: str, reason: str) -> Decided:
    """Leave a held submission out for good, in one transaction, and write its receipt anew. See `_decide`."""
    return _decide(settings, now, submission_id, "rejected", by, reason)


def _decide(
    settings: Settings, now: datetime, submission_id: int, outcome: str, by: str, reason: str
) -> Decided:
    """Run again with the same outcome: the first decision stands and only the receipt is written again.

    Raises ShegongError where there is nothing to decide, or somebody decided otherwise.
    """
    with connect(settings.dsn["loader"]) as connection:
        known = connection.execute(
            """select s.state, s.held_for, s.reason, s.rows_refused, s.delivery_id, d.outcome
            from ops.submission as s left join ops.decision as d on d.submission_id = s.submission_id
            where s.submission_id = %s for update of s""",
            [submission_id],
        ).fetchone()
        if known is None:
            raise ShegongError(
                f"There is no submission {submission_id}.",
                "`shegong submissions` lists them.",
                "submission_unknown",
            )
        state, held_for, held_reason, refused, delivery, decided = known
        replaced, touched = 0, [delivery]
        if decided != outcome:
            _must_wait(submission_id, state, held_for, decided)
            _note(connection, now, (submission_id, outcome, held_for or "county", held_reason, by, reason))
            state = "rejected"
            if outcome == "released":
                state = "partly_accepted" if refused else "accepted"
            _set(connection, now, submission_id, state, f"{held_reason or ''}（{'省里确认后接收' if outcome == 'released' else '省里不予接收'}：{reason}）")  # fmt: skip
            if outcome == "released":
                replaced = judge.replace_earlier(connection, now)
                claims.open_new(connection, now)
                touched += _replaced_at(connection, now)
        state = connection.execute(
            "select state from ops.submission where submission_id = %s", [submission_id]
        ).fetchone()[0]
    written = receipts.write_all(settings, now, dict.fromkeys(touched))
    return Decided(submission_id, state, replaced, written)


def _must_wait(submission_id: int, state: str, held_for: str | None, decided: str | None) -> None:
    if decided:
        raise ShegongError(
            f"Submission {submission_id} was {decided} already.",
            "A file that comes anew is judged anew.",
            "decided_already",
        )
    if state != "held":
        raise ShegongError(
            f"Submission {submission_id} is not held: it is {state}.", "Only held ones wait.", "not_held"
        )
    if held_for == "engineers":
        raise ShegongError(
            f"Submission {submission_id} waits for engineers: the system could not judge it.",
            "Mend what the incident names; `shegong status` and the digest tell.",
            "waits_engineers",
        )


def _note(connection: psycopg.Connection, now: datetime, decided: tuple) -> None:
    submission_id, outcome, held_for, held_reason, by, reason = decided
    connection.execute(
        """insert into ops.decision (submission_id, outcome, held_for, held_reason, decided_by, decided_at, reason)
        values (%s, %s, %s, %s, %s, %s, %s)""",
        [submission_id, outcome, held_for, held_reason, by, now, reason],
    )


def _set(connection: psycopg.Connection, now: datetime, submission_id: int, state: str, reason: str) -> None:
    connection.execute(
        "update ops.submission set state = %s, reason = %s, held_for = null, accepted_at = %s where submission_id = %s",
        [state, reason, None if state == "rejected" else now, submission_id],
    )


def _replaced_at(connection: psycopg.Connection, now: datetime) -> list[int]:
    query = "select distinct delivery_id from ops.submission where replaced_at = %s order by 1"
    return [delivery for (delivery,) in connection.execute(query, [now])]

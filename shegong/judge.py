"""Judges staged submissions: may this one count? Great Expectations asks, the ledger gets states.

What holds a submission is in shegong/quality/rulings.py. Nothing here reads a county's file.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from shegong import claims, database
from shegong import contract as contracts
from shegong.alerts import incidents
from shegong.quality import data_docs, plausibility, rulings, suites, verdicts
from shegong.quality.rulings import CHECKING, Ruling, Submission
from shegong.quality.suites import Answer, Question
from shegong.settings import Settings
from shegong.stage_time import note_stage

# The share of refused rows above which a submission is held, where the bureau keeps no other.
REFUSED_SHARE = 0.30

_STAGED_ROWS = """
select
    staged.*,
    submission.report_date as _report_date,
    submission.mode as _mode,
    unit.county_code as _county_code
from {table} as staged
inner join ops.submission as submission on staged._submission_id = submission.submission_id
left join reference.unit as unit on submission.unit_code = unit.unit_code
where staged._submission_id = any({submissions}::bigint[])
"""

_SET_STATE = """
update ops.submission
set state = %(state)s, held_for = %(held_for)s, reason = %(reason)s, accepted_at = %(accepted_at)s
where submission_id = %(submission_id)s and state = 'staged'
"""

_FIND = """
insert into ops.finding (submission_id, check_class, sheet_name, rule_id, level, text, mend)
select submission_id, 'judged', sheet_name, %s, %s, %s, %s from ops.submission where submission_id = %s
"""

# The newest accepted version of a file takes the place of all earlier ones, even one that is late or waits.
_REPLACE = """
update ops.submission as earlier
set state = 'replaced', replaced_by = newest.submission_id, replaced_at = %(now)s
from (
    select distinct on (unit_code, table_name, mode, report_date, sequence)
        submission_id, unit_code, table_name, mode, report_date, sequence, version
    from ops.submission
    where state in ('accepted', 'partly_accepted')
    order by unit_code, table_name, mode, report_date, sequence, version desc, submission_id desc
) as newest
where
    (earlier.unit_code, earlier.table_name, earlier.mode, earlier.report_date, earlier.sequence)
    = (newest.unit_code, newest.table_name, newest.mode, newest.report_date, newest.sequence)
    and earlier.version < newest.version
    and earlier.state in ('accepted', 'partly_accepted', 'held')
returning earlier.submission_id
"""


# What was read again (shegong/replay/) takes the place of its earlier readings, as far back as they go.
_REPLACE_REREAD = """
with recursive reading as (
    select submission_id as newest, replay_of as earlier_id from ops.submission
    where state in ('accepted', 'partly_accepted') and replay_of is not null
    union all
    select reading.newest, before.replay_of
    from reading inner join ops.submission as before on before.submission_id = reading.earlier_id
    where before.replay_of is not null
)
update ops.submission as earlier
set state = 'replaced', replaced_by = reading.newest, replaced_at = %(now)s
from reading
where
    earlier.submission_id = reading.earlier_id
    and earlier.state in ('accepted', 'partly_accepted', 'held', 'refused')
returning earlier.submission_id
"""


@dataclass(frozen=True)
class Summary:
    """How many submissions went which way in one judging."""

    judged: int = 0
    accepted: int = 0
    partly_accepted: int = 0
    held_for_county: int = 0
    held_for_bureau: int = 0
    held_for_engineers: int = 0
    replaced: int = 0


def judge(settings: Settings, now: datetime) -> Summary:
    """Judge all staged submissions at once and change their states in one transaction.

    Run again: what is no longer staged is left alone; a judging that was killed before it wrote states
    is done anew, and its verdicts are written over.
    """
    began = time.perf_counter()
    with database.connect(settings.dsn["auditor"]) as connection:
        submissions = _staged(connection)
        if not submissions:
            return Summary()
        refused_share = _refused_share(connection)
        asked = _contract_questions(connection, submissions)
        came = _that_came(connection, submissions)
        hand_written = plausibility.questions(connection, *_ids_and_tables(came)) if came else []
    answers = suites.ask(settings.dsn["auditor"], [*asked, *hand_written])
    _write_verdicts(settings, now, submissions, answers)
    ruled = rulings.rule(submissions, answers, refused_share)
    replaced = _write_states(settings, now, ruled, answers)
    _write_time(settings, now, time.perf_counter() - began, submissions)
    return _sum_up(ruled, replaced)


def _staged(connection: psycopg.Connection) -> list[Submission]:
    query = """
        select submission_id, table_name, rows_total, rows_refused, (
            select string_agg(told.text, '；' order by told.finding_id) from ops.finding as told
            where told.submission_id = asked.submission_id and told.rule_id in ('file.cover_rows', 'file.cover_total')
        ) as cover, contract_version
        from ops.submission as asked where state = 'staged' order by submission_id
    """
    return [Submission(*row) for row in connection.execute(query)]


def _that_came(connection: psycopg.Connection, submissions: Sequence[Submission]) -> list[Submission]:
    """Without those read again while their earlier reading counts: an old file is not plausible beside today's figures,
    and was found so when it came."""
    query = """
        select s.submission_id from ops.submission as s
        inner join ops.submission as earlier on earlier.submission_id = s.replay_of
        where s.state = 'staged' and earlier.state in ('accepted', 'partly_accepted')
    """
    again = {submission_id for (submission_id,) in connection.execute(query)}
    return [s for s in submissions if s.submission_id not in again]


def _ids_and_tables(submissions: Sequence[Submission]) -> tuple[list[int], list[str]]:
    return [s.submission_id for s in submissions], sorted({s.table_name for s in submissions})


def _refused_share(connection: psycopg.Connection) -> float:
    query = "select value from reference.common_parameter where parameter_name = 'refused_share_to_hold'"
    kept = connection.execute(query).fetchone()
    return float(kept[0]) if kept else REFUSED_SHARE


def _contract_questions(connection: psycopg.Connection, submissions: Sequence[Submission]) -> list[Question]:
    """The second lock: one question a table and version, of what must hold (W and N are the reader's to tell)."""
    known = {
        (suite["meta"]["table"], suite["meta"]["version"]): suite for suite in suites.read("submissions")
    }
    read_by: dict[tuple[str, str], list[int]] = {}
    for submission in submissions:
        read_by.setdefault((submission.table_name, submission.contract_version), []).append(
            submission.submission_id
        )
    made = []
    for (table, version), ids in read_by.items():
        suite = known[table, version or contracts.load()[table].version]
        critical = [e for e in suite["expectations"] if e["severity"] == "critical"]
        names = {"table": sql.Identifier("staging", table), "submissions": sql.Literal(ids)}
        query = sql.SQL(_STAGED_ROWS).format(**names).as_string(connection)
        made.append(Question(suite | {"expectations": critical}, query, ("_submission_id",)))
    return made


def _write_verdicts(
    settings: Settings, now: datetime, submissions: Sequence[Submission], answers: Sequence[Answer]
) -> None:
    domains = {f"submissions.{table}": contract.domain for table, contract in contracts.load().items()}
    with database.connect(settings.dsn["auditor"]) as connection:
        ids = [s.submission_id for s in submissions]
        connection.execute("delete from ops.verdict where submission_id = any(%s)", [ids])
        connection.execute(
            "delete from ops.verdict"
            " where asked_at = %s and submission_id is null and publication_id is null",
            [now],
        )
        verdicts.write(connection, now, verdicts.of_answers(answers, domains))
        data_docs.keep(connection, now, answers)


def _write_states(
    settings: Settings, now: datetime, ruled: Sequence[Ruling], answers: Sequence[Answer]
) -> int:
    """States, findings, replacements and the engineers' incidents at once; the number of replaced ones."""
    with database.connect(settings.dsn["loader"]) as connection, connection.cursor() as cursor:
        ids = [ruling.submission.submission_id for ruling in ruled]
        cursor.execute(
            "delete from ops.finding where check_class = 'judged' and submission_id = any(%s)", [ids]
        )
        cursor.executemany(_SET_STATE, [_state(ruling, now) for ruling in ruled])
        cursor.executemany(_FIND, [(*told, r.submission.submission_id) for r in ruled for told in r.told])
        # a rule is asked once a version of its table: one red answer is enough
        red = {(answer.suite, answer.rule_id) for answer in answers if rulings.is_our_fault(answer)}
        for answer in answers:
            if rulings.is_our_fault(answer):
                _open_incident(connection, now, answer)
            elif (answer.suite, answer.rule_id) not in red:
                _end_incident(connection, now, answer)
        replaced = replace_earlier(connection, now)
        claims.open_new(connection, now)
        return replaced


def replace_earlier(connection: psycopg.Connection, now: datetime) -> int:
    """Let the newest accepted version of each file take the place of its earlier ones; how many that were.

    Run again: nothing changes. For the judge and for a late release (decisions.py).
    """
    return sum(
        len(connection.execute(query, {"now": now}).fetchall()) for query in (_REPLACE_REREAD, _REPLACE)
    )


def _state(ruling: Ruling, now: datetime) -> dict:
    return {
        "submission_id": ruling.submission.submission_id,
        "state": ruling.state,
        "held_for": ruling.held_for,
        "reason": "；".join(ruling.reasons) or None,
        "accepted_at": None if ruling.state == "held" else now,
    }


def _end_incident(connection: psycopg.Connection, now: datetime, answer: Answer) -> None:
    """Asked and green again; what it held is an incident of its own until it is released."""
    for outcome in ("errored", "failed"):
        incidents.resolve(connection, f"judge:{outcome}:{answer.suite}:{answer.rule_id}", now)


def _open_incident(connection: psycopg.Connection, now: datetime, answer: Answer) -> None:
    word = "无法检查" if answer.outcome == "errored" else "入库数据与合同不符"
    incidents.open_incident(
        connection,
        cause=f"judge:{answer.outcome}:{answer.suite}:{answer.rule_id}",
        kind="judge",
        severity="critical",
        audience="engineers",
        title=f"{word}：{answer.rule_id}",
        details=f"{answer.meta['text']}。涉及的报送已暂存，县（市、区）看到的是“{CHECKING}”。{answer.details}",
        now=now,
        table_name=rulings.table_of(answer),
    )


def _write_time(settings: Settings, now: datetime, seconds: float, submissions: Sequence[Submission]) -> None:
    rows = sum(s.rows_total for s in submissions)
    with database.connect(settings.dsn["auditor"]) as connection:
        note_stage(connection, now, "judge", seconds, files=len(submissions), rows=rows)


def _sum_up(ruled: Sequence[Ruling], replaced: int) -> Summary:
    states = [ruling.state for ruling in ruled]
    held = [ruling.held_for for ruling in ruled]
    return Summary(
        judged=len(ruled),
        accepted=states.count("accepted"),
        partly_accepted=states.count("partly_accepted"),
        held_for_county=held.count("county"),
        held_for_bureau=held.count("bureau"),
        held_for_engineers=held.count("engineers"),
        replaced=replaced,
    )

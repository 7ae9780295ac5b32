"""What the ledger knows of one delivery, read for its receipt. Reads only; worded and laid out elsewhere."""

from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row

from shegong.intake import receipt_rosters
from shegong.intake.receipt_rosters import Roster

# Sheets of a receipt are for people: beyond this many rows the rest is counted and not listed.
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Submission:
    """One table of the delivery, in the state that it is in now."""

    submission_id: int
    table_name: str | None
    sheet_name: str
    mode: str | None
    report_date: date | None
    sequence: int | None
    version: int
    state: str
    held_for: str | None
    reason: str | None
    rows_total: int
    rows_accepted: int
    rows_refused: int
    due_at: datetime | None
    is_late: bool
    layout: dict[str, list[str]]

    @property
    def is_checked(self) -> bool:
        """False while we are still checking: nothing found so far may be told, it may be our own fault."""
        return self.state != "staged" and self.held_for != "engineers"

    @property
    def is_in_force(self) -> bool:
        """Whether its refused rows can be added: a held or replaced table is sent again as a whole."""
        return self.state in ("accepted", "partly_accepted")


@dataclass(frozen=True)
class Group:
    """All findings of one rule in one table: how many are open and explained; `rows`: the first few open ones' rows."""

    submission_id: int
    rule_id: str
    level: str
    findings: int
    text: str
    mend: str
    rows: list[int]
    explained: int = 0


@dataclass(frozen=True)
class Finding:
    """One thing to tell; `explanation` is what closed it."""

    finding_id: int
    submission_id: int
    sheet_name: str
    row_number: int | None
    column_letter: str | None
    header: str | None
    value_shown: str | None
    text: str
    mend: str
    rule_id: str
    level: str
    explanation: str | None = None
    explained_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What became of one 说明 that this delivery brought. The text is not kept where it was not taken."""

    sheet_name: str
    row_number: int
    table_name: str | None
    rule_id: str | None
    is_accepted: bool
    text: str | None
    answer: str


@dataclass(frozen=True)
class Refused:
    """A refused row and why, as one text."""

    submission_id: int
    sheet_name: str
    row_number: int
    reason: str


@dataclass
class Delivery:
    """One file, as its receipt tells it. `number` counts this place's files with this name, from 1."""

    delivery_id: int
    place_unit_code: str
    unit_name: str
    file_name: str
    content_hash: str
    received_at: datetime
    state: str
    duplicate_of: int | None
    number: int
    submissions: list[Submission] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    rosters: list[Roster] = field(default_factory=list)
    original: "Delivery | None" = None

    @property
    def stem(self) -> str:
        return self.file_name.rsplit(".", 1)[0] if "." in self.file_name else self.file_name


_DELIVERY = r"""
select
    d.delivery_id, d.place_unit_code, coalesce(u.unit_name, d.place_unit_code) as unit_name, d.file_name,
    d.content_hash, d.received_at, d.state, d.duplicate_of,
    (
        select count(*) from ops.delivery as earlier
        where
            earlier.place_unit_code = d.place_unit_code and earlier.delivery_id <= d.delivery_id
            and regexp_replace(earlier.file_name, '\.[^.]*$', '')
            = regexp_replace(d.file_name, '\.[^.]*$', '')
    ) as number
from ops.delivery as d left join reference.unit as u on d.place_unit_code = u.unit_code
where d.delivery_id = %s
"""
_SUBMISSIONS = """
select
    submission_id, table_name, sheet_name, mode, report_date, sequence, version, state, held_for, reason,
    rows_total, rows_accepted, rows_refused, due_at, is_late, layout
from ops.submission as s
where
    delivery_id = %s
    -- of what was read again, the latest reading
    and not exists (select from ops.submission as newer where newer.replay_of = s.submission_id)
order by submission_id
"""
_GROUPS = """
select
    submission_id, rule_id, level, count(*) - count(explanation_id) as findings, count(explanation_id) as explained,
    min(text) as text, min(mend) as mend,
    coalesce(
        (array_agg(row_number order by row_number)
            filter (where row_number is not null and explanation_id is null))[1:6], '{}'
    ) as rows
from ops.finding where submission_id = any(%s)
group by submission_id, rule_id, level
order by findings desc, rule_id, submission_id
"""
_FINDINGS = """
select
    f.finding_id, f.submission_id, f.sheet_name, f.row_number, f.column_letter, f.header, f.value_shown, f.text, f.mend,
    f.rule_id, f.level, e.text as explanation, e.explained_at
from ops.finding as f left join ops.explanation as e on e.explanation_id = f.explanation_id
where f.submission_id = any(%s)
order by
    f.submission_id, f.row_number nulls first, length(f.column_letter), f.column_letter, f.rule_id, f.finding_id
limit %s
"""
_ANSWERS = """
select sheet_name, row_number, table_name, rule_id, is_accepted, text, answer
from ops.explanation where delivery_id = %s order by sheet_name, row_number
"""
_REFUSED = """
with told as (
    select
        submission_id, sheet_name, row_number,
        case when strpos(text, header) > 0 then '' else coalesce(header || '：', '') end || text as said
    from ops.finding where submission_id = any(%(ids)s) and level = 'E'
),
reasons as (
    select submission_id, sheet_name, row_number, string_agg(distinct said, '；' order by said) as reason
    from told group by submission_id, sheet_name, row_number
)
select r.submission_id, r.sheet_name, r.row_number, coalesce(reasons.reason, '') as reason
from ops.refused_row as r left join reasons using (submission_id, sheet_name, row_number)
where r.submission_id = any(%(ids)s)
order by r.submission_id, r.row_number
limit %(limit)s
"""
_TOUCHED = """
select delivery_id from ops.delivery
where state <> 'received' and (received_at = %(now)s or receipt_path is null)
union
select delivery_id from ops.submission where accepted_at = %(now)s or replaced_at = %(now)s
union
-- a nil report that data of this run contradict
select nil.delivery_id from ops.submission as nil inner join ops.submission as data
    using (unit_code, table_name, report_date)
where nil.state = 'nil' and data.state <> 'nil' and data.received_at = %(now)s
union
select s.delivery_id
from ops.explanation as e
inner join ops.finding as f on f.explanation_id = e.explanation_id
inner join ops.submission as s on s.submission_id = f.submission_id
where e.explained_at = %(now)s
order by delivery_id
"""


def read(connection: psycopg.Connection, delivery_id: int) -> Delivery:
    """One delivery with all that may be told of it; of a duplicate, the file that it repeats."""
    delivery = _all(connection, Delivery, _DELIVERY, [delivery_id])[0]
    if delivery.duplicate_of is not None:
        delivery.original = read(connection, delivery.duplicate_of)
        return delivery
    delivery.submissions = _all(connection, Submission, _SUBMISSIONS, [delivery_id])
    delivery.answers = _all(connection, Answer, _ANSWERS, [delivery_id])
    told = [s.submission_id for s in delivery.submissions if s.is_checked]
    delivery.groups = _all(connection, Group, _GROUPS, [told])
    delivery.rosters = receipt_rosters.read(connection, told)
    if delivery.groups:
        delivery.findings = _all(connection, Finding, _FINDINGS, [told, MOST_ROWS])
        back = [s.submission_id for s in delivery.submissions if s.is_in_force]
        delivery.refused = _all(connection, Refused, _REFUSED, {"ids": back, "limit": MOST_ROWS})
    return delivery


def touched(connection: psycopg.Connection, now: datetime) -> list[int]:
    """Deliveries that came, changed their state or were explained in the run `now`, or were left without an answer."""
    return [row[0] for row in connection.execute(_TOUCHED, {"now": now})]


def _all(connection: psycopg.Connection, kind: type, query: str, values: list | dict) -> list:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query, values).fetchall()

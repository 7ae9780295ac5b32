"""One cell of the board opened: the files that came for it, their receipts' first sheets, and what was done with them."""

import io
from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
from psycopg.rows import dict_row
from python_calamine import CalamineWorkbook

from shegong.alerts.incidents import without_numbers
from shegong.intake import receipt_ledger, receipt_workbook
from shegong.page.board_matrix import WHOLE_FILE

RECEIPT_SHEETS = (receipt_workbook.SUMMARY, receipt_workbook.TO_DO, receipt_workbook.FINDINGS)
MOST_ROWS = 200

_SUBMISSIONS = """
select
    s.submission_id, s.delivery_id, d.file_name, s.table_name, s.mode, s.report_date, s.sequence, s.version, s.state, s.held_for, s.reason,
    s.rows_total, s.rows_accepted, s.rows_refused, s.is_late, s.received_at, s.accepted_at, s.replaced_by, s.replaced_at,
    s.due_at, s.replay_of, s.parent_id, s.built_by, c.outcome, c.decided_by, c.decided_at, c.reason as decided_for
from ops.submission as s
inner join ops.delivery as d on d.delivery_id = s.delivery_id
left join ops.decision as c on c.submission_id = s.submission_id
where
    s.unit_code = %(unit)s and coalesce(s.table_name, %(file)s) = %(table)s
    and coalesce(s.report_date, (s.received_at at time zone 'Asia/Shanghai')::date) = %(day)s
order by s.received_at desc, s.submission_id desc
"""
_EXPLAINED = """
select e.explained_at, e.sheet_name, e.row_number, e.rule_id, e.is_accepted, e.text, e.answer
from ops.explanation as e
where e.submission_id = %s or exists (
    select from ops.finding as f where f.submission_id = %s and f.explanation_id = e.explanation_id
)
order by e.explained_at, e.row_number
limit 200
"""


@dataclass
class Event:
    """Something that happened to a file: `what` is a key of the page's words."""

    at: datetime
    what: str
    text: str = ""


@dataclass
class Sheet:
    """A sheet of the receipt as text; `left_out`: rows that are in the receipt and not here."""

    name: str
    rows: list[list[str]]
    left_out: int = 0

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=1)


@dataclass
class File:
    """One submission with its history and its file's receipt."""

    facts: dict
    events: list[Event] = field(default_factory=list)
    receipt: list[Sheet] = field(default_factory=list)


def of_cell(connection: psycopg.Connection, unit: str, table: str, day: date, now: datetime) -> list[File]:
    """What came of a unit's table for a day, the newest first. Holds what receipts hold: values masked, no names."""
    values = {"unit": unit, "table": table, "day": day, "file": WHOLE_FILE}
    rows = connection.cursor(row_factory=dict_row).execute(_SUBMISSIONS, values).fetchall()
    receipts = {number: _receipt(connection, number, now) for number in {row["delivery_id"] for row in rows}}
    return [
        File(row | {"file_name": without_numbers(row["file_name"])}, _events(connection, row), receipts[row["delivery_id"]])
        for row in rows
    ]  # fmt: skip


def _events(connection: psycopg.Connection, row: dict) -> list[Event]:
    found = [Event(row["received_at"], "event_received")]
    if row["accepted_at"]:
        found.append(Event(row["accepted_at"], "event_accepted"))
    if row["decided_at"]:
        found.append(Event(row["decided_at"], f"event_{row['outcome']}", f"{row['decided_by']}：{row['decided_for']}"))  # fmt: skip
    if row["replaced_at"]:
        found.append(Event(row["replaced_at"], "event_replaced", f"#{row['replaced_by']}"))
    number = row["submission_id"]
    for at, sheet, line, rule, accepted, text, answer in connection.execute(_EXPLAINED, [number, number]):
        what = "event_explained" if accepted else "event_explained_not"
        found.append(Event(at, what, f"{sheet} {line} {rule or ''} {text or ''} → {answer}"))
    return sorted(found, key=lambda event: event.at)


def _receipt(connection: psycopg.Connection, delivery_id: int, now: datetime) -> list[Sheet]:
    """The first three sheets of the receipt as it stands, made from the ledger anew; without the rows to correct."""
    content = io.BytesIO()
    delivery = receipt_ledger.read(connection, delivery_id)
    delivery.file_name = without_numbers(delivery.file_name)
    receipt_workbook.write(content, delivery, (), now)
    content.seek(0)
    workbook = CalamineWorkbook.from_filelike(content)
    return [_sheet(workbook, name) for name in RECEIPT_SHEETS if name in workbook.sheet_names]


def _sheet(workbook: CalamineWorkbook, name: str) -> Sheet:
    rows = [[_cell(value) for value in row] for row in workbook.get_sheet_by_name(name).to_python()]
    rows = [_without_end(row) for row in rows if any(row)]
    return Sheet(name, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _without_end(row: list[str]) -> list[str]:
    """A row of merged cells reads as its text and empty ones behind it."""
    filled = [at for at, value in enumerate(row) if value]
    return row[: filled[-1] + 1]

"""Does what people do in the morning of a day of the sample week, as acts.csv names it: decisions, extensions, headings,
units, and what a clerk writes into a receipt. Each may be done again: the second time changes nothing.
"""

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl

from shegong import decisions, extensions, header_aliases
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.intake.explanations import RULE_HEADER, TEXT_HEADER
from shegong.settings import Settings

_BY = "李科长"
_LIST, _ROW_HEADER = "问题清单", "行"


def carry_out(settings: Settings, now: datetime, week: Path, day: int) -> int:
    """All acts of a day, before its files are read; how many. `week` is the sample's folder."""
    with (week / "acts.csv").open(encoding="utf-8") as lines:
        acts = [act for act in csv.DictReader(lines) if int(act["day"]) == day]
    for act in acts:
        _DOES[act["act"]](settings, now, act)
    return len(acts)


def _release(settings: Settings, now: datetime, act: dict) -> None:
    decisions.release(settings, now, _submission(settings, act)[0], _BY, act["text"])


def _reject(settings: Settings, now: datetime, act: dict) -> None:
    decisions.reject(settings, now, _submission(settings, act)[0], _BY, act["text"])


def _extend(settings: Settings, now: datetime, act: dict) -> None:
    due = date.fromisoformat(act["due"])
    extensions.grant(settings, now, act["unit"], act["table"], due, now.date(), _BY, act["text"])


def _approve_heading(settings: Settings, now: datetime, act: dict) -> None:
    with connect(settings.dsn["loader"]) as connection:
        for row in header_aliases.listed(connection, "proposed", act["table"]):
            if (row["unit_code"], row["header"]) == (act["unit"], act["header"]):
                header_aliases.approve(connection, row["alias_id"], by=_BY, now=now, valid_from=now.date())


def _add_unit(settings: Settings, now: datetime, act: dict) -> None:
    """A department, which no county and no city contains."""
    with connect(settings.dsn["admin"]) as connection:
        connection.execute(
            "insert into reference.unit (unit_code, unit_name, unit_kind, province_code, valid_from)"
            " values (%s, %s, 'department', '330000', %s) on conflict do nothing",
            [act["unit"], act["text"], now.date()],
        )


def _explain(settings: Settings, now: datetime, act: dict) -> None:
    """Write the 说明 beside one finding of the receipt and lay the receipt into the unit's place."""
    receipt = Path(_submission(settings, act)[1].removeprefix("file://"))
    target = receipt.parent.parent / "submit" / receipt.name
    if target.exists():
        return
    book = openpyxl.load_workbook(receipt)
    sheet = book[_LIST]
    at = {cell.value: cell.column - 1 for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        if (row[at[RULE_HEADER]].value, str(row[at[_ROW_HEADER]].value)) == (act["rule_id"], act["row"]):
            row[at[TEXT_HEADER]].value = act["text"]
    for name in book.sheetnames:
        if name.startswith("退回行"):  # what was refused is not corrected here
            del book[name]
    unfinished = target.with_name(f"{target.name}.part")
    book.save(unfinished)
    unfinished.rename(target)


def _submission(settings: Settings, act: dict) -> tuple[int, str]:
    """Number and receipt of the submission that an act is about."""
    with connect(settings.dsn["loader"]) as connection:
        found = connection.execute(
            "select submission_id, receipt_path from ops.submission inner join ops.delivery using (delivery_id)"
            " where place_unit_code = %s and file_name = %s and table_name = %s",
            [act["unit"], act["file"], act["table"]],
        ).fetchone()
    if found is None:
        raise ShegongError(f"{act['file']} of {act['unit']} was not read.", "Run the days in their order.")
    return found


_DOES: dict[str, Callable[[Settings, datetime, dict], None]] = {
    "release": _release,
    "reject": _reject,
    "extend": _extend,
    "approve_heading": _approve_heading,
    "add_unit": _add_unit,
    "explain": _explain,
}

"""Submissions as the cells of a sheet: headers, labels instead of codes, what was planted, and the 合计
row.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from shegong import contract
from shegong.sample.submission import KEEP, Submission

# whole numbers that nobody adds up
_NOT_ADDED = {"reg_seq", "exam_year", "check_year", "year", "post_grade", "slot_no"}
FIRST_ROW = {"xlsx": 4, "csv": 2}


@dataclass
class Grid:
    """`rows` are lists of cells below `headers`; `totals` is the 合计 row, empty for a CSV."""

    headers: list[str]
    rows: list[list]
    totals: list


def fields_of(sub: Submission) -> list[contract.Field]:
    """The columns that the file has: required ones, those that say something, and those that are to be
    blamed.
    """
    blamed = {mark.field for mark in sub.marks}
    spec = contract.load()[sub.table]
    said = {name for name in sub.rows.columns if sub.rows[name].notna().any()}
    asked = {"row_action"} if sub.mode == "D" else set()
    return [f for f in spec.fields if f.required or f.name in said | blamed | asked]


def grid(sub: Submission, *, is_csv: bool) -> Grid:
    specs = fields_of(sub)
    columns = [cells(spec, sub.rows[spec.name]) for spec in specs]
    place = {label: at for at, label in enumerate(sub.rows.index)}
    at_field = {spec.name: at for at, spec in enumerate(specs)}
    for mark in sub.marks:
        if mark.raw is not KEEP and mark.row in place:
            columns[at_field[mark.field]][place[mark.row]] = mark.raw
    rows = [list(row) for row in zip(*columns, strict=True)]
    if is_csv:
        rows = [[_as_text(cell) for cell in row] for row in rows]
        return Grid([spec.header for spec in specs], rows, [])
    fixed = {(mark.row, mark.field) for mark in sub.marks if mark.rule_id.endswith(".fixed")}
    return Grid([spec.header for spec in specs], rows, _totals(sub, specs, columns, fixed))


def cells(spec: contract.Field, values: pd.Series) -> list:
    """Stored values as a clerk writes them."""
    if spec.type == "code":
        words = spec.codes.codes
        return [None if v is None else words[v] for v in values]
    if spec.type == "codes":
        words = spec.codes.codes
        return [None if v is None else "、".join(words[code] for code in v.split(",")) for v in values]
    if spec.type == "boolean":
        return [None if v is None else "是" if v else "否" for v in values]
    if spec.type == "month":
        return [None if v is None else f"{v:%Y-%m}" for v in values]
    return values.tolist()


def is_added(spec: contract.Field) -> bool:
    if spec.type == "decimal":
        return spec.unit in ("yuan", "wan_yuan")
    return spec.type == "integer" and spec.name not in _NOT_ADDED


def _totals(sub: Submission, specs: list[contract.Field], columns: list[list], fixed: set) -> list:
    """Excel's SUM of each additive column; a cell that is repaired on reading counts with its repaired
    value.
    """
    totals: list = []
    for spec, column in zip(specs, columns, strict=True):
        if not is_added(spec):
            totals.append(None)
            continue
        total = 0
        for label, cell in zip(sub.rows.index, column, strict=True):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                total += cell
            elif (label, spec.name) in fixed:
                total += sub.rows.at[label, spec.name]
        totals.append(round(total, 2) if spec.type == "decimal" else int(total))
    totals[0] = "合计"
    return totals


def _as_text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{cell:.2f}" if round(cell, 2) == cell else repr(cell)
        case date():
            return cell.isoformat()
    return str(cell)

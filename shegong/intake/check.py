"""The findings of a file without sending it: what `shegong check` shows. Needs no database and keeps nothing.

Only the checks of class "file" can be asked here; the register's and the judge's need what others sent.
"""

import io
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console

from shegong import contract as contracts_module
from shegong import reference_data
from shegong.intake import admission, envelope, headings, layout, opening
from shegong.intake.envelope import FileRefused
from shegong.intake.identify import NIL, identify
from shegong.intake.limits import DEFAULTS, Limits
from shegong.intake.messages import unknown_header
from shegong.intake.rows import FINDING, Context, RowChecker
from shegong.intake.sheets import Sheet
from shegong.people import Hasher

NOT_ASKED = ("register", "judged")


@dataclass(frozen=True)
class SheetReport:
    """One sheet: how many rows it has, how many would be refused, and the findings as dicts."""

    sheet: str
    table: str | None
    rows: int
    refused: int
    findings: list[dict]


def check(path: Path, today: date, unit: str | None = None, limits: Limits = DEFAULTS) -> list[SheetReport]:
    """Check a file as intake would if it came to the place of `unit`, by default the one that the file names."""
    contracts = contracts_module.load()
    units = {row["unit_code"]: row for row in reference_data.unit_rows()}
    name = envelope.from_name(path.name)
    try:
        # the reports' chunks are read below, when a file would be closed already
        sheets = opening.open_sheets(
            io.BufferedReader(io.BytesIO(path.read_bytes())), layout.all_headers(), limits
        )
    except FileRefused as refused:
        return [_refused("", refused)]
    names = {code: row["unit_name"] for code, row in units.items()}
    reports = []
    for sheet in sheets:
        try:
            if isinstance(sheet, FileRefused):
                raise sheet
            place = unit or name.unit_code or envelope.from_labels(sheet.labels, names).unit_code
            if place not in units:
                raise FileRefused(
                    "unit_unknown",
                    f"填报单位 {place or '（未写）'} 不在名录中",
                    "请在文件名或表内写明填报单位代码",
                )
            said = identify(name, sheet, place, len(sheets), names, contracts, today)
            reports.append(_check_sheet(sheet, said, units[place]["county_code"]))
        except FileRefused as refused:
            reports.append(_refused(sheet.sheet if isinstance(sheet, FileRefused) else sheet.name, refused))
    return reports


def print_reports(console: Console, file_name: str, reports: list[SheetReport]) -> None:
    """The findings in the clerk's words, a paragraph each, the worst first."""
    for report in reports:
        name = f"{file_name} {report.sheet}".strip()
        console.print(
            f"{name}：{report.rows} 行，其中 {report.refused} 行将被退回；{len(report.findings)} 条问题",
            style="bold",
            markup=False,
        )
        for f in sorted(report.findings, key=lambda f: ("FEPWNI".index(f["level"]), f["row_number"] or 0)):
            place = (
                "".join(
                    (
                        f"第 {f['row_number']} 行 " if f["row_number"] else "",
                        f"{f['column_letter']} 列 " if f["column_letter"] else "",
                        f["header"] or "",
                    )
                )
                or "整个文件"
            )
            value = f"（{f['value_shown']}）" if f["value_shown"] else ""
            console.print(
                f"  {contracts_module.LEVELS[f['level']]}  {place}{value}：{f['text']}", markup=False
            )
            console.print(f"        {f['mend']}  [{f['rule_id']}]", style="dim", markup=False)
    console.print("只做了文件内的检查；与以往数据、其他单位和其他表的核对在报送后进行。")


def _check_sheet(sheet: Sheet, said: envelope.Envelope, county_code: str | None) -> SheetReport:
    if said.table == NIL:
        rows = sum(chunk.height for chunk in sheet.chunks)
        return SheetReport(sheet.name, NIL, rows, 0, [])
    contract = contracts_module.load(on=said.report_date)[said.table]
    admission.check_version(sheet, contract, said.report_date)
    # the hashes compare rows of this file only: any key will do
    context = Context(said.unit_code, county_code, said.report_date, said.mode)
    placed, proposals = headings.lay_out(sheet, contract, said.mode)
    checker = RowChecker(contract, placed, context, Hasher(secrets.token_bytes(32)))
    rows, refused, findings = 0, 0, []
    for chunk in sheet.chunks:
        checked = checker.check(chunk)
        rows, refused = rows + checked.total, refused + len(checked.refused)
        findings += checked.findings.to_dicts()
    if not rows:
        raise FileRefused("no_rows", "表里没有数据行", "没有变化的请报送零报告", sheet=sheet.name)
    findings += checker.totals().to_dicts()
    findings += [
        _told(
            "file.header_unknown",
            "N",
            *unknown_header(proposals[c.index].field if c.index in proposals else None),
            sheet.header_row,
            c,
        )
        for c in layout.unknown(placed)
    ]
    return SheetReport(sheet.name, said.table, rows, refused, findings)


def _refused(sheet: str, refused: FileRefused) -> SheetReport:
    finding = _told(refused.rule_id, "F", refused.text, refused.mend, refused.row) | {
        "header": refused.header or None
    }
    return SheetReport(refused.sheet or sheet, None, 0, 0, [finding])


def _told(
    rule_id: str, level: str, text: str, mend: str, row: int | None, column: layout.Placed | None = None
) -> dict:
    """A finding that no cell is read for, in the form of the row checker's."""
    return dict.fromkeys(FINDING) | {
        "row_number": row, "column_letter": column and column.letter, "header": column and column.header[:60],
        "rule_id": rule_id, "level": level, "text": text, "mend": mend,
    }  # fmt: skip

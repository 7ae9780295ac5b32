"""The findings of a file without sending it: what `shegong check` shows. Needs no database and keeps nothing.

Only the checks of class "file" can be asked here; the register's and the judge's need what others sent.
"""

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console

from shegong import contract as contracts_module
from shegong import reference_files
from shegong.contract import Contract
from shegong.intake import admission, cover, envelope, headings, layout, opening
from shegong.intake.envelope import FileRefused
from shegong.intake.findings import FINDING
from shegong.intake.identify import NIL, identify
from shegong.intake.limits import DEFAULTS, Limits
from shegong.intake.messages import unknown_header
from shegong.intake.rows import Context, RowChecker
from shegong.intake.sheets import Sheet
from shegong.people import Hasher

# The classes of checks that need what others sent.
NOT_ASKED = {
    "register": "登记核对（主键、归属、与其他表和其他单位的对应）",
    "judged": "综合判断（与以往数据比较是否合理）",
}


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
    units = {row["unit_code"]: row for row in reference_files.unit_rows()}
    names = {code: row["unit_name"] for code, row in units.items()}
    name = envelope.from_name(path.name)
    try:
        opened, forms = admission.split(_open(path, limits))
        if not opened:
            raise admission.nothing()
    except FileRefused as refused:
        return [_refused("", refused)]
    stated = [line for form in forms if form.table == cover.COVER for line in cover.read(form, contracts)]
    reports, unfilled = [], []
    for sheet in opened:
        try:
            if isinstance(sheet, FileRefused):
                raise sheet
            place = unit or name.unit_code or envelope.from_labels(sheet.labels, names).unit_code
            if place not in units:
                raise admission.unit_unknown(place)
            said = identify(name, sheet, place, len(opened), names, contracts, today)
            reports.append(_check_sheet(sheet, said, units[place]["county_code"], contracts, stated))
        except FileRefused as refused:
            report = _refused(sheet.sheet if isinstance(sheet, FileRefused) else sheet.name, refused)
            (unfilled if admission.is_unfilled(sheet, refused) else reports).append(report)
    return reports or unfilled


def _open(path: Path, limits: Limits) -> list[admission.Opened]:
    # the reports' chunks are read later, when a file would be closed already
    stream = io.BufferedReader(io.BytesIO(path.read_bytes()))
    return opening.open_sheets(stream, layout.all_headers(), limits)


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
    left = "、".join(NOT_ASKED.values())
    console.print(f"只做了文件内的检查。没有做的有：{left}；报送后由省里进行。")


def _check_sheet(
    sheet: Sheet,
    said: envelope.Envelope,
    county_code: str | None,
    contracts: dict[str, Contract],
    stated: Sequence[cover.Stated],
) -> SheetReport:
    if said.table == NIL:
        return SheetReport(sheet.name, NIL, len(admission.nil_tables(sheet, contracts)), 0, [])
    contract = contracts_module.load(on=said.report_date)[said.table]
    admission.check_version(sheet, contract, said.report_date)
    contract = layout.as_laid_out(sheet, contract)
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
        raise admission.no_rows(sheet)
    findings += checker.totals().to_dicts()
    findings += [_told(*notice, None) for notice in sheet.notices]
    findings += [
        _told(wrong.rule_id, "E", wrong.text, wrong.mend, wrong.stated.row_number)
        | {"column_letter": wrong.stated.column_letter, "header": wrong.stated.item}
        for wrong in cover.mismatches(stated, contract, rows, checker.sums)
    ]
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

"""What the reader says of the sample's files, without a database: the file class of checks only."""

import io
from collections import Counter
from datetime import date
from pathlib import Path

from shegong import contract
from shegong.intake import csv_reader, envelope, layout, workbook_reader
from shegong.intake.envelope import Envelope, FileRefused
from shegong.intake.rows import Context, RowChecker
from shegong.intake.sheets import Sheet
from shegong.people import Hasher
from shegong.sample import places
from shegong.sample.places import PROVINCE_UNIT

CONTRACTS = contract.load()
UNITS = set(places.load().units.index)
HEADERS = layout.known_headers(tuple(CONTRACTS.values()))


def read_file(path: Path, unit: str, today: date) -> Counter:
    """Findings as (sheet, row, header, rule, level) with their number; a refused file or sheet is one of
    level F.
    """
    try:
        content = path.read_bytes()
        if not content:
            raise FileRefused("empty", "", "")
        if workbook_reader.is_workbook(content[:8]):
            sheets = workbook_reader.read(content, HEADERS, 80, 10_000_000)
        else:
            sheets = [csv_reader.read(io.BytesIO(content), "", 80)]
        if unit not in UNITS:
            raise FileRefused("unit_unknown", "", "")
        return sum((read_sheet(sheet, path.name, unit, today) for sheet in sheets), Counter())
    except FileRefused as refused:
        return Counter({(refused.sheet, refused.row, refused.header, refused.rule_id, "F"): 1})


def read_sheet(sheet: Sheet | FileRefused, name: str, unit: str, today: date) -> Counter:
    """As shegong/intake/load.py goes about it, without the ledger."""
    if isinstance(sheet, FileRefused):
        raise sheet
    content = envelope.from_labels(sheet.labels, {})
    content = Envelope(
        content.unit_code, sheet.table, content.mode, content.report_date, content.sequence, content.version
    )
    said = envelope.agree(envelope.from_name(name), content, unit, sheet.name)
    if said.table == "nil":
        return Counter()
    if said.table not in CONTRACTS:
        raise FileRefused("table_unknown", "", "", sheet=sheet.name)
    if said.report_date > today:
        raise FileRefused("report_date_future", "", "", sheet=sheet.name)
    spec = CONTRACTS[said.table]
    if sheet.version not in (None, spec.version):
        raise FileRefused("template_version", "", "", sheet=sheet.name)
    placed = layout.place(sheet, spec)
    checker = RowChecker(
        spec,
        placed,
        Context(unit, None if unit == PROVINCE_UNIT else unit, said.report_date, said.mode),
        Hasher(b"k" * 32),
    )
    checked = [checker.check(chunk) for chunk in sheet.chunks]
    if not sum(part.total for part in checked):
        raise FileRefused("no_rows", "", "", sheet=sheet.name)
    found: Counter = Counter()
    for part in [*(part.findings for part in checked), checker.totals()]:
        found.update(
            (sheet.name, r["row_number"], r["header"] or "", r["rule_id"], r["level"])
            for r in part.iter_rows(named=True)
        )
    found.update(
        (sheet.name, sheet.header_row, column.header, "file.header_unknown", "N")
        for column in layout.unknown(placed)
    )
    return found

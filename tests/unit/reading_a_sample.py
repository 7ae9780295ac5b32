"""What `shegong check` says of the sample's files: the checks of class "file", without a database."""

from collections import Counter
from datetime import date
from pathlib import Path

from shegong.intake.check import SheetReport, check
from shegong.render.cover import COVER_SHEET


def read_file(path: Path, unit: str, today: date) -> Counter:
    """Findings as (sheet, row, header, rule, level) with their number."""
    return Counter(
        (
            _sheet(report, finding),
            finding["row_number"],
            finding["header"] or "",
            finding["rule_id"],
            finding["level"],
        )
        for report in check(path, today, unit)
        for finding in report.findings
    )


def _sheet(report: SheetReport, finding: dict) -> str:
    """What a cover says wrongly is told beside its table; it stands on the cover."""
    return COVER_SHEET if finding["rule_id"].startswith("file.cover_") else report.sheet

"""What `shegong check` says of the sample's files: the checks of class "file", without a database."""

from collections import Counter
from datetime import date
from pathlib import Path

from shegong.intake.check import check


def read_file(path: Path, unit: str, today: date) -> Counter:
    """Findings as (sheet, row, header, rule, level) with their number."""
    return Counter(
        (report.sheet, finding["row_number"], finding["header"] or "", finding["rule_id"], finding["level"])
        for report in check(path, today, unit)
        for finding in report.findings
    )

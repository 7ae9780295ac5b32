"""Whose sheet this is and what: the file's name, the sheet's labels, the template's hidden words, the place it came to."""

from dataclasses import replace
from datetime import date

from shegong.contract import Contract
from shegong.intake import envelope, layout
from shegong.intake.envelope import Envelope, FileRefused
from shegong.intake.sheets import Sheet

NIL = "nil"


def identify(
    name: Envelope,
    sheet: Sheet,
    place_unit: str,
    sheet_count: int,
    units: dict[str, str],
    contracts: dict[str, Contract],
    today: date,
) -> Envelope:
    """The envelope of one sheet, complete. Raises FileRefused where something is unsaid, contradicts, or can't be.

    In a package of several sheets only the sheet can say which table it is, whatever the file is called.
    """
    content = envelope.from_labels(sheet.labels, units)
    table = sheet.table or _table_said(sheet, contracts)
    if sheet_count > 1:
        name = replace(name, table=None)
    said = envelope.agree(name, replace(content, table=table), place_unit, sheet.name)
    if said.table != NIL and said.table not in contracts:
        raise FileRefused(
            "table_unknown",
            f"看不出是哪一张表：文件名、工作表名和标题都不是规定的表{_looks_like(sheet, contracts)}",
            "请使用省里的模板，或按 330106_talent_D20260506_01.csv 的格式命名",
            sheet=sheet.name,
        )
    if said.report_date > today:
        raise FileRefused(
            "report_date_future", f"填报日期 {said.report_date} 还没有到", "请核对填报日期", sheet=sheet.name
        )
    return said


def _table_said(sheet: Sheet, contracts: dict[str, Contract]) -> str | None:
    """By the sheet's name as it stands, else by what the name holds, else by the title over the table."""
    title = sheet.labels[0] if sheet.labels else ""
    return (
        envelope.find_table(sheet.name, contracts)
        or envelope.table_within(sheet.name, contracts)
        or envelope.table_within(title, contracts)
    )


def _looks_like(sheet: Sheet, contracts: dict[str, Contract]) -> str:
    """What the headers would fit, if one table only: said, never taken for granted."""
    fitting = [c.title for c in contracts.values() if layout.fits(sheet, c)]
    return f"；从表头看，像是“{fitting[0]}”" if len(fitting) == 1 else ""

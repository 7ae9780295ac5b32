"""Whose sheet this is and what: the file's name, the sheet's labels, the template's hidden words, the place it came to."""

from dataclasses import replace
from datetime import date

from shegong.contract import Contract
from shegong.intake import envelope
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
    table = sheet.table or envelope.find_table(sheet.name, contracts)
    if sheet_count > 1:
        name = replace(name, table=None)
    said = envelope.agree(name, replace(content, table=table), place_unit, sheet.name)
    if said.table != NIL and said.table not in contracts:
        raise FileRefused(
            "table_unknown",
            "看不出是哪一张表：文件名和工作表名都不是规定的表",
            "请使用省里的模板，或按 330106_talent_D20260506_01.csv 的格式命名",
            sheet=sheet.name,
        )
    if said.report_date > today:
        raise FileRefused(
            "report_date_future", f"填报日期 {said.report_date} 还没有到", "请核对填报日期", sheet=sheet.name
        )
    return said

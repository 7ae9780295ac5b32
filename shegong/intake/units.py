"""In which unit a column of money is: said by its heading, by the group over it, or by a label over the table.

The nearest one counts. A figure alone never tells its unit.
"""

import re
from collections.abc import Sequence

from shegong.contract import Field
from shegong.intake.envelope import FileRefused
from shegong.intake.sheets import Sheet

_LABEL = re.compile(
    r"(?:^|[（(\[【\s，,；;])(?:金额|计量|货币|数据)?单位\s*[：:]?\s*(?:人民币)?\s*([元百千万亿]{1,3})(?=[)）\]】\s，,；;、]|$)"
)
_HEADING = re.compile(r"[（(\[【：:/，,]?([百千万亿]{0,2}元)[)）\]】]?$")
_YUAN = {"yuan": {"元": 1, "万元": 10_000}, "wan_yuan": {"万元": 1}}


def in_brackets(header: str) -> str:
    """预算金额:万元 and 预算金额万元 as 预算金额（万元）, the way the contracts print it."""
    found = _HEADING.search(header)
    return f"{header[: found.start()]}（{found[1]}）" if found and found.start() else header


def of_sheet(sheet: Sheet) -> str | None:
    """The unit that a label over the table says: （单位：万元）. None where none does; 填报单位 is another thing."""
    for label in sheet.labels:
        if (found := _LABEL.search(label)) and found[1].endswith("元"):
            return found[1]
    return None


def factor(field: Field, own: int, path: Sequence[str], declared: str | None, sheet: Sheet) -> int:
    """What turns a column's figures into the field's unit. `own` is what its heading says or, where it says none, 1.

    Raises FileRefused for a unit that the field can't be in.
    """
    if field.unit not in _YUAN:
        return own
    said = [found[1] for word in reversed(path) if (found := _HEADING.search(word))]
    unit = said[0] if said else declared
    if unit is None or (said and _HEADING.search(path[-1])):
        return own
    if unit not in _YUAN[field.unit]:
        raise FileRefused(
            "unit_unclear",
            f"表上写的金额单位是“{unit}”，“{field.header}”不能按这个单位读取",
            "请把金额换算成模板表头规定的单位",
            sheet=sheet.name,
            row=sheet.header_row,
            header=field.header,
        )
    return _YUAN[field.unit][unit]

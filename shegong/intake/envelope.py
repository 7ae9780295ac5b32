"""Who a file is from and what it is: unit, table, mode, report date, sequence and version.

A workbook says it under its title, a CSV in its name (submissions.md, 1). Where name, content and place
contradict each other, or something is said nowhere, the file is refused with the reason.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from shegong.contract import Contract
from shegong.intake import clerk_days, normalise


class FileRefused(Exception):
    """The file, or one sheet of it, can't be accepted at all (level F). Texts are Chinese, for the clerk."""

    def __init__(
        self, rule: str, text: str, mend: str, *, sheet: str = "", row: int | None = None, header: str = ""
    ) -> None:
        super().__init__(text)
        self.rule_id, self.text, self.mend = f"file.{rule}", text, mend
        self.sheet, self.row, self.header = sheet, row, header
        self.proposals: tuple = ()  # of unknown headings, where one of them may be the column that is missing


@dataclass(frozen=True)
class Envelope:
    """What a file says of itself; None where it says nothing. `table` is a contract's table or 'nil'."""

    unit_code: str | None = None
    table: str | None = None
    mode: str | None = None
    report_date: date | None = None
    sequence: int | None = None
    version: int = 1

    @property
    def is_complete(self) -> bool:
        return None not in (self.unit_code, self.mode, self.report_date)


_NAME = re.compile(
    # what browsers, desktops and mail programs add to a copy's name says nothing: (1), _副本, 副本
    r"(?:副本|复件)?\s*(\d{6})_([a-z_0-9]+?)_([DS])(\d{8})_(\d{1,3})(?:v(\d{1,2}))?(?:\s*[(（\[]\d{1,3}[)）\]]|\s*[-_]?\s*(?:副本|复件))*"
    r"\.(?:csv|tsv|txt|xlsx?|xlsm|xltx?|ods|ett?)",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"^\s*(填报单位|填报日期|报送方式|序号|替换)\s*(?:（盖章）)?\s*[：:]\s*(.*?)\s*$")
_MODES = {"变更": "D", "全量": "S", "D": "D", "S": "S"}


def from_name(file_name: str) -> Envelope:
    """Read a name of the agreed form, such as 330106_talent_D20260302_01v2.csv; any other name says nothing."""
    found = _NAME.fullmatch(normalise.clean(file_name))
    if not found:
        return Envelope()
    unit, table, mode, day, sequence, version = found.groups()
    return Envelope(unit, table.lower(), mode.upper(), _day(day, "%Y%m%d"), int(sequence), int(version or 1))


def from_labels(cells: Iterable[str], units: dict[str, str]) -> Envelope:
    """Read the labels of the row under the title. `units` maps unit codes to names: a unit may be said by either."""
    said = {}
    for cell in cells:
        if found := _LABEL.match(cell):
            said[found[1]] = found[2]
    return Envelope(
        unit_code=_unit(said.get("填报单位", ""), units),
        mode=_MODES.get(said.get("报送方式", "").strip()),
        report_date=clerk_days.read_date(said.get("填报日期", "")),
        sequence=_count(said.get("序号", "")),
        version=_count(said.get("替换", "")) or 1,
    )


def agree(name: Envelope, content: Envelope, place_unit: str, sheet: str = "") -> Envelope:
    """One envelope from the file's name, its content and the place that it came to.

    Raises FileRefused where they contradict each other or leave something unsaid.
    """
    said_units = {unit for unit in (name.unit_code, content.unit_code, place_unit) if unit}
    if len(said_units) > 1:
        raise FileRefused(
            "unit_mismatch",
            f"文件的填报单位（{name.unit_code or content.unit_code}）与报送位置或表内填写的单位不一致",
            "请核对是否放错了单位的文件；本单位的表请用本单位代码重新报送",
            sheet=sheet,
        )
    if name.table and content.table and name.table != content.table:
        raise FileRefused(
            "table_mismatch",
            f"文件名写的是 {name.table}，表内是 {content.table}",
            "请改正文件名或换成对应的表",
            sheet=sheet,
        )
    for what, label in (("mode", "报送方式"), ("report_date", "填报日期"), ("sequence", "序号")):
        a, b = getattr(name, what), getattr(content, what)
        if a and b and a != b:
            raise FileRefused(
                "name_mismatch", f"文件名与表内的{label}不一致", f"请使文件名与表内的{label}一致", sheet=sheet
            )
    merged = Envelope(
        unit_code=place_unit,
        table=content.table or name.table,
        mode=content.mode or name.mode,
        report_date=content.report_date or name.report_date,
        sequence=content.sequence or name.sequence or 1,
        version=max(content.version, name.version),
    )
    if not merged.is_complete:
        raise FileRefused(
            "name_unclear",
            "看不出报送方式或填报日期：文件名不是规定格式，表内也没有填写",
            "请使用省里的模板，或按 330106_talent_D20260506_01.csv 的格式命名",
            sheet=sheet,
        )
    return merged


def find_table(words: str, contracts: dict[str, Contract]) -> str | None:
    """The table that a sheet name or a word of a nil report means: table name, title or alias."""
    word = words.strip()
    for table, contract in contracts.items():
        if word in (table, contract.title, *contract.aliases):
            return table
    return None


def table_within(words: str, contracts: dict[str, Contract]) -> str | None:
    """The one table whose name stands in a sheet's name or title: 人才 (2), 附表1-社会工作专业人才, 西湖区资金报送表.

    A longer name hides those within it (项目人员, 项目). None where two are left.
    """
    text = re.sub(r"\s", "", normalise.clean(words))
    names = {name: table for table, c in contracts.items() for name in (table, c.title, *c.aliases)}
    found: set[str] = set()
    for name in sorted(names, key=len, reverse=True):
        if name in text:
            found.add(names[name])
            text = text.replace(name, "|")
    return found.pop() if len(found) == 1 else None


def _unit(said: str, units: dict[str, str]) -> str | None:
    """A unit by its code, or by the one name that stands in what is said: 杭州市西湖区民政局 is 西湖区."""
    if found := re.search(r"(?<![0-9])[0-9]{6}(?![0-9])", said):
        return found[0]
    named = [code for code, name in units.items() if name in said]
    return named[0] if len(named) == 1 else None


def _count(said: str) -> int | None:
    """A sequence or version, which clerks write as 2, 02, v2 or 第2次; None where it is no small number."""
    found = re.fullmatch(r"[^0-9]*([0-9]{1,3})[^0-9]*", normalise.clean(said))
    return int(found[1]) if found else None


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 a day has no zone
    except ValueError:
        return None

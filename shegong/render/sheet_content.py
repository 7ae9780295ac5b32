"""What stands on one sheet of a county's workbook: who reports, which columns and rows. No look here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shegong.contract import Contract, Field

MODES = {"D": "变更", "S": "全量"}
# last words in the names of whole numbers that a sum makes no sense of
_NOT_COUNTED = ("year", "seq", "no", "grade")


@dataclass(frozen=True)
class Envelope:
    """What the row under the title says. `report_date` None leaves it for the clerk to fill."""

    unit_code: str
    unit_name: str
    report_date: date | None
    mode: str
    sequence: int = 1
    version: int = 1
    remark: str = ""

    @property
    def labels(self) -> list[str]:
        unit = f"{self.unit_name}（{self.unit_code}）" if self.unit_code else ""
        day = self.report_date.isoformat() if self.report_date else ""
        version = str(self.version) if self.version > 1 else ""
        labels = [f"填报单位：{unit}", f"填报日期：{day}", f"报送方式：{MODES[self.mode]}"]
        return [
            *labels,
            f"序号：{self.sequence:02d}",
            f"替换：{version}",
            *([self.remark] if self.remark else []),
        ]


@dataclass(frozen=True)
class Sheet:
    """One table's sheet. A row maps field names to values; a missing or None value is an empty cell.

    `headers` are the field names to print, in order (all by default); a name that the contract lacks is a
    column of its own, printed as it is. `printed` gives other words for a field's header, such as its alias.
    `totals` are figures for the 合计 row in place of sums, by field.
    """

    contract: Contract
    rows: Sequence[Mapping[str, object]] = ()
    headers: Sequence[str] | None = None
    sheet_name: str | None = None
    printed: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.sheet_name or self.contract.title

    def header(self, name: str, spec: Field | None) -> str:
        return self.printed.get(name) or (spec.header if spec else name)

    @property
    def columns(self) -> list[tuple[str, Field | None]]:
        """Name and field of each column; the field is None for a column that the contract lacks."""
        known = {f.name: f for f in self.contract.fields}
        names = list(known) if self.headers is None else self.headers
        return [(name, known.get(name)) for name in names]


def is_additive(spec: Field) -> bool:
    """Whether the 合计 row has a sum under this column: money, and counts of people or things."""
    if spec.type == "integer":
        return spec.name.rsplit("_", 1)[-1] not in _NOT_COUNTED
    return spec.type == "decimal" and spec.unit in ("yuan", "wan_yuan")

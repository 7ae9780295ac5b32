"""The 报送封面 of a workbook against its tables: rows and sums that it states, compared with what was read.

A cover that states nothing is no cover. Names and telephone numbers on it are never looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shegong.contract import Contract
from shegong.intake import clerk_numbers, layout
from shegong.intake.envelope import find_table
from shegong.intake.sheets import Sheet, column_letter, grid
from shegong.render.cover import COVER, ROWS_ITEM, SUM_SUFFIX

__all__ = ["COVER", "Mismatch", "Stated", "mismatches", "read"]
_MEND = "请核对封面和表中的数据，改正后以替换版重新报送整份文件"
_NEAR = Decimal("0.005")


@dataclass(frozen=True)
class Stated:
    """One line of the cover: of which table it is, the item as printed, and its figure."""

    table: str
    item: str
    figure: Decimal
    sheet_name: str
    row_number: int
    column_letter: str


@dataclass(frozen=True)
class Mismatch:
    """A line of the cover that the table contradicts: what the finding says, and where on the cover it stands."""

    rule_id: str
    stated: Stated
    text: str
    mend: str = _MEND


def read(sheet: Sheet, contracts: Mapping[str, Contract]) -> list[Stated]:
    """The figures of a cover, which the reader handed on as a form. Lines without a figure state nothing."""
    stated = []
    for row_number, cells in grid(sheet):
        said, item, figure = (*cells, None, None, None)[:3]
        table, value = find_table(said or "", contracts), clerk_numbers.read_number(figure or "")
        if table and item and value is not None:
            place = (sheet.name, row_number, column_letter(2))
            stated.append(Stated(table, item.strip(), Decimal(value), *place))
    return stated


def mismatches(
    stated: Sequence[Stated], contract: Contract, rows: int, sums: Mapping[str, object]
) -> list[Mismatch]:
    """What the cover says of this table and the table does not. `sums` are of fields, in the fields' own units."""
    found = []
    for line in stated:
        if line.table != contract.table:
            continue
        if line.item == ROWS_ITEM:
            if line.figure != rows:
                text = f"封面填报 {line.figure} 行，表中实有 {rows} 行"
                found.append(Mismatch("file.cover_rows", line, text))
        elif found_field := layout.field_of(line.item.removesuffix(SUM_SUFFIX), contract):
            field, factor = found_field
            actual = Decimal(str(sums.get(field.name) or 0))
            if abs(line.figure * factor - actual) > _NEAR * factor:
                text = f"封面的{line.item}是 {line.figure:,f}，与表中各行之和 {actual / factor:,f} 不符"
                found.append(Mismatch("file.cover_total", line, text))
    return found

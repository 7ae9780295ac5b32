"""Which rows of a sheet are data: not blank ones, headers said again, notes, headings of parts or totals.

The totals' figures are compared with the rows: 合计 with all of them, 小计 with those of its part.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from shegong.intake import fields, normalise
from shegong.intake.layout import Placed

_TOTAL = r"^[本全]?(?:页|表|[省市县区])?\s*(?:合\s*计|总\s*计|共\s*计|小\s*计|平\s*均(?:值|数)?)(?:数|金额|人数)?\s*[：:]?$"
_PART, _MEAN = re.compile(r"小\s*计|^本?页"), re.compile(r"平\s*均")
_NOTE = r"^(?:注|附注|说明|备注|填表说明|填报说明|审核人|填表人|制表人|填报人|单位负责人|负责人|联系电话|电话|日期|填表日期)\s*\d?\s*[：:]"
_PART_HEADING = r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])"
_LOOKED_AT = 6  # columns from the left in which a total says that it is one
_NEAR = Decimal("0.005")
_MEND = "请核对合计和各行"


@dataclass(frozen=True)
class Mismatch:
    """A figure that a total states and that is not the sum of its rows; both in the field's unit."""

    row_number: int
    placed: Placed
    stated: object
    rule: str
    text: str
    mend: str = _MEND


@dataclass
class _Total:
    """A total's row: its figures by field, and the sums of all rows above it."""

    row_number: int
    is_part: bool
    stated: dict[str, object]
    before: dict[str, object] = field(default_factory=dict)


class DataRows:
    """The data rows of one sheet. Call `of` for each chunk in order and `add` for each of its columns of figures."""

    def __init__(self, layout: Sequence[Placed]) -> None:
        self._columns = [str(placed.index) for placed in layout]
        self._known = [placed for placed in layout if placed.field]
        self._figures = [p for p in self._known if p.field.type in ("integer", "decimal")]
        self._named = self._known[:2]
        # 合计 is a code in some lists (the exam's groups), and is then no sign of a total
        self._signs = [
            p for p in self._known[:_LOOKED_AT] if not (p.field.codes and "合计" in p.field.codes.words)
        ]
        self._must = [str(p.index) for p in self._known if p.field.required and p.field.default is None]
        self._totals: list[_Total] = []
        self._open: list[_Total] = []  # of the chunk under way
        self._in_notes = False
        self.sums: dict[str, object] = {}

    def of(self, chunk: pl.DataFrame) -> pl.DataFrame:
        """The chunk's rows of data."""
        self._open = []
        looked_at = chunk.select(self._suspect().fill_null(False)).to_series()
        if not looked_at.any():
            self._in_notes = False
            return chunk
        columns = chunk.select("_row_number", *self._columns).filter(looked_at)
        other = [row["_row_number"] for row in columns.iter_rows(named=True) if not self._is_data(row)]
        return chunk.filter(~pl.col("_row_number").is_in(other)) if other else chunk

    def add(self, name: str, values: pl.Series, numbers: pl.Series) -> None:
        """Count a column's figures, refused rows' included."""
        for total in self._open:
            above = values.filter(numbers < total.row_number)
            total.before[name] = (self.sums.get(name) or 0) + (above.sum() or 0)
        if not values.is_null().all():
            self.sums[name] = self.sums.get(name, 0) + values.sum()

    def mismatches(self) -> list[Mismatch]:
        """Stated figures that are not the sums. Ask when all rows have been counted."""
        by_name = {placed.field.name: placed for placed in self._figures}
        several = sum(not total.is_part for total in self._totals) > 1
        found = []
        for at, total in enumerate(self._totals):
            for name, stated in total.stated.items():
                whole = self.sums.get(name) or 0
                parts = self._parts(at, name) if total.is_part or several else []
                if any(abs(Decimal(str(stated)) - Decimal(str(sum_))) <= _NEAR for sum_ in (whole, *parts)):
                    continue
                placed, rows = by_name[name], parts[0] if parts else whole
                kind, rule = ("小计", "subtotal_mismatch") if total.is_part else ("合计", "total_mismatch")
                text = f"{placed.field.header}的{kind}与各行之和不符（各行之和 {rows}）"
                found.append(Mismatch(total.row_number, placed, stated, rule, text))
        return found

    def _parts(self, at: int, name: str) -> list:
        """Sums that a part's total may mean: of the rows since the last total, or up to the next, where it stands above."""
        here = self._totals[at].before.get(name) or 0
        above = [total.before.get(name) or 0 for total in self._totals[:at]]
        below = [total.before.get(name) or 0 for total in self._totals[at + 1 :]]
        end = below[0] if below else self.sums.get(name) or 0
        return [here - (above[-1] if above else 0), end - here]

    def _suspect(self) -> pl.Expr:
        """Rows that lack something every row of data has, or begin as no data does: few, but where much is wrong."""
        signs = pl.col(str(self._signs[0].index)) if self._signs else pl.lit(None, dtype=pl.String)
        lacking = pl.any_horizontal(pl.col(self._must).is_null()) if self._must else pl.lit(value=False)
        repeated = pl.all_horizontal(pl.col(str(p.index)) == p.header.split("/")[-1] for p in self._named)
        return lacking | signs.str.contains(_TOTAL) | repeated

    def _is_data(self, row: dict) -> bool:
        cells = {name: row[name].strip() for name in self._columns if row[name] and row[name].strip()}
        if not cells:
            return False
        if total := self._total_word(cells):
            self._state(row, total)
            return False
        first = next(iter(cells.values()))
        if re.match(_NOTE, first) and not all(name in cells for name in self._must):
            self._in_notes = True
            return False
        if len(cells) == 1 and (self._in_notes or re.match(_PART_HEADING, first)):
            return False
        if self._is_header(cells):
            return False
        self._in_notes = False
        return True

    def _is_header(self, cells: dict[str, str]) -> bool:
        same = [
            cells.get(str(p.index)) in (p.header, p.header.split("/")[-1], *p.path)
            for p in self._known
            if str(p.index) in cells
        ]
        return len(same) >= 1 and all(same) and (len(same) > 1 or len(self._known) == 1)

    def _total_word(self, cells: dict[str, str]) -> str | None:
        """The word by which a row says that it is a total: before it stands nothing that we know."""
        known = {str(p.index) for p in self._known}
        signs = {str(p.index) for p in self._signs}
        for name, cell in cells.items():
            if re.match(_TOTAL, normalise.clean(cell)) and (name in signs or name not in known):
                return normalise.clean(cell)
            if name in known:
                return None
        return None

    def _state(self, row: dict, word: str) -> None:
        if _MEAN.search(word):
            return
        stated = {}
        for placed in self._figures:
            if (cell := row[str(placed.index)]) is None:
                continue
            read = fields.read(placed.field, pl.Series([cell], dtype=pl.String), factor=placed.factor)
            if read.values[0] is not None:
                stated[placed.field.name] = read.values[0]
        total = _Total(row["_row_number"], bool(_PART.search(word)), stated)
        self._totals.append(total)
        self._open.append(total)

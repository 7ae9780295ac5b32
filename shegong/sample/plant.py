"""One planted defect, and how it gets into a table: as a new row that is right but for the defect."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from shegong.sample.fresh import Fresh
from shegong.sample.identity import credit_code
from shegong.sample.submission import KEEP, Mark

# where rows of several tables are planted that speak of each other
ONE_UNIT = "330106"
CLOSED_AGENCY = credit_code(f"52{ONE_UNIT}", "MJX00001")


@dataclass
class Plant:
    """`pick`: what the copied row must be. `set`: stored values, or a function of (row, fresh) that gives
    them.

    `raw`: what stands in the blamed cell instead of its stored value, or a function of the row. `also`:
    further findings (rule id, level,
    field) that the same defect brings by itself. Level E rows are refused; all others count, and
    without a level nothing is told of the row itself.
    `unit`: the only unit that it can be planted in. `at_end`: the row must come after all others.
    """

    rule_id: str
    level: str
    field: str | None
    pick: dict = field(default_factory=dict)
    set: dict | Callable[[dict, Fresh], dict] = field(default_factory=dict)
    raw: object = KEEP
    also: tuple = ()
    unit: str | None = None
    at_end: bool = False
    needs_workbook: bool = False
    keep_key: bool = False

    @property
    def table(self) -> str:
        return self.rule_id.split(".")[0]

    @property
    def is_refused(self) -> bool:
        return self.level == "E" or any(level == "E" for _, level, _ in self.also)

    def grow(self, fresh: Fresh, unit: str) -> tuple[dict, list[Mark]]:
        """The row and its marks (with row None, for the caller to place)."""
        if self.keep_key:
            rows = fresh.rows_of(self.table, unit, self.pick)
            row = rows.iloc[int(fresh.world.rng.integers(len(rows)))].to_dict()
        else:
            row = fresh.make(self.table, unit, self.pick)
        row |= self.set(row, fresh) if callable(self.set) else self.set
        raw = self.raw(row) if callable(self.raw) else self.raw
        if self.level == "E" and self.raw is not KEEP:
            row[self.field] = None
        marks = [Mark(None, self.field, self.rule_id, self.level, raw)] if self.level else []
        marks += [Mark(None, name, rule, level) for rule, level, name in self.also]
        return row | {"_refused": self.is_refused}, marks


class Bed:
    """Rows planted into the units of one day. Chooses for each plant the unit where it weighs least."""

    def __init__(self, fresh: Fresh, csv_files: set[tuple[str, str]]) -> None:
        self._fresh, self._csv = fresh, csv_files
        self._load: dict[tuple[str, str], int] = {}
        self.rows: dict[tuple[str, str], list[tuple[dict, list[Mark], bool]]] = {}
        self._on_base: dict[tuple[str, str], list[Mark]] = {}

    def mark(self, table: str, unit: str, mark: Mark) -> None:
        """Expect a finding on a row of the world itself; its `row` is the index label there."""
        self._on_base.setdefault((table, unit), []).append(mark)

    def plant(self, plant: Plant) -> None:
        unit = plant.unit or self._choose(plant)
        row, marks = plant.grow(self._fresh, unit)
        self._load[plant.table, unit] = self._load.get((plant.table, unit), 0) + 1
        self.rows.setdefault((plant.table, unit), []).append((row, marks, plant.at_end))

    def _choose(self, plant: Plant) -> str:
        tables = self._fresh.world.tables
        sizes = tables[plant.table].groupby("_unit").size()
        scores = {}
        for unit in self._fresh.world.places.counties:
            if plant.needs_workbook and (unit, plant.table) in self._csv:
                continue
            weight = (self._load.get((plant.table, unit), 0) + 1) / (sizes.get(unit, 0) + 1)
            scores[unit] = weight
        for unit in sorted(scores, key=scores.get):
            pick = (
                plant.pick
                if plant.table != "talent" or plant.keep_key
                else {"highest_level": "0", "status": "1", "id_type": "1"} | plant.pick
            )
            if len(self._fresh.rows_of(plant.table, unit, pick)):
                return unit
        raise LookupError(f"no row fits {plant.rule_id}: {plant.pick}")

    def sow(self, table: str, unit: str, rows: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, list[Mark]]:
        """The unit's rows with what was planted among them, at random places; marks by the new index."""
        planted, marks = self.rows.get((table, unit), []), self._on_base.get((table, unit), [])
        rows = rows.assign(_refused=False)
        if not planted:
            new = {old: at for at, old in enumerate(rows.index)}
            return rows.reset_index(drop=True), [replace(m, row=new[m.row]) for m in marks]
        size = len(rows)
        both = pd.concat(
            [rows.astype(object), pd.DataFrame([row for row, _, _ in planted], dtype=object)[rows.columns]]
        )
        both["_label"] = [*rows.index, *(("new", at) for at in range(len(planted)))]
        spots = pd.Series(range(len(planted))).sample(frac=1, random_state=seed)
        spread = [size * (2 * int(spot) + 1) / (2 * len(planted)) for spot in spots]
        ends = [float("inf") if end else spot for spot, (_, _, end) in zip(spread, planted, strict=True)]
        both = both.iloc[np.argsort([*range(size), *ends], kind="stable")]
        new = {label: at for at, label in enumerate(both["_label"])}
        both = both.drop(columns="_label").reset_index(drop=True)
        both["_refused"] = both["_refused"].astype(bool)
        found = [replace(m, row=("new", at)) for at, (_, own, _) in enumerate(planted) for m in own]
        return both, [replace(m, row=new[m.row]) for m in [*marks, *found]]

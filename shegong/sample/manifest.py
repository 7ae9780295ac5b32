"""The five lists beside the sample. `defects.csv`: every finding that must come, and no other. `states.csv`: what must
become of each file and table, a later day's row where that changes. `truth.csv`: what each goal must be, a row a day, goal
and area (truth.py says how each is read). `acts.csv`: what people do in the morning of a day (acts.py does it).
`cases.csv`: what must have become of life cycles after a day: claims, late files, headings, explanations, mergers.
"""

import dataclasses
from pathlib import Path

import pandas as pd

from shegong import contract
from shegong.sample import layout, truth
from shegong.sample.places import Places
from shegong.sample.state import InForce
from shegong.sample.submission import DAYS, Act, Case, Delivery, Mark, Submission

DEFECTS = ["day", "date", "unit", "file", "sheet", "row", "column_header", "rule_id", "level"]
STATES = ["day", "date", "unit", "file", "table", "state"]


def write(out: Path, deliveries: list[Delivery], places: Places, days: int) -> None:
    defects = pd.DataFrame([row for d in deliveries for row in _defects(d)], columns=DEFECTS)
    defects["row"] = defects["row"].astype("Int64")
    defects.to_csv(out / "defects.csv", index=False)
    pd.DataFrame([row for d in deliveries for row in _states(d, days)], columns=STATES).to_csv(
        out / "states.csv", index=False
    )
    _listed(deliveries, days, "acts").to_csv(out / "acts.csv", index=False)
    _listed(deliveries, days, "cases").to_csv(out / "cases.csv", index=False)
    true_figures(deliveries, places, days).to_csv(out / "truth.csv", index=False)


def _listed(deliveries: list[Delivery], days: int, name: str) -> pd.DataFrame:
    """Acts or cases up to a day, a row each, with the file that they are about."""
    kind = {"acts": Act, "cases": Case}[name]
    rows = [
        {"date": DAYS[item.day - 1], "unit": delivery.unit, "file": delivery.name} | vars(item)
        for delivery in deliveries
        for item in getattr(delivery, name)
        if item.day <= days
    ]
    fields = [f.name for f in dataclasses.fields(kind)]
    made = pd.DataFrame(rows, columns=["day", "date", "unit", "file", *fields[1:]])
    if "row" in made:
        made["row"] = made["row"].astype("Int64")
    return made.sort_values("day", kind="stable")


def true_figures(deliveries: list[Delivery], places: Places, days: int) -> pd.DataFrame:
    """The truth of each day, one row a day, goal or count, and area."""
    in_force = InForce([sub for d in deliveries for sub in d.submissions])
    parts = []
    for day in range(1, days + 1):
        part = truth.of_day(in_force, places, day, DAYS[day - 1])
        parts.append(part.assign(day=day, date=DAYS[day - 1])[["day", "date", *truth.COLUMNS]])
    return pd.concat(parts, ignore_index=True)


def _defects(delivery: Delivery) -> list[tuple]:
    begin = (delivery.day, DAYS[delivery.day - 1], delivery.unit, delivery.name)
    found = [
        (*begin, sheet, row, header, rule, level) for rule, level, sheet, row, header in delivery.findings
    ]
    for sub in delivery.submissions:
        if sub.state == "refused":  # nobody reads its rows
            continue
        sheet = "" if delivery.is_csv else contract.load()[sub.table].title
        found += [
            (*begin, sheet, *place_of(sub, mark, delivery.is_csv), mark.rule_id, mark.level)
            for mark in sub.marks
        ]
    return found


def place_of(sub: Submission, mark: Mark, is_csv: bool) -> tuple[int | None, str]:
    first = layout.FIRST_ROW["csv" if is_csv else "xlsx"]
    header = contract.load()[sub.table].field(mark.field).header if mark.field else mark.header
    if mark.row is None:
        return None, header
    if mark.row == "header":
        return first - 1, header
    if mark.row == "total":
        return first + len(sub.rows), header
    return first + sub.rows.index.get_loc(mark.row), header


def _states(delivery: Delivery, days: int) -> list[tuple]:
    begin = (delivery.day, DAYS[delivery.day - 1], delivery.unit, delivery.name)
    rows = [(*begin, table, state) for table, state in delivery.states]
    for sub in delivery.submissions:
        if sub.state in ("refused", "duplicate"):
            continue
        rows.append((*begin, sub.table, sub.state))
        if sub.replaced_on and sub.replaced_on <= days:
            rows.append((sub.replaced_on, DAYS[sub.replaced_on - 1], *begin[2:], sub.table, "replaced"))
        if sub.decided_on and sub.decided_on <= days:
            refused = sub.rows["_refused"].any()
            state = ("partly_accepted" if refused else "accepted") if sub.is_released else "rejected"
            rows.append((sub.decided_on, DAYS[sub.decided_on - 1], *begin[2:], sub.table, state))
    return rows

"""The first day: full rosters of everything from every unit, with the defects that a roster can carry
planted in them.
"""

from datetime import date

import pandas as pd

from shegong import contract
from shegong.sample import field_plants, open_document, rule_plants
from shegong.sample.field_plants import FIXED_VALUES
from shegong.sample.fresh import Fresh
from shegong.sample.places import PROVINCE_UNIT
from shegong.sample.plant import Bed
from shegong.sample.submission import Delivery, Mark, Submission, csv_form
from shegong.sample.world import World

SINGLE = ("community", "talent", "certificate", "agency", "post", "employer", "funding")
PACKAGES = {
    "项目": ("project", "project_staff", "labour_cost"),
    "培训": ("training_session", "training_attendance"),
    "年报": (
        *("agency_year", "employer_year", "pay", "evaluation"),
        *("exam", "exam_incentive", "supervisor", "volunteer_org"),
    ),
    "台账": ("event", "pairing", "service_request", "task", "summary", "township"),
}
_CSV_SHARE = 0.15


def make(world: World, fresh: Fresh) -> list[Delivery]:
    rng = world.rng
    units = list(world.places.units.index)
    csv_files = {(unit, table) for unit in units for table in SINGLE if rng.random() < _CSV_SHARE}
    csv_files.discard(
        (PROVINCE_UNIT, "agency")
    )  # what only the province may say is planted there, number cells too
    bed = Bed(fresh, csv_files)
    _plant_all(bed)
    _fix_all(world, bed)
    _blame_budgets(world, bed)
    deliveries = []
    parts = {table: dict(iter(rows.groupby("_unit"))) for table, rows in world.tables.items()}
    for at, unit in enumerate(units):
        subs = {t: _submission(bed, t, unit, parts[t][unit], at) for t in parts if unit in parts[t]}
        deliveries += [
            _delivery(world, subs[table], (unit, table) in csv_files, at) for table in SINGLE if table in subs
        ]
        for title, tables in PACKAGES.items():
            name = f"{world.places.units.at[unit, 'name']} {title} {date(2026, 5, 6):%m%d}.xlsx"
            made = Delivery(1, unit, name, [subs[table] for table in tables if table in subs])
            made.twist = _merge_employers if title == "年报" and at % 7 == 3 else None
            deliveries.append(made)
    _spoil(deliveries)
    return deliveries


def _plant_all(bed: Bed) -> None:
    for table, spec in contract.load().items():
        for plant in [*field_plants.plants(spec), *rule_plants.common(table)]:
            bed.plant(plant)
    for plant in [
        *rule_plants.special(),
        *field_plants.closed_community_fixes(),
    ]:
        bed.plant(plant)


def _fix_all(world: World, bed: Bed) -> None:
    """For each field one cell that the reader repairs, in a row of the world that stays as it is."""
    for table, spec in contract.load().items():
        rows = world.tables[table]
        for at, field in enumerate(spec.fields):
            if field.name in ("row_action", "corrects_key") or (table, field.name) in (
                ("community", "close_date"),
                ("community", "merged_into"),
            ):
                continue
            said = rows.index[rows[field.name].notna()]
            label = said[(7 + 131 * at) % len(said)] if len(said) else rows.index[(7 + 131 * at) % len(rows)]
            if not len(said):
                rows.at[label, field.name] = FIXED_VALUES[field.name]
            raw = field_plants.render_fixed(field, rows.at[label, field.name])
            bed.mark(
                table,
                rows.at[label, "_unit"],
                Mark(label, field.name, f"{table}.{field.name}.fixed", "I", raw),
            )


def _blame_budgets(world: World, bed: Bed) -> None:
    """Every budget over the limit is told (P): these rows are true, and break clause 六."""
    rows = world.tables["project"]
    for label in rows.index[is_over_limit(rows)]:
        bed.mark(
            "project", rows.at[label, "_unit"], Mark(label, "budget_labour_yuan", "project.labour_share", "P")
        )


def is_over_limit(rows: pd.DataFrame) -> pd.Series:
    """Labour over 70% of the budget, counted in cents."""
    labour = (rows["budget_labour_yuan"].astype(float) * 100).round()
    budget = (rows["budget_yuan"].astype(float) * 100).round()
    return labour * 10 > budget * 7


def _submission(bed: Bed, table: str, unit: str, rows: pd.DataFrame, at: int) -> Submission:
    sown, marks = bed.sow(table, unit, rows, seed=at)
    return Submission(1, unit, table, "S", sown, marks)


def _delivery(world: World, sub: Submission, is_csv: bool, at: int) -> Delivery:
    if is_csv:
        encoding = ("utf-8", "gb18030", "utf-8-sig", "gb18030")[(at + len(sub.table)) % 4]
        return Delivery(1, sub.unit, csv_form(sub, "csv"), [sub], encoding)
    if at % 9 == 4:  # a template may have any name
        title = contract.load()[sub.table].title
        return Delivery(1, sub.unit, f"{world.places.units.at[sub.unit, 'name']} {title} 5月6日.xlsx", [sub])
    return Delivery(1, sub.unit, csv_form(sub, "ods" if at % 13 == 6 else "xlsx"), [sub])


def _merge_employers(page: dict) -> dict:
    """An employer's cell stands for its rows, as offices like it."""
    return page | {"merged": ["单位代码"]} if page["table"] in ("pay", "evaluation") else page


def _spoil(deliveries: list[Delivery]) -> None:
    """What concerns a sheet, not a row: a column that nobody asked for, a 合计 that is wrong, a line with a
    cell too few.
    """
    books = [d for d in deliveries if not d.is_csv and len(d.submissions) == 1]
    stranger = next(d for d in books if d.submissions[0].table == "employer")
    stranger.twist = _add_column
    stranger.submissions[0].marks.append(Mark("header", None, "file.header_unknown", "N", header="联系电话"))
    wrong = next(d for d in books if d.submissions[0].table == "community")
    wrong.twist = _wrong_total
    wrong.submissions[0].marks.append(Mark("total", "population", "file.total_mismatch", "W"))
    blank = next(d for d in books if d.name.endswith(".ods"))
    blank.twist = _add_formula
    blank.submissions[0].marks.append(Mark(None, None, "file.formula_blank", "N"))
    short = next(d for d in deliveries if d.is_csv and d.submissions[0].table == "talent")
    sub = short.submissions[0]
    label = sub.rows.index[-1]
    assert not sub.rows.at[label, "_refused"]
    sub.rows.loc[len(sub.rows)] = sub.rows.loc[label]
    sub.rows.at[sub.rows.index[-1], "_refused"] = True
    sub.state = "partly_accepted"
    sub.marks.append(Mark(sub.rows.index[-1], None, "file.row_shape", "E"))
    short.twist = _cut_last


def _add_column(page: dict) -> dict:
    page["grid"].headers.append("联系电话")
    for row in page["grid"].rows:
        row.append("见通讯录")
    page["grid"].totals.append(None)
    return page


def _add_formula(page: dict) -> dict:
    """A formula without a result, in the first cell that is empty."""
    row, at = next((row, at) for row in page["grid"].rows for at, cell in enumerate(row) if cell is None)
    row[at] = open_document.BLANK_FORMULA
    return page


def _wrong_total(page: dict) -> dict:
    at = page["grid"].headers.index("常住人口")
    page["grid"].totals[at] += 1000
    return page


def _cut_last(lines: list[list]) -> list[list]:
    return [*lines[:-1], lines[-1][:-2]]

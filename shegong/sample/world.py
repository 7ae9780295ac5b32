"""The invented province on its first day: clean rows of all tables that fit each other. No defects and no
files here.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shegong import contract
from shegong.sample import (
    happenings,
    measured_people,
    measured_services,
    organisations,
    people,
    places,
    work,
    yearly,
)
from shegong.sample.identity import Identities

# published figures: mid-2018 (26,413 / 14,340 / 787), the goals for 2022, and about March 2025 (domain.md, 3)
SCALES = {"2018": (26_413, 14_340, 787), "2022": (100_000, 60_000, 1_600), "2025": (273_800, 148_700, 8_160)}


@dataclass
class World:
    """`tables`: rows as the contracts store them (codes, dates, numbers), with `_unit`, the unit that
    reports them.
    """

    places: places.Places
    who: Identities
    tables: dict[str, pd.DataFrame]
    rng: np.random.Generator


def build(scale: str, seed: int) -> World:
    certified, seats, offices = SCALES[scale]
    rng = np.random.default_rng(seed)
    where = places.load()
    who = Identities(rng, where.id_prefixes)
    tables = {"community": organisations.communities(where, rng)}
    tables["agency"] = organisations.agencies(where, who, offices)
    tables["employer"] = organisations.employers(where, who, per_unit=6)
    tables["talent"] = people.talent(where, who, tables["agency"], tables["employer"], certified)
    tables["certificate"] = people.certificates(tables["talent"], rng)
    tables["agency"] = organisations.with_certified(tables["agency"], tables["talent"], rng)
    tables["post"] = work.posts(where, tables["talent"], tables["employer"], seats, rng)
    tables["employer"] = organisations.with_posts(tables["employer"], tables["post"], rng)
    tables["project"] = work.projects(where, tables["agency"], 91 * 11, rng)
    tables["project_staff"] = work.project_staff(
        tables["talent"], tables["certificate"], tables["project"], rng
    )
    tables["labour_cost"] = work.labour_costs(tables["project"], tables["project_staff"], rng)
    tables["funding"] = work.funding(where, rng)
    _add_rest(tables, where, who, rng)
    return World(where, who, {name: _complete(name, rows) for name, rows in tables.items()}, rng)


def _add_rest(tables: dict, where: places.Places, who: Identities, rng: np.random.Generator) -> None:
    """The tables of a year, of events and of totals, which speak of the others' rows."""
    agency, employer, talent = tables["agency"], tables["employer"], tables["talent"]
    tables["agency_year"] = yearly.agency_years(agency, rng)
    tables["employer_year"] = yearly.employer_years(employer, rng)
    tables["pay"] = yearly.pay(talent, employer, rng)
    tables["evaluation"] = yearly.evaluations(talent, employer, rng)
    tables["exam"] = yearly.exams(where, rng)
    tables["exam_incentive"] = yearly.incentives(where, rng)
    tables["supervisor"] = yearly.supervisors(talent, agency, rng)
    tables["volunteer_org"] = yearly.volunteer_orgs(where, who)
    tables["summary"] = yearly.summaries(where, tables, rng)
    tables["township"] = yearly.townships(where, rng)
    tables["training_session"] = happenings.sessions(where, rng)
    tables["training_attendance"] = happenings.attendances(talent, tables["training_session"], rng)
    tables["event"] = happenings.events(where, rng)
    tables["pairing"] = happenings.pairings(where, rng)
    tables["service_request"] = happenings.requests(where, agency, rng)
    tables["task"] = happenings.tasks(where, rng)
    measured_people.add(tables, where, who)
    measured_services.add(tables, where, who)


def _complete(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Every field of the contract as a column of objects, None where nothing is said."""
    for field in contract.load()[table].fields:
        if field.name not in rows:
            rows[field.name] = None
        rows[field.name] = as_stored(field, rows[field.name])
    return rows[["_unit", *(f.name for f in contract.load()[table].fields)]].reset_index(drop=True)


def as_stored(field: contract.Field, values: pd.Series) -> pd.Series:
    """Python values of the field's type: date, int, float, bool or str, and None."""
    if field.type in ("date", "month"):
        days = pd.Series(pd.to_datetime(values).dt.date.to_numpy(), index=values.index, dtype=object)
        return days.where(values.notna(), None)
    known = values.notna()
    if field.type == "integer":
        made = [int(v) if ok else None for v, ok in zip(values, known, strict=True)]
    elif field.type == "decimal":
        made = [float(v) if ok else None for v, ok in zip(values, known, strict=True)]
    elif field.type == "boolean":
        made = [bool(v) if ok else None for v, ok in zip(values, known, strict=True)]
    else:
        made = [str(v) if ok else None for v, ok in zip(values, known, strict=True)]
    return pd.Series(made, index=values.index, dtype=object)

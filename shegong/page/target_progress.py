"""Progress to the paper's targets as published: what the page's charts and its map of counties show. Reads only."""

import csv
from functools import cache
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

REFERENCE = Path(__file__).parents[1] / "reference"
CLASSES = 5

_PROVINCE = """
select goal_id, measure_id, clause, goal_name, state, value, numerator, denominator, target, unit, direction, gap, deadline,
    is_expired, coverage, is_carried_forward, as_of_date, publication_id
from marts.mart_target_progress where area_level = 'province' order by goal_id, measure_id
"""
_AREAS = """
select area_level, area_code, area_name, state, value, numerator, denominator, target, gap, coverage, is_carried_forward, unit, direction
from marts.mart_target_progress
where goal_id = %s and measure_id = %s and area_level <> 'province'
order by area_code
"""


def of_province(connection: psycopg.Connection) -> list[dict]:
    """One dict per goal and measure; empty before the first publication."""
    if connection.execute("select to_regclass('marts.mart_target_progress')").fetchone()[0] is None:
        return []
    return connection.cursor(row_factory=dict_row).execute(_PROVINCE).fetchall()


def of_areas(connection: psycopg.Connection, goal: str, measure: str) -> list[dict]:
    """One dict per city, county and own unit for a goal's measure."""
    return connection.cursor(row_factory=dict_row).execute(_AREAS, [goal, measure]).fetchall()


@cache
def tiles() -> list[tuple[str, str, int, int]]:
    """Where each county stands on the map of tiles: code, name, row, column (from 1); north is up, distances are not true."""
    with (REFERENCE / "zhejiang_tiles.csv").open(encoding="utf-8") as file:
        return [
            (r["area_code"], r["area_name"], int(r["row"]), int(r["column"])) for r in csv.DictReader(file)
        ]


def classes(values: dict[str, float]) -> tuple[dict[str, int], list[tuple[float, float]]]:
    """Area -> class 0 … CLASSES-1 by rank, equal values in one class; and each class's least and greatest value."""
    ranked = sorted(set(values.values()))
    of_value = {value: at * CLASSES // len(ranked) for at, value in enumerate(ranked)}
    bounds = [[v for v in ranked if of_value[v] == n] for n in range(CLASSES)]
    return {area: of_value[value] for area, value in values.items()}, [(b[0], b[-1]) for b in bounds if b]

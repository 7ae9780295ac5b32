"""The catalogue of measures, each with its figures and targets: as the warehouse keeps it, or as it was shipped. Reads only."""

import re

import psycopg
from psycopg.rows import dict_row

from shegong import reference_files
from shegong.reference_files import Row

_QUERIES = {
    "measure": "select * from reference.measure",
    "figure": "select * from reference.figure",
    "target": "select * from reference.target order by goal_id, measure_id",
}


def kept(connection: psycopg.Connection) -> list[Row]:
    """One row per measure that the bureau keeps, in the paper's order, with its `figures` and `targets`."""
    cursor = connection.cursor(row_factory=dict_row)
    return _joined(*(cursor.execute(query).fetchall() for query in _QUERIES.values()))


def shipped() -> list[Row]:
    """The same of our files: what a new warehouse is loaded with."""
    return _joined(
        reference_files.measure_rows(), reference_files.figure_rows(), reference_files.target_rows()
    )


def _joined(measures: list[Row], figures: list[Row], targets: list[Row]) -> list[Row]:
    return [
        measure
        | {
            "figures": sorted(_of(measure, figures), key=_headline_first),
            "targets": _of(measure, targets),
        }
        for measure in sorted(measures, key=_paper_order)
    ]


def _of(measure: Row, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["measure_id"] == measure["measure_id"]]


def _paper_order(measure: Row) -> tuple:
    """M07-2 before M07-10; an id of the bureau's own making comes last."""
    name = str(measure["measure_id"])
    parts = re.fullmatch(r"M(\d+)-(\d+)", name)
    return (0, int(parts[1]), int(parts[2]), name) if parts else (1, 0, 0, name)


def _headline_first(figure: Row) -> tuple:
    return figure["figure_id"] != "value", str(figure["figure_id"])

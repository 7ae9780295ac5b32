"""Fills schema `reference` from the files in shegong/reference: areas, calendar, codes, parameters, goals.

A first load: what the bureau edited afterwards is never written over. What the files hold is in reference_files.py.
"""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from shegong import contract, database, reference_files
from shegong.reference_files import Row


def load(admin_dsn: str) -> dict[str, int]:
    """Fill what is missing; returns the rows added per table. All of it or nothing.

    Run again: rows that are there stay as they are, so the bureau's edits live; areas are added to an empty
    table only, since the bureau may mend the date that is part of their key. Labels of codes follow the
    contracts, where they are declared.
    """
    with database.connect(admin_dsn) as connection:
        has_areas = connection.execute("select exists (select from reference.area)").fetchone()[0]
        added = {"area": 0 if has_areas else _insert(connection, "area", reference_files.area_rows())}
        added["unit"] = _insert(connection, "unit", reference_files.unit_rows())
        added["township"] = _insert(connection, "township", reference_files.township_rows())
        added["workday"] = _insert(connection, "workday", reference_files.workday_rows())
        added["season"] = _insert(connection, "season", reference_files.read_csv("seasons"))
        added["parameter"] = _insert(connection, "parameter", reference_files.parameter_rows())
        added["target"] = _insert(connection, "target", reference_files.target_rows())
        added["measure"] = _insert(connection, "measure", reference_files.measure_rows())
        added["reference_pay"] = _insert(
            connection, "reference_pay", reference_files.read_csv("reference_pay")
        )
        added["party_school"] = _insert(connection, "party_school", reference_files.read_csv("party_schools"))
        added["lagging_area"] = _insert(connection, "lagging_area", reference_files.read_csv("lagging_areas"))
        added["published_figure"] = _insert(connection, "published_figure", reference_files.published_rows())
        added["figure"] = _insert(connection, "figure", reference_files.figure_rows())
        added["code"] = _write_codes(connection)
    return added


def _insert(
    connection: psycopg.Connection, table: str, rows: Iterable[Row], conflict: str = "do nothing"
) -> int:
    rows = list(rows)
    if not rows:  # a list that nobody has given us yet
        return 0
    names = list(rows[0])
    statement = sql.SQL("insert into reference.{} ({}) values ({}) on conflict {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(map(sql.Placeholder, names)),
        sql.SQL(conflict),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        return cursor.rowcount


def _write_codes(connection: psycopg.Connection) -> int:
    rows = [
        {"list_name": name, "code": code, "label": label}
        for name, code_list in contract.code_lists().items()
        for code, label in code_list.codes.items()
    ]
    follow = "(list_name, code) do update set label = excluded.label where code.label <> excluded.label"
    return _insert(connection, "code", rows, follow)

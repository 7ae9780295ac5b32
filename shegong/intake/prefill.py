"""Templates with a county's rows in force: cells of its own archived files, written into its own place and nowhere else.

Staging has no document numbers and the vault opens for one person at a time; what a county sent may go back to it.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row
from upath import UPath

from shegong import database
from shegong.archive import Archive
from shegong.calendar import SHANGHAI
from shegong.contract import Contract
from shegong.errors import ShegongError
from shegong.intake import layout, refused_cells
from shegong.intake.receipt_ledger import Refused
from shegong.intake.returning import put
from shegong.render.sheet_content import Sheet
from shegong.render.template import write
from shegong.settings import Settings

_ASIDE = ("row_action", "corrects_key")  # said of one file's change, not of the row


def write_prefilled(
    settings: Settings,
    contracts: Sequence[Contract],
    unit_code: str,
    unit_name: str,
    mode: str,
    now: datetime,
) -> tuple[str, int]:
    """Write the template of these tables with the unit's rows in force; where it lies, and how many rows it has.

    Run again: the same file is written over. Raises ShegongError while nothing was built yet.
    """
    day = now.astimezone(SHANGHAI).date()
    archive = Archive(UPath(settings.archive_url), settings.archive_key)
    with database.connect(settings.dsn["loader"]) as connection:
        sheets = [
            Sheet(contract, rows_in_force(connection, archive, settings, contract, unit_code))
            for contract in contracts
        ]
    content = io.BytesIO()
    envelope = {"unit_code": unit_code, "unit_name": unit_name, "report_date": day, "mode": mode}
    write(content, sheets, **envelope, totals=False, cover=True, instructions=True)
    titles = contracts[0].title if len(contracts) == 1 else f"{len(contracts)}张表"
    target = UPath(settings.counties_url) / unit_code / "receipts" / f"{titles}_预填_{day:%Y%m%d}.xlsx"
    put(target, content.getvalue())
    return str(target), sum(len(sheet.rows) for sheet in sheets)


def rows_in_force(
    connection: psycopg.Connection, archive: Archive, settings: Settings, contract: Contract, unit_code: str
) -> list[dict[str, object]]:
    """The unit's rows of one table as the last accepted file has each, in the order in which they came."""
    query = sql.SQL(
        """select d.content_hash, s.submission_id, s.layout, known._sheet_name as sheet_name,
            known._row_number as row_number
        from core.{known} as known
        inner join ops.submission as s on s.submission_id = known._submission_id
        inner join ops.delivery as d on d.delivery_id = s.delivery_id
        where known._unit_code = %s
        order by s.submission_id, known._sheet_name, known._row_number"""
    ).format(known=sql.Identifier(f"known_{contract.table}"))
    try:
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            places = cursor.execute(query, [unit_code]).fetchall()
    except psycopg.errors.UndefinedTable as error:
        raise ShegongError("Nothing is built yet.", "Run the DAG build_marts first.") from error
    rows: list[dict[str, object]] = []
    for _, found in groupby(places, key=lambda place: place.submission_id):
        of_one = list(found)
        wanted = [Refused(place.submission_id, place.sheet_name, place.row_number, "") for place in of_one]
        printed = [header for _, header in of_one[0].layout.values()]
        cells = refused_cells.read_cells(archive, of_one[0].content_hash, settings, wanted, printed)
        rows += [_row(contract, place, cells[place.sheet_name][place.row_number]) for place in of_one]
    return rows


def _row(contract: Contract, place, cells: Sequence[str | None]) -> dict[str, object]:
    said = refused_cells.by_field(contract, place.layout, cells)
    factors = {name: _factor(contract, header) for name, (_, header) in place.layout.items()}
    return {name: _scaled(value, factors[name]) for name, value in said.items() if name not in _ASIDE}


def _factor(contract: Contract, header: str) -> int:
    """The template's heading says its own unit: a figure under a heading in 万元 is turned into it."""
    found: tuple | None = layout.field_of(header, contract)
    return found[1] if found else 1


def _scaled(value: object, factor: int) -> object:
    return float(Decimal(str(value)) * factor) if factor != 1 and isinstance(value, float) else value

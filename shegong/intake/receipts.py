"""Writes receipts into the counties' places: what became of each file, what to do, and the rows to correct.

A receipt is made from the ledger and the archive alone, so it can be written anew at any time.
"""

import io
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime

import psycopg
from upath import UPath

from shegong import database
from shegong.archive import Archive
from shegong.intake import receipt_ledger, receipt_workbook, refused_cells
from shegong.intake.places.reach import no_access
from shegong.intake.receipt_ledger import Delivery
from shegong.intake.returning import Returner
from shegong.settings import Settings
from shegong.stage_time import note_stage

logger = logging.getLogger(__name__)


def write_all(
    settings: Settings,
    now: datetime,
    delivery_ids: Iterable[int],
    places=None,
    archive: Archive | None = None,
    access: Callable = no_access,
) -> int:
    """Write the receipts of these deliveries, one file each, and note their paths; how many were written.

    `places`, the counties' root as a pathlib-like path, and the archive are the settings' if not given; `access`
    gives the login of a source's connection. Run again: the same files are written over. A receipt appears whole or
    not at all; one whose source is down is written by the next run.
    """
    archive = archive or Archive(UPath(settings.archive_url), settings.archive_key)
    written, began = 0, time.monotonic()
    with database.connect(settings.dsn["loader"]) as connection:
        with Returner(settings, connection, now, UPath, places, access) as returner:
            for delivery_id in delivery_ids:
                written += _write_one(connection, settings, now, delivery_id, returner, archive)
        if written:
            note_stage(
                connection, now, "receipts", time.monotonic() - began, part=str(delivery_id), files=written
            )
    return written


def touched(settings: Settings, now: datetime) -> list[int]:
    """Deliveries whose receipts the run `now` has to write: those that came or changed their state in it."""
    with database.connect(settings.dsn["loader"]) as connection:
        return receipt_ledger.touched(connection, now)


def receipt_name(delivery: Delivery) -> str:
    """The receipt's file name. Each file of one name has a receipt: the second is …_回执（2）.xlsx."""
    return f"{delivery.stem}_回执" + (f"（{delivery.number}）" if delivery.number > 1 else "") + ".xlsx"


def _write_one(
    connection: psycopg.Connection,
    settings: Settings,
    now: datetime,
    delivery_id: int,
    returner: Returner,
    archive: Archive,
) -> bool:
    delivery = receipt_ledger.read(connection, delivery_id)
    returned = refused_cells.sheets(delivery, archive, settings)
    content = io.BytesIO()
    receipt_workbook.write(content, delivery, returned, now)
    address = returner.give_back(delivery, receipt_name(delivery), content.getvalue())
    connection.execute(
        "update ops.delivery set receipt_path = %s where delivery_id = %s", [address, delivery_id]
    )
    connection.commit()
    logger.info("receipt of delivery %s: %s findings", delivery_id, len(delivery.findings))
    return address is not None

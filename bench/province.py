"""Whole days of the invented province, as files in the counties' places: `python -m bench.province KIND FOLDER`.

Below FOLDER is a landing zone for each run that takes files: <landing>/<unit>/submit/<file>.
"""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from shegong import sample
from shegong.sample import files
from shegong.sample.places import PROVINCE_UNIT
from shegong.sample.submission import Delivery, csv_form

SEED = 20260506
USUAL_FILES = 400
_ROSTERS = ("talent", "certificate")


def rosters(folder: Path) -> None:
    """The talent and certificate roster of every county at the size of 2025, every other one a workbook."""
    deliveries, places = sample.deliver("2025", SEED, 1)
    wanted = [
        (delivery, sub)
        for delivery in deliveries
        for sub in delivery.submissions
        if sub.table in _ROSTERS and sub.unit != PROVINCE_UNIT and delivery.content is None
    ]
    made = [
        replace(delivery, name=csv_form(sub, ("csv", "xlsx")[at % 2]), encoding="utf-8", twist=None)
        for at, (delivery, sub) in enumerate(wanted)
    ]
    _write(folder / "rosters", made, places.units["name"].to_dict())


def usual(folder: Path) -> None:
    """The first day's rosters, and a usual day's files, which are the changes of two of the small province's days."""
    deliveries, places = sample.deliver("2018", SEED, 3)
    names = places.units["name"].to_dict()
    _write(folder / "before", (d for d in deliveries if d.day == 1), names)
    _write(folder / "usual", [d for d in deliveries if d.day > 1][:USUAL_FILES], names)


def quarter(folder: Path) -> None:
    """All files of the small province's week at once: rosters of every table, changes, nil reports."""
    deliveries, places = sample.deliver("2018", SEED, 6)
    _write(folder / "quarter", deliveries, places.units["name"].to_dict())


def province(folder: Path) -> None:
    """The first day of the province of 2025: rosters of every table."""
    deliveries, places = sample.deliver("2025", SEED, 1)
    _write(folder, (d for d in deliveries if d.content is None), places.units["name"].to_dict())


def _write(landing: Path, deliveries: Iterable[Delivery], names: dict[str, str]) -> None:
    # in one landing zone a name stands for a day's file, so that the copies of a later day go without
    for delivery in deliveries:
        if delivery.is_sent_by_act:
            continue
        files.write(delivery, landing.parent / "written", names)
        written = landing.parent / "written" / delivery.unit / delivery.name
        target = landing / delivery.unit / "submit" / delivery.name
        target.parent.mkdir(parents=True, exist_ok=True)
        written.rename(target)


if __name__ == "__main__":  # in a process of its own: the bench's must stay small
    {made.__name__: made for made in (rosters, usual, quarter, province)}[sys.argv[1]](Path(sys.argv[2]))

"""A simulated week of submissions of the whole province, with what must come out of it. `make` writes all
of it.
"""

import shutil
from pathlib import Path

from shegong.errors import ShegongError
from shegong.sample import beside, files, first_day, lifecycle, manifest, week, world
from shegong.sample.fresh import Fresh


def make(out: Path, scale: str = "2018", seed: int = 20260506, days: int = 6) -> None:
    """Write out/day-<n>/<unit>/<file> and the lists beside them, which shegong/sample/manifest.py describes.

    Days already in `out` are written anew; the same scale and seed give the same bytes.
    """
    if scale not in world.SCALES:
        raise ShegongError(
            f"there is no sample of scale {scale}", f"Choose one of {', '.join(world.SCALES)}."
        )
    deliveries, places = deliver(scale, seed, days)
    names = places.units["name"].to_dict() | lifecycle.DEPARTMENTS
    for day in range(1, days + 1):
        shutil.rmtree(out / f"day-{day}", ignore_errors=True)
    for delivery in deliveries:
        if not delivery.is_sent_by_act:
            files.write(delivery, out / f"day-{delivery.day}", names)
    manifest.write(out, deliveries, places, days)


def deliver(scale: str, seed: int, days: int) -> tuple[list, object]:
    """All deliveries up to a day, not yet written, and the places that they come from."""
    invented = world.build(scale, seed)
    fresh = Fresh(invented)
    deliveries = first_day.make(invented, fresh)
    if days > 1:
        deliveries += week.make(invented, fresh, deliveries)
    deliveries = [d for d in deliveries if d.day <= days]
    beside.blame(deliveries, days)
    return deliveries, invented.places

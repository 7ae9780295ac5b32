"""What `shegong submit` does: a file into its unit's place, as the county would, and a run of the main job."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from upath import UPath

from shegong.errors import ShegongError
from shegong.runtime import airflow, demo
from shegong.runtime.lifecycle import Step


def lay(files: Sequence[Path], unit: str | None, counties_url: str) -> list[tuple[str, str]]:
    """Copy the files into their units' places; (unit, file name) of each. A name that is there already is refused,
    since the file that lies there may not have been read yet."""
    sent = []
    for file in files:
        code = unit or _unit_of(file.name)
        target = UPath(counties_url) / code / "submit" / file.name
        if target.exists():
            raise ShegongError(
                f"{code} has sent a file named {file.name} already.",
                "Give it the next sequence number, or v2 to replace it: 330106_talent_D20260512_02.csv, …_01v2.csv",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.part")
        unfinished.write_bytes(file.read_bytes())
        unfinished.rename(target)
        sent.append((code, file.name))
    return sent


def run(home: Path, env: Mapping[str, str], step: Step) -> None:
    """One run of the main job, ten minutes after the demo's last. Raises ShegongError where no demo ran."""
    now = demo.now_of(home)
    if now is None:
        raise ShegongError(
            "No demo's week was run here.", "Run `shegong demo`, or use --no-run and wait for the timetable."
        )
    now += timedelta(minutes=10 * (1 + demo.extra_runs(home)))
    demo.run_chain(airflow.client(env), now, step)
    demo.note_extra_run(home)


def _unit_of(name: str) -> str:
    found = re.match(r"(\d{6})_", name)
    if not found:
        raise ShegongError(
            f"{name} doesn't begin with a unit's code.",
            "Say whose file it is: shegong submit FILE --unit 330106",
        )
    return found[1]

"""What each stage of a run took, noted in the ledger; `shegong stages` shows it."""

from datetime import datetime

import psycopg


def note_stage(
    connection: psycopg.Connection,
    now: datetime,
    stage: str,
    seconds: float,
    *,
    part: str = "",
    files: int | None = None,
    rows: int | None = None,
) -> None:
    """Note one stage, or one part of it. Running a stage again writes over what its first run took."""
    connection.execute(
        """insert into ops.stage_time (run_now, stage, part, seconds, files, rows) values (%s, %s, %s, %s, %s, %s)
        on conflict (run_now, stage, part) do update
        set seconds = excluded.seconds, files = excluded.files, rows = excluded.rows""",
        [now, stage, part, seconds, files, rows],
    )

"""Who loads the file, each in a process of its own: `python -m bench.contenders NAME FILE`, one line of JSON out.

Seconds are those of the loading itself, without imports and connections; memory is the peak of the whole process.
"""

import hashlib
import json
import os
import resource
import sys
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from bench import days, marts, page, rows

_NOW = datetime.fromisoformat("2026-05-06T20:00:00+08:00")
_TO_SQL_ROWS = 50_000


def copy(file: Path) -> dict:
    """The bare COPY of the file into typed columns: what nothing can beat."""
    with psycopg.connect(os.environ["BENCH_DSN"]) as connection:
        connection.execute(f"create table bare ({', '.join(f'{n} {t}' for n, t in rows.SQL_TYPES.items())})")
        connection.commit()
        begun = time.perf_counter()
        statement = "copy bare from stdin (format csv, header true)"
        with connection.cursor().copy(statement) as sent, file.open("rb") as stream:
            while block := stream.read(1 << 20):
                sent.write(block)
        connection.commit()
        seconds = time.perf_counter() - begun
        count = connection.execute("select count(*) from bare").fetchone()[0]
    return {"seconds": seconds, "rows": count}


def staged(file: Path) -> dict:
    """Intake without archive and vault: read, hashed, checked, staged, with findings and ledger."""
    return _intake(file, sealed=False)


def intake(file: Path) -> dict:
    """All that intake does for a file."""
    return _intake(file)


def calamine(file: Path) -> dict:
    """Every row of the workbook's first sheet as Python values: where reading a workbook begins."""
    from python_calamine import CalamineWorkbook

    begun = time.perf_counter()
    count = len(CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python())
    return {"seconds": time.perf_counter() - begun, "rows": count}


def to_sql(file: Path) -> dict:
    """pandas.to_sql by SQLAlchemy's default driver, over a part of the file: the whole would take minutes."""
    return _to_sql(file, "postgresql://")


def to_sql_psycopg3(file: Path) -> dict:
    """The same by psycopg 3, which sends rows in pipelines: twice as fast, no default yet."""
    return _to_sql(file, "postgresql+psycopg://")


def _to_sql(file: Path, dialect: str) -> dict:
    import pandas as pd
    from sqlalchemy import create_engine

    engine = create_engine(os.environ["BENCH_DSN"].replace("postgresql://", dialect, 1))
    begun = time.perf_counter()
    frame = pd.read_csv(file, dtype=str, nrows=_TO_SQL_ROWS)
    frame.to_sql("bare", engine, index=False)
    return {"seconds": time.perf_counter() - begun, "rows": len(frame)}


def dlt(file: Path) -> dict:
    """dlt, fed with Arrow batches and loading by COPY, which are its fastest ways in and out."""
    folder = os.environ["BENCH_FOLDER"]
    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "DLT_DATA_DIR": folder,
    }
    import dlt as dlt_module
    import pyarrow.csv

    types = rows.arrow_types()
    convert = pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True)
    read = pyarrow.csv.ReadOptions(block_size=4 << 20, column_names=list(types), skip_rows=1)
    target = dlt_module.destinations.postgres(os.environ["BENCH_DSN"])
    pipeline = dlt_module.pipeline("bench", destination=target, dataset_name="loaded", pipelines_dir=folder)
    begun = time.perf_counter()
    batches = pyarrow.csv.open_csv(file, read_options=read, convert_options=convert)
    resource = dlt_module.resource(batches, name="bare")
    pipeline.run(resource, loader_file_format="csv").raise_on_failed_jobs()
    seconds = time.perf_counter() - begun
    with psycopg.connect(os.environ["BENCH_DSN"]) as connection:
        count = connection.execute("select count(*) from loaded.bare").fetchone()[0]
    return {"seconds": seconds, "rows": count}


def _intake(file: Path, *, sealed: bool = True) -> dict:
    from bench.meter import Meter
    from shegong import database, settings
    from shegong.archive import Archive
    from shegong.intake.load import Loader

    known = settings.load()
    folder = Path(unquote(urlsplit(known.archive_url).path))
    with database.connect(known.dsn["loader"]) as connection:
        connection.autocommit = True
        archive = Archive(folder, known.archive_key) if sealed else Unarchived()
        loader = Loader(known, connection, archive, _NOW)
        if not sealed:
            loader.vault = None
        meter = Meter()
        meter.attach()
        begun, worked = time.perf_counter(), time.process_time()
        loader.take(_found(file), file)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
        accepted = (
            "select sum(rows_accepted), bool_and(state = 'staged'), sum(rows_refused) from ops.submission"
        )
        count, is_staged, refused = connection.execute(accepted).fetchone()
    if not is_staged or refused:
        raise RuntimeError("the generator's rows are right, but not all were accepted")
    return {"seconds": seconds, "rows": count, "cpu": cpu, "parts": dict(meter.seconds)}


def _found(file: Path) -> dict:
    size = file.stat().st_size
    modified = _NOW.isoformat()
    return {
        "unit_code": rows.UNIT,
        "path": str(file),
        "name": file.name,
        "size_bytes": size,
        "modified_at": modified,
    }


class Unarchived:
    """Stands where the archive stands, and hands out the county's own file: to time intake without the archive."""

    def __init__(self) -> None:
        self._files: dict[str, Path] = {}

    def put(self, source, _limit: int) -> tuple[str, int]:
        name = hashlib.sha256(source.name.encode()).hexdigest()
        self._files[name] = Path(source.name)
        return name, self._files[name].stat().st_size

    def open(self, name: str):
        return self._files[name].open("rb")


CONTENDERS = {
    call.__name__: call
    for call in (
        *(copy, staged, intake, calamine, to_sql, to_sql_psycopg3, dlt),
        *(days.rosters, days.usual, days.quarter),
        *(marts.month, marts.five_years, marts.grown_1, marts.grown_4, marts.grown_16),
        page.page,
    )
}


def peak_mib() -> float:
    """This process's own peak; getrusage would count the parent's, from which it was forked."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(name: str, file: str) -> None:
    measured = CONTENDERS[name](Path(file))
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"peak_mib": peak_mib(), "cpu": sum(u.ru_utime + u.ru_stime for u in used)} | measured))


if __name__ == "__main__":
    main(*sys.argv[1:])

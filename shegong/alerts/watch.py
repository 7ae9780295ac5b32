"""Whether the house itself goes on: runs that never came or never ended, and disks that fill.

Airflow tells of a task that failed; it says nothing of one that was never started. So what is asked here is what runs
leave behind in the ledger. It is asked from a DAG of its own (keep_house), whose clock is not that of the runs it
watches, and by `shegong watch` from outside Airflow: nobody inside can tell that the scheduler stands still.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from shegong.alerts import incidents
from shegong.alerts.incidents import Incident
from shegong.calendar import SHANGHAI
from shegong.settings import Settings

# Intake looks every half hour from 8:00 to 19:30, so that from 9:30 on an hour and a half without a look is two missed.
INTAKE_STAGE, INTAKE_LIMIT = "register", timedelta(minutes=90)
INTAKE_WATCHED = (time(9, 30), time(20, 0))
# A build comes after each intake that brought something, and at 6:30; a day and four hours without is one missed.
BUILD_STAGE, BUILD_LIMIT = "audit", timedelta(hours=28)
GIB = 1 << 30


def watch(connection: psycopg.Connection, settings: Settings, now: datetime) -> list[Incident]:
    """Bring the incidents of kind `house` up to `now`; those that are open. `now` is the real moment, not a run's.

    `connection` is the loader's. Run again: nothing changes.
    """
    found = [*silent(connection, now), *filling(places(settings), settings.disk_free_gib)]
    incidents.settle(connection, "house", found, now)
    return found


def silent(connection: psycopg.Connection, now: datetime) -> Iterator[Incident]:
    """Stages that have left nothing behind for too long: failed, stuck, or never started. None before their first run."""
    last = dict(
        connection.execute("select stage, max(run_now) from ops.stage_time group by stage").fetchall()
    )
    is_watched = INTAKE_WATCHED[0] <= now.astimezone(SHANGHAI).time() <= INTAKE_WATCHED[1]
    if is_watched and _is_late(last.get(INTAKE_STAGE), now, INTAKE_LIMIT):
        yield _stopped("intake", "收数", "load_submissions", last[INTAKE_STAGE])
    if _is_late(last.get(BUILD_STAGE), now, BUILD_LIMIT):
        yield _stopped("build", "统计表生成", "build_marts", last[BUILD_STAGE])


def _is_late(last: datetime | None, now: datetime, limit: timedelta) -> bool:
    return last is not None and now - last > limit


def _stopped(name: str, title: str, dag: str, last: datetime) -> Incident:
    return Incident(
        cause=f"house:{name}",
        kind="house",
        severity="critical",
        audience="engineers",
        title=f"{title}停了：{dag} 没有按时完成",
        details=f"最近一次完成于 {last.astimezone(SHANGHAI):%m月%d日 %H:%M}。",
    )


def filling(folders: Mapping[str, Path], free_gib: float) -> Iterator[Incident]:
    """One a disk with less than `free_gib` left; urgent where it is less than a fifth of that."""
    disks: dict[int, list[tuple[str, Path]]] = {}
    for name, folder in folders.items():
        disks.setdefault(folder.stat().st_dev, []).append((name, folder))
    for held in disks.values():
        names = [name for name, _ in held]
        free = shutil.disk_usage(held[0][1]).free / GIB
        if free < free_gib:
            yield Incident(
                cause=f"house:disk:{'+'.join(names)}",
                kind="house",
                severity="critical" if free < free_gib / 5 else "warning",
                audience="engineers",
                title=f"磁盘将满：{'、'.join(names)}所在磁盘剩余不足 {free_gib:g} GiB",
                details=f"剩余 {free:.1f} GiB。",
            )


def places(settings: Settings) -> dict[str, Path]:
    """The folders of this machine that fill: ours, and those of the URLs that are files. Others are their servers' matter."""
    urls = {"报送目录": settings.counties_url, "归档": settings.archive_url, "待发邮件": settings.outbox_url}
    return {"运行目录": settings.home} | dict(_local(urls.items()))


def _local(urls: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Path]]:
    for name, url in urls:
        parts = urlsplit(url)
        folder = Path(unquote(parts.path))
        if parts.scheme == "file" and folder.exists():
            yield name, folder

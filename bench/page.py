"""How long the bureau's page takes to open on a full board: 91 units × 26 tables × 31 days, in headless Chromium.

The app runs as in Airflow's site but for its login; the ledger has a submission for every cell of twice the days shown.
"""

import os
import shutil
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import psycopg
from playwright.sync_api import Page, sync_playwright

from shegong import areas, contract, settings
from shegong.calendar import SHANGHAI

LAST, DAYS = date(2026, 8, 14), 31
_RUNS = 7
# view -> what stands behind the # of the board's address, and what is drawn when it is there
_VIEWS = {"one day": ("view=day", "#board tbody td a"), "everything": ("view=all", "#board canvas")}

# Of a hundred cells (`n`, the same for a cell in every run) so many came as each state; on days off most are nil.
_FILL = """
with cells as (
    select
        row_number() over () as cell, unit_code, table_name, day,
        abs(hashtext(unit_code || table_name || day)) %% 100 as n, extract(isodow from day) > 5 as is_rest
    from unnest(%(units)s::text[]) as unit_code, unnest(%(tables)s::text[]) as table_name,
        (select %(first)s::date + at as day from generate_series(0, %(days)s - 1) as at) as days
),
came as (
    select
        cells.*, day + time '10:00' + (n || ' minutes')::interval as at,
        case
            when is_rest and n < 90 or n < 62 then 'nil' when n < 84 then 'accepted' when n < 91 then 'partly_accepted'
            when n < 93 then 'held' when n < 95 then 'refused' when n < 96 then 'staged'
        end as state
    from cells
),
delivered as (
    insert into ops.delivery (place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash, received_at, state)
    select unit_code, '/' || cell, unit_code || '_' || table_name || '_D' || to_char(day, 'YYYYMMDD') || '_01.csv', 900, at, cell, at, 'read'
    from came where state is not null
    returning delivery_id, content_hash
),
owed as (
    insert into ops.report_due (unit_code, table_name, mode, report_day, period, due_at, came_at)
    select
        unit_code, table_name, 'D', day, to_char(day, 'YYYY-MM'), day + time '18:00',
        case when state is not null or n = 96 then at end
    from came where not is_rest
),
extended as (
    insert into reference.extension
    select unit_code, table_name, day, day, '李科长', day, '系统迁移' from came where n = 97 and not is_rest
)
insert into ops.submission (
    delivery_id, unit_code, table_name, mode, report_date, sequence, state, held_for, rows_total, rows_accepted, received_at, accepted_at
)
select
    d.delivery_id, came.unit_code, came.table_name, 'D', came.day, 1, came.state, case when came.state = 'held' then 'county' end,
    n, case when came.state like '%%accepted' then n else 0 end, came.at, came.at
from came inner join delivered as d on d.content_hash = came.cell::text
"""
# One in twenty was sent again later on the day, which replaced what had come.
_AGAIN = """
with again as (
    insert into ops.submission (delivery_id, unit_code, table_name, sheet_name, mode, report_date, sequence, state, received_at, accepted_at)
    select delivery_id, unit_code, table_name, 'again', mode, report_date, 2, 'accepted', received_at + interval '3 hours', accepted_at
    from ops.submission where state = 'accepted' and submission_id % 20 = 0
    returning submission_id, delivery_id
)
update ops.submission as s set state = 'replaced', replaced_by = again.submission_id, replaced_at = s.received_at
from again where again.delivery_id = s.delivery_id and s.sequence = 1
"""
# When the board stands and has been painted: the frame after the one that it was put into.
_WATCH = """
const wanted = %r;
window.drawn = new Promise((drawn) => {
  new MutationObserver((_, watch) => {
    if (!document.querySelector(wanted)) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => drawn(performance.now())));
  }).observe(document, { childList: true, subtree: true });
});
"""
_TIMES = """async () => {
  const drawn = await window.drawn;
  const asked = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource").filter((one) => one.name.includes("/data?"))];
  return [Math.max(drawn, asked[0].loadEventEnd), ...asked.slice(0, 2).map((one) => one.responseEnd - one.requestStart)];
}"""


def page(_folder: Path) -> dict:
    """Median milliseconds until each view is drawn, and what the server took of them. `seconds`: the slower view's."""
    os.environ["SHEGONG_RUNS_BY_CLOCK"] = "no"
    rows = fill(os.environ["BENCH_DSN"], 2 * DAYS)
    chromium = shutil.which("chromium")
    if not chromium:
        raise RuntimeError("the part `page` needs the Debian package chromium")
    with served(settings.load) as site, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = {
            name: _opened(browser.new_page(), f"{site}/board#{view}", drawn)
            for name, (view, drawn) in _VIEWS.items()
        }
        browser.close()
    slowest = max(times["drawn"] for times in opened.values())
    return {"seconds": slowest / 1000, "rows": rows, "pages": opened}


def fill(dsn: str, days: int) -> int:
    """Every unit's submission of every table for each of the days until LAST; how many there are."""
    with psycopg.connect(dsn) as connection:
        connection.execute("set local timezone = 'Asia/Shanghai'")
        values = {
            "units": list(areas.units(connection, LAST)), "tables": list(contract.load()),
            "first": LAST - timedelta(days - 1), "days": days,
        }  # fmt: skip
        filled = connection.execute(_FILL, values).rowcount
        again = connection.execute(_AGAIN).rowcount
        # the page's clock, where no other runs
        evening = datetime.combine(LAST, clock(20), SHANGHAI)
        connection.execute(
            "insert into ops.stage_time (run_now, stage, seconds) values (%s, 'bench', 0)", [evening]
        )
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze ops.submission, ops.delivery, ops.report_due")
    return filled + again


def _opened(page: Page, address: str, drawn: str) -> dict[str, float]:
    """Medians in milliseconds, after one time that warms up."""
    page.add_init_script(_WATCH % drawn)
    times = []
    for _ in range(_RUNS + 1):
        page.goto("about:blank")
        page.goto(address, wait_until="load")
        times.append(page.evaluate(_TIMES))
    drawn_at, document, data = (statistics.median(column) for column in zip(*times[1:], strict=True))
    return {"drawn": drawn_at, "server: page": document, "server: data": data}


@contextmanager
def served(ours: Callable[[], settings.Settings]) -> Iterator[str]:
    """The app on a port of its own, behind a guard that knows one person."""
    import uvicorn

    from shegong.page import app
    from shegong.page.guard import Guard, Person

    def somebody() -> Person:
        return Person("李科长", True)

    made = app.create(Guard(somebody, somebody, str, ""), ours)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(made, log_level="warning"))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        while not server.started:
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            serving.join()

"""Held submissions and domains, with a person's decision on each."""

from collections.abc import Callable
from typing import Annotated, Literal

import psycopg
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg.rows import dict_row

from shegong import contract, decisions, gate
from shegong.alerts.incidents import without_numbers
from shegong.page.board_matrix import WHOLE_FILE
from shegong.page.frame import Frame, given, now
from shegong.page.guard import Person, same_origin

Reason = Annotated[str, Form(max_length=200)]
MOST = 200

_HELD = """
select
    s.submission_id, s.unit_code, coalesce(u.unit_name, s.unit_code) as unit_name, coalesce(s.table_name, %(file)s) as table_name,
    coalesce(s.report_date, (s.received_at at time zone 'Asia/Shanghai')::date) as day, d.file_name, s.held_for, s.reason,
    s.rows_total, s.rows_refused, s.received_at, count(*) over () as all_held
from ops.submission as s
inner join ops.delivery as d on d.delivery_id = s.delivery_id
left join reference.unit as u on u.unit_code = s.unit_code
where s.state = 'held'
order by s.received_at, s.submission_id
limit %(most)s
"""


def routes(frame: Frame) -> APIRouter:
    router = APIRouter()
    look, guarded = Depends(frame.guard.look), [Depends(same_origin)]
    act = Depends(frame.guard.act)
    back = f"{frame.guard.prefix}/holds?done=1"

    @router.get("/holds")
    def holds(request: Request, person: Annotated[Person, look], done: bool = False) -> HTMLResponse:
        with frame.reading() as connection:
            held = held_submissions(connection)
            domains = gate.holds(connection, now(connection))
            waiting = gate.waiting(connection)
        titles = {name: gate.title(name) for name in gate.names()}
        return frame.show(
            request, person, "holds", held=held, domains=domains, waiting=waiting, titles=titles, done=done
        )

    @router.post("/holds/submission/{number}/{answer}", dependencies=guarded)
    def decide(
        person: Annotated[Person, act], number: int, answer: Literal["release", "reject"], reason: Reason = ""
    ) -> RedirectResponse:
        carry_out: Callable = {"release": decisions.release, "reject": decisions.reject}[answer]
        carry_out(frame.settings, frame.present(), number, person.name, given(reason))
        return RedirectResponse(back, status_code=303)

    @router.post("/holds/domain/{domain}/{answer}", dependencies=guarded)
    def decide_domain(
        person: Annotated[Person, act], domain: str, answer: Literal["hold", "release"], reason: Reason = ""
    ) -> RedirectResponse:
        carry_out: Callable = {"hold": gate.hold, "release": gate.release}[answer]
        carry_out(frame.settings, frame.present(), domain, person.name, given(reason))
        return RedirectResponse(back, status_code=303)

    return router


def held_submissions(connection: psycopg.Connection) -> list[dict]:
    """What waits for a decision, the oldest first; `all_held`: how many there are, if that is more than MOST."""
    values = {"most": MOST, "file": WHOLE_FILE}
    rows = connection.cursor(row_factory=dict_row).execute(_HELD, values).fetchall()
    titles = {name: table.title for name, table in contract.load().items()}
    for row in rows:
        row["table_title"] = titles.get(row["table_name"], row["table_name"])
        row["file_name"] = without_numbers(row["file_name"])
    return rows

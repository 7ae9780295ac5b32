"""Who is there to be told: reference.contact, which the bureau keeps, with history. Sends nothing."""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from shegong.alerts.channels.channel import TITLES
from shegong.errors import ShegongError

DUTIES = {"filler": "填报人", "responsible": "负责人", "engineer": "工程师"}


@dataclass(frozen=True)
class Contact:
    """One way to reach one who has a duty in an area. `valid_until` is the last day; None: no end, or always so."""

    contact_id: int
    area_code: str
    duty: str
    channel: str
    address: str
    valid_from: date | None
    valid_until: date | None


def valid(connection: psycopg.Connection, day: date) -> list[Contact]:
    """Those of a day, by area and in the order in which they were entered."""
    return [
        contact
        for contact in kept(connection)
        if (contact.valid_from or day) <= day <= (contact.valid_until or day)
    ]


def kept(connection: psycopg.Connection) -> list[Contact]:
    """All that the table holds, ended ones too."""
    with connection.cursor(row_factory=class_row(Contact)) as cursor:
        return cursor.execute(
            "select contact_id, area_code, duty, channel, address, valid_from, valid_until"
            " from reference.contact order by area_code, contact_id"
        ).fetchall()


def enter(
    connection: psycopg.Connection, area: str, duty: str, channel: str, address: str, since: date, until: date | None
) -> int:  # fmt: skip
    """Add a contact, or give the same one that still holds another end; its id. The caller commits.

    Raises ShegongError for an area, address or end that can't be.
    """
    _must_be_right(connection, area, channel, address, since, until)
    values = {
        "area": area, "duty": duty, "channel": channel, "address": address, "since": since, "until": until,
    }  # fmt: skip
    known = connection.execute(
        "update reference.contact set valid_until = %(until)s where area_code = %(area)s and duty = %(duty)s"
        " and channel = %(channel)s and address = %(address)s and coalesce(valid_until >= %(since)s, true)"
        " returning contact_id",
        values,
    ).fetchone()
    if known:
        return known[0]
    query = (
        "insert into reference.contact (area_code, duty, channel, address, valid_from, valid_until)"
        " values (%(area)s, %(duty)s, %(channel)s, %(address)s, %(since)s, %(until)s) returning contact_id"
    )
    return connection.execute(query, values).fetchone()[0]


def end(connection: psycopg.Connection, contact_id: int, last_day: date) -> None:
    """Its last day; told of nothing afterwards. Raises ShegongError where there is no such contact any more."""
    ended = connection.execute(
        "update reference.contact set valid_until = %(day)s,"
        " valid_from = case when valid_from > %(day)s then %(day)s else valid_from end"
        " where contact_id = %(id)s and coalesce(valid_until > %(day)s, true)",
        {"id": contact_id, "day": last_day},
    )
    if not ended.rowcount:
        raise ShegongError(
            f"No contact {contact_id} holds beyond {last_day}.", "`shegong contact list` shows them."
        )


def _must_be_right(
    connection: psycopg.Connection, area: str, channel: str, address: str, since: date, until: date | None
) -> None:
    query = "select exists (select from reference.unit where unit_code = %(area)s union all select from reference.area where area_code = %(area)s)"
    if not connection.execute(query, {"area": area}).fetchone()[0]:
        raise ShegongError(f"No unit or area has the code {area}.", "Codes have six digits, such as 330106.")
    if (channel == "mail") != ("@" in address) or not address.strip():
        raise ShegongError(
            f"{address!r} is no address of {TITLES[channel]}.",
            "A mail address has an @; a robot's is the id of its Airflow connection, never its token.",
        )
    if until is not None and until < since:
        raise ShegongError(f"{until} is before {since}.", "The end is the last day.")

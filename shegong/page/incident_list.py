"""Incidents as the page lists them, with what people did about each. Reads only; acts are in incident_routes.py."""

from collections import defaultdict

import psycopg
from psycopg.rows import dict_row

STATES = ("open", "acknowledged", "explained", "resolved")
SEVERITIES = ("critical", "warning", "info")
MOST = 200

_LISTED = """
select
    i.*, coalesce(a.area_name, i.area_code) as area_name, count(*) over () as all_found
from ops.incident as i
left join reference.area as a on a.area_code = i.area_code and a.is_current
where
    case when %(state)s = '' then i.state <> 'resolved' else i.state = %(state)s end
    and (%(kind)s = '' or i.kind = %(kind)s) and (%(severity)s = '' or i.severity = %(severity)s)
    and (%(area)s = '' or i.area_code = %(area)s or (right(%(area)s, 2) = '00' and left(i.area_code, 4) = left(%(area)s, 4)))
order by array_position(array['critical', 'warning', 'info'], i.severity), i.opened_at desc, i.incident_id desc
limit %(most)s
"""
_ONE = """
select i.*, coalesce(a.area_name, i.area_code) as area_name
from ops.incident as i
left join reference.area as a on a.area_code = i.area_code and a.is_current
where i.incident_id = %s
"""


def listed(
    connection: psycopg.Connection, state: str = "", kind: str = "", severity: str = "", area: str = ""
) -> list[dict]:
    """The gravest and newest first, without the resolved ones unless asked for; `all_found`: how many there are."""
    values = {"state": state, "kind": kind, "severity": severity, "area": area, "most": MOST}
    return connection.cursor(row_factory=dict_row).execute(_LISTED, values).fetchall()


def one(connection: psycopg.Connection, incident_id: int | None) -> list[dict]:
    """This incident as listed() gives it, whatever its state; nothing where there is none of this number."""
    return connection.cursor(row_factory=dict_row).execute(_ONE, [incident_id]).fetchall()


def acts(connection: psycopg.Connection, incident_ids: list[int]) -> dict[int, list[dict]]:
    """What people did about each of these incidents, the oldest act first; only incidents with acts are keys."""
    query = (
        "select incident_id, act, acted_by, acted_at, reason, assignee, muted_until"
        " from ops.incident_act where incident_id = any(%s) order by acted_at, act_id"
    )
    found = defaultdict(list)
    for row in connection.cursor(row_factory=dict_row).execute(query, [incident_ids]):
        found[row["incident_id"]].append(row)
    return dict(found)


def cities(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Code and name of each city of today."""
    query = (
        "select area_code, area_name from reference.area where is_current and area_level = 'city' order by 1"
    )
    return connection.execute(query).fetchall()

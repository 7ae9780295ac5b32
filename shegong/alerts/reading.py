"""Whether a message was read: known where its link to the bureau's page was opened, since that asks for a login.

No channel tells it (channels/channel.py), and counties' messages have no link. Read by one who shares the address, or
in the group of a robot, is read.
"""

import hashlib
from datetime import datetime

import psycopg


def mark_of(dedupe_key: str) -> str:
    """What stands for a message in its link: tells nothing of it, and is the same whenever it is written."""
    return hashlib.sha256(f"link:{dedupe_key}".encode()).hexdigest()[:24]


def opened(connection: psycopg.Connection, mark: str, now: datetime) -> bool:
    """Keep the first time; whether this was it. A mark that no message has changes nothing."""
    return (
        connection.execute(
            "update ops.outbox set read_at = %s where link_mark = %s and read_at is null", [now, mark]
        ).rowcount
        > 0
    )

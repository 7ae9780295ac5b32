"""Rows put into staging and the ledger as intake would have, for tests of what comes after it."""

import base64
import itertools
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from shegong import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
_serial = itertools.count(1)


def at(day: str, hour: int = 20) -> datetime:
    """The time of a day's run."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI).replace(hour=hour)


class Rows:
    """Delivers submissions to one warehouse."""

    def __init__(self, superuser_dsn: str) -> None:
        self.dsn = superuser_dsn

    def submit(
        self,
        unit: str,
        table: str,
        day: str,
        rows: list[Mapping[str, object]],
        *,
        mode: str = "D",
        sequence: int = 1,
        version: int = 1,
        state: str = "accepted",
        report_date: str | None = None,
    ) -> int:
        """One submission of `rows`, accepted on `day` unless `state` says otherwise; returns its id."""
        is_in = state in ("accepted", "partly_accepted")
        with psycopg.connect(self.dsn) as connection:
            delivery = self._deliver(connection, unit, day)
            submission = connection.execute(
                "insert into ops.submission (delivery_id, unit_code, table_name, mode, report_date, sequence,"
                " version, state, rows_total, rows_accepted, received_at, accepted_at, due_at)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning submission_id",
                [delivery, unit, table, mode, report_date or day, sequence, version, state, len(rows),
                 len(rows) if is_in else 0, at(day, 9), at(day) if is_in else None, at(day, 18)],
            ).fetchone()[0]  # fmt: skip
            place = {"_submission_id": submission, "_unit_code": unit, "_sheet_name": ""}
            self._stage(
                connection, table, [{**row, **place, "_row_number": n} for n, row in enumerate(rows, start=4)]
            )
        return submission

    def replace(self, old: int, new: int, day: str) -> None:
        """The submission `new` replaces `old` from that day's run on."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(
                "update ops.submission set state = 'replaced', replaced_by = %s, replaced_at = %s"
                " where submission_id = %s",
                [new, at(day), old],
            )

    def refuse_row(self, submission: int, row_number: int) -> None:
        """The register refuses a staged row."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(
                "insert into ops.refused_row (submission_id, row_number, check_class)"
                " values (%s, %s, 'register')",
                [submission, row_number],
            )

    def _deliver(self, connection: psycopg.Connection, unit: str, day: str) -> int:
        name = f"file-{next(_serial)}.csv"
        return connection.execute(
            "insert into ops.delivery (place_unit_code, source_path, file_name, size_bytes, modified_at,"
            " content_hash, received_at, state) values (%s, %s, %s, 1, %s, %s, %s, 'read')"
            " returning delivery_id",
            [unit, name, name, at(day, 9), name, at(day, 9)],
        ).fetchone()[0]

    def _stage(self, connection: psycopg.Connection, table: str, rows: list[Mapping[str, object]]) -> None:
        for columns, alike in itertools.groupby(rows, key=tuple):
            statement = sql.SQL("insert into staging.{} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            )
            connection.cursor().executemany(statement, [list(row.values()) for row in alike])


def let_pass(superuser_dsn: str, number: int, failed: str | None = None) -> None:
    """What the audit would write of a candidate: each domain shows it, but `failed`, which shows the one before."""
    with psycopg.connect(superuser_dsn) as connection:
        names = [name for (name,) in connection.execute("select distinct domain from reference.measure")]
        verdict = {name: number - (name == failed) for name in [*names, "areas", "measures", "quality"]}
        query = "update ops.publication set state = 'audited', domains = %s where publication_id = %s"
        connection.execute(query, [Jsonb(verdict), number])


def settings_of(dsn: Mapping[str, str], home: Path) -> settings.Settings:
    """Settings of a throwaway warehouse, with keys that protect nothing."""
    names = {s.name: "unused" for s in settings.SETTINGS if s.default is None}
    keys = {name: base64.b64encode(bytes(32)).decode() for name in names if name.endswith("_KEY")}
    addresses = {f"SHEGONG_DSN_{role.upper()}": address for role, address in dsn.items()}
    return settings.load(names | keys | addresses | {"SHEGONG_HOME": str(home)})

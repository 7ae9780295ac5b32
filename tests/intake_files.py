"""Counties' files for tests of intake: rows that nobody can object to, as CSV or workbook, taken in as the DAG does."""

import csv
import io
import itertools
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import psycopg

from shegong import contract, reference_data, settings
from shegong.archive import Archive
from shegong.calendar import SHANGHAI
from shegong.intake.load import Loader
from shegong.render.template import Sheet, write

NOW = datetime(2026, 5, 6, 20, 0, tzinfo=SHANGHAI)
DAY, UNIT, OTHER_UNIT, PROVINCE = date(2026, 5, 6), "330106", "330110", "339900"
CONTRACTS = contract.load()
# numbers of nobody: sequence 001 of the first days of 1990, with the check digit of GB 11643
ID, ID_2, ID_3 = "330106199001010018", "330106199001020013", "330106199001030019"
AGENCY, AGENCY_2 = "52330106MJ8740125E", "91330106732443202J"
_minutes = itertools.count()

GOOD: dict[str, dict[str, object]] = {
    "talent": {
        "row_action": "新增", "id_no": ID, "person_name": "王明", "education": "本科", "sw_major": "是", "employer_type": "企业",
        "employer_id": AGENCY_2, "employer_name": "某公司", "is_direct_service": "否", "highest_level": "无", "status": "在岗",
    },
    "certificate": {
        "row_action": "新增", "id_no": ID, "person_name": "王明", "cert_mgmt_no": "20190330133000012", "cert_level": "社会工作师",
        "exam_year": 2019, "approve_date": date(2019, 9, 1), "cert_status": "有效",
    },
    "funding": {
        "row_action": "新增", "year": 2026, "source_type": "财政预算", "level": "县级", "usage": "宣传", "batch_no": "浙财1",
        "budget_yuan": 10, "received_yuan": 5, "spent_yuan": 1, "carried_over_yuan": 0, "book_date": date(2026, 4, 1),
    },
    "community": {
        "row_action": "新增", "community_code": "330106001001", "community_name": "某社区", "unit_kind": "居委会",
        "township_code": "330106001", "status": "正常",
    },
    "agency": {
        "row_action": "新增", "uscc": AGENCY, "agency_name": "某机构", "org_form": "社会服务机构", "reg_level": "县级",
        "main_domains": "社会福利", "found_date": date(2015, 3, 1), "staff_total": 3, "staff_certified": 0, "staff_qualified": 2, "status": "正常",
    },
}  # fmt: skip


def good(table: str, **more: object) -> dict[str, object]:
    """A row that nobody can object to, but for what `more` says."""
    return GOOD[table] | more


def as_csv(table: str, *rows: Mapping[str, object], encoding: str = "utf-8") -> bytes:
    """Rows as a county's CSV, with the columns that any of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([CONTRACTS[table].field(name).header for name in names])
    writer.writerows(["" if row.get(name) is None else str(row[name]) for name in names] for row in rows)
    return text.getvalue().encode(encoding)


def csv_name(
    table: str, *, mode: str = "D", day: date = DAY, sequence: int = 1, version: str = "", unit: str = UNIT
) -> str:
    return f"{unit}_{table}_{mode}{day:%Y%m%d}_{sequence:02d}{version}.csv"


def as_workbook(*sheets: Sheet, unit: str = UNIT, unit_name: str = "西湖区", **more: object) -> bytes:
    content = io.BytesIO()
    said = {"report_date": DAY, "mode": "D"} | more
    write(content, sheets, unit_code=unit, unit_name=unit_name, **said)
    return content.getvalue()


def sheet(table: str, *rows: Mapping[str, object], **more: object) -> Sheet:
    return Sheet(CONTRACTS[table], rows, **more)


def settings_of(database, home: Path, load_reference: bool = True, **more: str) -> settings.Settings:
    """Settings of a test's warehouse, its places and archive below `home`."""
    env = {f"SHEGONG_DSN_{role.upper()}": dsn for role, dsn in database.dsn.items()}
    env |= {f"SHEGONG_{name}_URL": str(home / name.lower()) for name in ("COUNTIES", "ARCHIVE", "OUTBOX")}
    env |= {f"SHEGONG_{name}_KEY": "A" * 43 + "=" for name in ("PERSON", "VAULT", "ARCHIVE")}
    if load_reference:
        reference_data.load(database.dsn["admin"])
    return settings.load(env | {"SHEGONG_HOME": str(home)} | more)


def place(ours: settings.Settings, name: str, content: bytes, unit: str = UNIT) -> dict:
    """Put a file into a county's place; what `find` would say of it. Each is a minute younger than the last."""
    path = Path(ours.counties_url) / unit / "submit" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    minute = next(_minutes)
    changed = f"2026-05-06T{minute // 60:02d}:{minute % 60:02d}:00+00:00"
    return {
        "unit_code": unit,
        "path": str(path),
        "name": name,
        "size_bytes": len(content),
        "modified_at": changed,
    }


def take(ours: settings.Settings, file: dict, now: datetime = NOW) -> int:
    """Load one placed file; its delivery_id."""
    with psycopg.connect(ours.dsn["loader"], autocommit=True) as connection:
        archive = Archive(Path(ours.archive_url), ours.archive_key)
        return Loader(ours, connection, archive, now).take(file, Path(file["path"]))


def send(ours: settings.Settings, name: str, content: bytes, unit: str = UNIT, now: datetime = NOW) -> int:
    """Place a file and load it; its delivery_id."""
    return take(ours, place(ours, name, content, unit), now)


class Ledger:
    """What a test asks of the warehouse, as its superuser."""

    def __init__(self, database) -> None:
        self._dsn = database.superuser_dsn

    def rows(self, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self._dsn) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def states(self, delivery_id: int) -> list[tuple]:
        """(table, state, total, accepted, refused) of each submission of a delivery."""
        return self.rows(
            "select table_name, state, rows_total, rows_accepted, rows_refused from ops.submission"
            " where delivery_id = %s order by table_name nulls first",
            delivery_id,
        )

    def findings(self, delivery_id: int) -> list[tuple]:
        """(rule, level, row) of each finding of a delivery."""
        return self.rows(
            "select rule_id, level, row_number from ops.finding inner join ops.submission using (submission_id)"
            " where delivery_id = %s order by row_number nulls first, rule_id",
            delivery_id,
        )

    def accept(self) -> None:
        """All that is staged counts from now on, as if judged; no build has been."""
        self.rows(
            "update ops.submission set state = 'accepted', accepted_at = received_at where state = 'staged'"
        )

    def clear(self) -> None:
        """Everything that came, so that one test's files are nothing to the next."""
        tables = [f"staging.{name}" for name in CONTRACTS]
        tables += [
            "ops.finding",
            "ops.refused_row",
            "ops.submission",
            "ops.delivery",
            "ops.stage_time",
            "ops.verdict",
            "vault.person",
        ]
        self.rows(f"truncate {', '.join(tables)} cascade")

"""Years of daily submissions, written straight into the ledger and staging: as if they had come day by day.

What the counties sent on the first day of the sample stands at the beginning; from then on every unit sends a few
files each working day: people's changes, registrations, posts, requests, and who attended which training.
Everything follows from the day's number and the row's, so two runs write the same.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
from psycopg import sql

from shegong.database import connect

LAST = date(2026, 5, 6)
_MOMENT = "20:00+08"  # when a day's files are accepted
_CHUNK = 50  # working days a statement
# The numbers that an entity is known by: in a province of n times the size every copy has numbers of its own.
_NUMBERS = (
    "person_key", "name_key", "employer_id", "uscc", "agency_id", "cert_mgmt_no", "project_no", "session_no", "event_no",
    "request_no", "matched_id", "pair_no", "task_no", "batch_no",
)  # fmt: skip
_NOT_MULTIPLIED = ("community", "township", "summary", "exam", "exam_incentive")


@dataclass(frozen=True)
class Daily:
    """What each unit sends of one table a working day: rows, where they come from, and what is said anew in them."""

    table: str
    rows: int
    base: str
    anew: dict[str, str]
    weekday: int | None = None


# d: the day (number, day, week), u: the unit, i: the row's number among the day's k.rows, b: the row of the base that it is about.
_ROWS = (
    Daily("training_session", 1, "talent", {
        "session_no": "'ZX' || d.week", "organiser": "'省培训中心'", "title": "'社会工作继续教育班'", "kind": "'3'", "mode": "'1'",
        "level": "'3'", "audience": "'1'", "start_date": "d.day", "end_date": "d.day + 4", "hours": "6", "participants": "220",
    }, weekday=0),
    Daily("training_attendance", 44, "talent", {
        "person_key": "b.person_key", "person_mask": "b.person_mask", "name_key": "b.name_key", "id_type": "b.id_type",
        "session_no": "'ZX' || d.week", "hours": "6", "passed": "true",
    }),
    Daily("talent", 5, "talent", {
        "row_action": "'2'", "effective_date": "d.day", "service_domain": "lpad(((d.number + i) % 16 + 1)::text, 2, '0')",
        "status": "case (d.number + i) % 40 when 0 then '9' else '1' end",
    }),
    Daily("certificate", 4, "certificate", {
        "row_action": "'1'", "effective_date": "d.day", "reg_seq": "b.reg_seq + 1 + (d.number * k.rows + i) / u.certificates",
        "reg_kind": "'2'", "reg_no": "'ZJ' || d.number || i", "reg_unit": "'省民政厅'", "reg_date": "d.day",
        "reg_valid_to": "d.day + 1095", "ce_hours": "90", "cert_status": "'1'",
    }),
    Daily("post", 3, "post", {
        "row_action": "'2'", "effective_date": "d.day", "appoint_date": "d.day",
        "status": "case (d.number + i) % 20 when 0 then '2' else '1' end",
    }),
    Daily("service_request", 2, "service_request", {
        "row_action": "'1'", "effective_date": "d.day", "request_no": "'R' || d.number || '-' || i", "requested_date": "d.day - 9",
        "matched_date": "case when b.matched_id is not null then d.day - 7 end",
        "closed_date": "case when b.closed_date is not null then d.day - 1 end",
    }),
)  # fmt: skip


def begin(dsn: str, days: int, times: int = 1) -> int:
    """Put what was accepted so far `days` before LAST, `times` over, and note what later files are about; its rows."""
    first = LAST - timedelta(days=days)
    with connect(dsn) as connection:
        connection.execute(
            "update ops.submission set report_date = %(first)s, received_at = %(at)s,"
            " accepted_at = case when accepted_at is not null then %(at)s::timestamptz end",
            {"first": first, "at": f"{first} {_MOMENT}"},
        )
        rows = sum(_multiply(connection, table, times) for table in _tables(connection))
        connection.execute("create schema bench")
        for table in sorted({daily.base for daily in _ROWS}):
            connection.execute(_BASE.format(base=_base(table), staging=sql.Identifier("staging", table)))
            connection.execute(sql.SQL("create index on {} (_unit_code, n)").format(_base(table)))
        connection.execute(_UNITS)
    _analyse(dsn)
    return rows


_BASE = sql.SQL(
    "create table {base} as select row_number() over (partition by staged._unit_code order by _submission_id, _row_number) - 1 as n,"
    " staged.* from {staging} as staged inner join ops.submission as taken on staged._submission_id = taken.submission_id"
    " where taken.accepted_at is not null"
)
_UNITS = """
create table bench.unit as
select
    _unit_code, row_number() over (order by _unit_code) - 1 as at, count(*) as talents,
    greatest(1, (select count(*) from bench.certificate where certificate._unit_code = talent._unit_code)) as certificates,
    greatest(1, (select count(*) from bench.post where post._unit_code = talent._unit_code)) as posts,
    greatest(1, (select count(*) from bench.service_request as r where r._unit_code = talent._unit_code)) as service_requests
from bench.talent group by _unit_code having count(*) >= 220
"""


def _base(table: str) -> sql.Identifier:
    return sql.Identifier("bench", table)


def _tables(connection: psycopg.Connection) -> list[str]:
    query = "select table_name from information_schema.tables where table_schema = 'staging' order by 1"
    return [row[0] for row in connection.execute(query)]


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    query = (
        "select column_name from information_schema.columns"
        " where table_schema = 'staging' and table_name = %s order by ordinal_position"
    )
    return [row[0] for row in connection.execute(query, [table])]


def _multiply(connection: psycopg.Connection, table: str, times: int) -> int:
    """Copies of a table's rows, below the same submissions, about other people and organisations; all rows then."""
    name, columns = sql.Identifier("staging", table), _columns(connection, table)
    if times > 1 and table not in _NOT_MULTIPLIED:
        values = [
            sql.SQL("md5({0} || copy)" if column.endswith("_key") else "{0} || 'x' || copy").format(
                sql.Identifier(column)
            )
            if column in _NUMBERS
            else sql.SQL("_row_number + copy * 1000000") if column == "_row_number" else sql.Identifier(column)
            for column in columns
        ]  # fmt: skip
        connection.execute(
            sql.SQL(
                "insert into {0} ({1}) select {2} from {0} cross join generate_series(1, %s) as copy"
            ).format(name, sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(values)),
            [times - 1],
        )
    return connection.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()[0]


def write(dsn: str, first: date, last: date, times: int = 1, *, attendance: bool = True) -> tuple[int, int]:
    """The working days from `first` to `last`, both included; submissions and rows that were written."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    numbered = [((day - date(2020, 1, 6)).days, day) for day in days if day.weekday() < 5]
    submissions = rows = 0
    for at in range(0, len(numbered), _CHUNK):
        with connect(dsn) as connection:
            connection.execute("create temp table days (number int, day date, week int) on commit drop")
            with connection.cursor().copy("copy days from stdin") as copy:
                for number, day in numbered[at : at + _CHUNK]:
                    copy.write_row((number, day, number // 7))
            for table_at, daily in enumerate(_ROWS):
                if attendance or not daily.table.startswith("training"):
                    made = _write_table(connection, table_at, daily, times)
                    submissions, rows = submissions + made[0], rows + made[1]
    _analyse(dsn)
    return submissions, rows


_SUBMISSIONS = """
with
files as (
    select
        {first} + (d.number * 1000 + u.at) * 10 + %(table_at)s as id, u._unit_code as unit, d.day,
        (d.day || ' {moment}')::timestamptz as moment
    from days as d cross join bench.unit as u
    where {on_its_day} and u.{available} > 1
),
deliveries as (
    insert into ops.delivery (
        delivery_id, place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash, received_at, state
    ) overriding system value
    select id, unit, '/' || unit || '/' || id, unit || '_' || %(table)s || '_D' || to_char(day, 'YYYYMMDD') || '_01.csv', 4000, moment,
        md5(id::text), moment, 'read'
    from files
)
insert into ops.submission (
    submission_id, delivery_id, unit_code, table_name, sheet_name, mode, report_date, sequence, contract_version, state,
    rows_total, rows_accepted, rows_refused, received_at, accepted_at
) overriding system value
select id, id, unit, %(table)s, '数据', 'D', day, 1, '2026.1', 'accepted', %(rows)s, %(rows)s, 0, moment, moment from files
"""

_STAGED = """
insert into {staging} (_submission_id, _unit_code, _sheet_name, _row_number, {columns})
select {first} + (d.number * 1000 + u.at) * 10 + %(table_at)s, u._unit_code, '数据', i + 2, {values}
from days as d cross join bench.unit as u cross join (values (%(rows)s::bigint)) as k (rows)
cross join generate_series(0, k.rows - 1) as i
inner join {base} as b on u._unit_code = b._unit_code and b.n = ((d.number * k.rows + i) %% u.{available})
where {on_its_day} and u.{available} > 1
"""


def _write_table(connection: psycopg.Connection, table_at: int, daily: Daily, times: int) -> tuple[int, int]:
    """Both statements follow the same numbers, so that each row lies below its submission."""
    known = set(_columns(connection, daily.base)) if daily.base == daily.table else set()
    columns = [c for c in _columns(connection, daily.table)[4:] if c in daily.anew or c in known]
    values = [sql.SQL(daily.anew.get(c, f"b.{c}").replace("%", "%%")) for c in columns]
    rows = daily.rows * (times if daily.rows > 1 else 1)
    parts = {
        "first": sql.SQL("100000000"),
        "moment": sql.SQL(_MOMENT),
        "staging": sql.Identifier("staging", daily.table),
        "base": _base(daily.base),
        "available": sql.Identifier(f"{daily.base}s"),
        "on_its_day": sql.SQL(
            "true" if daily.weekday is None else f"extract(isodow from d.day) = {daily.weekday + 1}"
        ),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "values": sql.SQL(", ").join(values),
    }
    told = {"table": daily.table, "table_at": table_at, "rows": rows}
    submissions = connection.execute(sql.SQL(_SUBMISSIONS).format(**parts), told).rowcount
    return submissions, connection.execute(sql.SQL(_STAGED).format(**parts), told).rowcount


def write_record(dsn: str, months: int) -> int:
    """What the last publication said of each number, said for each of so many months before it too; its rows."""
    query = """
        insert into ops.measure_value
        select measure_id, figure_id, area_code, (month - make_interval(months => back))::date, year, publication_id, published_at,
            domain, period, (as_of_date - make_interval(months => back))::date, state, value, numerator, denominator
        from ops.measure_value cross join generate_series(1, %s) as back
        where month = (select max(month) from ops.measure_value)
        on conflict do nothing
    """
    with connect(dsn) as connection:
        written = connection.execute(query, [months]).rowcount
    _analyse(dsn)
    return written


def _analyse(dsn: str) -> None:
    """What a running warehouse's autovacuum has done long before the day."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")

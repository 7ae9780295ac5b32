"""The years that the bench writes: as many rows as it says, each below its submission, nobody twice in a session."""

from datetime import date

import psycopg
import pytest

from bench import years

UNIT = "330106"
PEOPLE = 220
WEEK = (date(2026, 4, 27), date(2026, 5, 3))  # Monday to Sunday


@pytest.fixture(scope="module")
def dsn(database) -> str:
    with psycopg.connect(database.superuser_dsn) as connection:
        for table, rows, columns, values in (
            ("talent", PEOPLE, "person_key, person_mask", "'p' || n, '3*4'"),
            ("certificate", PEOPLE, "person_key, cert_mgmt_no, reg_seq", "'p' || n, 'c' || n, 0"),
            ("post", 5, "employer_id, post_no, slot_no", "'e' || n, 'G1', 1"),
            ("service_request", 4, "request_no, matched_id", "'X' || n, case when n > 2 then 'a' end"),
        ):
            (submission,) = connection.execute(
                "with d as (insert into ops.delivery (place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash,"
                " received_at, state) values (%(unit)s, %(table)s, 'x.csv', 1, now(), %(table)s, now(), 'read') returning delivery_id)"
                " insert into ops.submission (delivery_id, unit_code, table_name, mode, report_date, sequence, state, received_at,"
                " accepted_at) select delivery_id, %(unit)s, %(table)s, 'S', '2026-05-06', 1, 'accepted', now(), now() from d"
                " returning submission_id",
                {"unit": UNIT, "table": table},
            ).fetchone()
            connection.execute(
                f"insert into staging.{table} (_submission_id, _unit_code, _sheet_name, _row_number, {columns})"
                f" select %s, %s, '', n, {values} from generate_series(1, {rows}) as n",
                [submission, UNIT],
            )
    return database.superuser_dsn


def test_a_week_is_what_it_is_said_to_be(dsn: str) -> None:
    assert years.begin(dsn, 30) == 2 * PEOPLE + 9
    submissions, rows = years.write(dsn, *WEEK)
    assert submissions == 5 * 5 + 1  # five tables on five working days, and Monday's session
    assert rows == 5 * (44 + 5 + 4 + 3 + 2) + 1
    with psycopg.connect(dsn) as connection:
        ask = connection.execute
        assert ask("select min(report_date) from ops.submission").fetchone() == (date(2026, 4, 6),)
        for table, a_day in (
            ("training_attendance", 44),
            ("talent", 5),
            ("certificate", 4),
            ("post", 3),
            ("service_request", 2),
        ):
            query = f"""
                select count(*), bool_and(s.unit_code = r._unit_code and s.table_name = %s and s.state = 'accepted' and s.rows_total = %s)
                from staging.{table} as r inner join ops.submission as s on r._submission_id = s.submission_id where s.mode = 'D'
            """
            assert ask(query, [table, a_day]).fetchone() == (5 * a_day, True)
        query = "select count(*), count(distinct (session_no, person_key)) from staging.training_attendance"
        assert ask(query).fetchone() == (220, 220)
        query = "select count(*), count(distinct (cert_mgmt_no, reg_seq)) from staging.certificate"
        assert ask(query).fetchone() == (PEOPLE + 20, PEOPLE + 20)
        query = (
            "select count(*) from ops.submission where mode = 'D' and extract(isodow from report_date) > 5"
        )
        assert ask(query).fetchone() == (0,)


def test_a_larger_province_has_people_of_its_own(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("drop schema if exists bench cascade")
        (before,) = connection.execute("select count(*) from staging.talent").fetchone()
    years.begin(dsn, 30, times=3)
    with psycopg.connect(dsn) as connection:
        query = "select count(*), count(distinct person_key) from staging.talent"
        assert connection.execute(query).fetchone() == (3 * before, 3 * PEOPLE)

"""What fills every part of the bureau's page: for tests that open it and look, without a week of work behind it."""

from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from shegong import gate
from shegong.alerts import handling, incidents
from shegong.calendar import SHANGHAI
from shegong.settings import Settings

NOW = datetime(2026, 5, 8, 9, 30, tzinfo=SHANGHAI)
DAY = "2026-05-07"
LONG = "西湖区三家机构的证书与登记表和上一次相比少了四成以上，且有五个单位同日报送了同样的号码"


def fill(ours: Settings, superuser_dsn: str) -> None:
    """Files in every state, a held domain and one that was refused, two publications, targets, incidents with acts."""
    with psycopg.connect(superuser_dsn) as connection:
        for number, state in enumerate(("accepted", "partly_accepted", "held", "refused", "held")):
            _submission(connection, number, state, "engineers" if number == 4 else "county")
        _publications(connection)
        _targets(connection)
    gate.hold(ours, NOW, "funding", "李科长", "与财政核对资金口径")
    with psycopg.connect(ours.dsn["loader"]) as connection:
        _incidents(connection)


def _submission(connection: psycopg.Connection, number: int, state: str, waits_for: str) -> None:
    table = ("talent", "certificate", "post", "agency", "project")[number]
    received = f"{DAY} 10:00+08"
    delivery = connection.execute(
        "insert into ops.delivery (place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash, received_at, state)"
        " values ('330106', %s, %s, 9, %s, %s, %s, 'read') returning delivery_id",
        [f"/{number}", f"330106_{table}_D20260507_01.xlsx", received, str(number), received],
    ).fetchone()[0]
    submission = connection.execute(
        "insert into ops.submission (delivery_id, unit_code, table_name, mode, report_date, sequence, state, held_for, reason,"
        " rows_total, rows_accepted, received_at) values (%s, '330106', %s, 'D', %s, 1, %s, %s, %s, 120, 110, %s) returning submission_id",
        [delivery, table, DAY, state, waits_for if state == "held" else None, LONG if state == "held" else None, received],
    ).fetchone()[0]  # fmt: skip
    connection.execute(
        "insert into ops.finding (submission_id, check_class, rule_id, level, row_number, column_letter, header, value_shown, text, mend)"
        " select %s, 'file', 'R1', 'W', n, 'C', '证件号码', '3****************X', '核实：号码与姓名不符', '请核对身份证件后重报'"
        " from generate_series(4, 12) as n",
        [submission],
    )


def _publications(connection: psycopg.Connection) -> None:
    for number in (1, 2):
        connection.execute(
            "insert into ops.publication (state, as_of, published_at, git_sha, manifest_hash, contract_versions, domains, row_counts,"
            " input_submissions) values ('published', %s, %s, 'abcdef0123456', %s, '{}', %s, %s, '{1,2}')",
            [NOW, NOW, str(number), Jsonb({"talent": number, "funding": 1}), Jsonb({"fct_talent": 26_000 + number})],
        )  # fmt: skip
    connection.execute("create schema marts_v1 authorization warehouse_owner")
    areas = connection.execute(
        "select area_code from reference.area where is_current and area_level = 'county' order by 1 limit 40"
    ).fetchall()
    for (area,) in areas:
        connection.execute(
            "insert into ops.measure_change values"
            " (2, 'M02-1', 'a', %s, 0, 'talent', '已采集', '已采集', 103, 109.25, '{1,2,3,4}', false, false)",
            [area],
        )
    connection.execute(
        "insert into ops.verdict (asked_at, suite, expectation, domain, severity, outcome, publication_id, details)"
        " values (%s, 'marts', 'G01', 'agencies', 'critical', 'failed', 2, %s)",
        [NOW, Jsonb({"text": f"机构数与上一次发布相比：{LONG}", "shown": [{"area": "330106", "value": 3}]})],
    )


def _targets(connection: psycopg.Connection) -> None:
    """As dbt's mart is, in the columns that the page reads."""
    connection.execute(
        "create table marts.mart_target_progress as"
        " select goal_id, measure_id, '三(七)' as clause, goal_name, '已采集' as state, 0.001 * (row_number() over (order by area_code) * 7) as value,"
        " 31::numeric as numerator, 100::numeric as denominator, 1::numeric as target, 'share' as unit, '>=' as direction,"
        " case goal_id when 'G1' then 0 else 0.6 end as gap, date '2026-12-31' as deadline, false as is_expired, 0.97 as coverage,"
        " false as is_carried_forward, date '2026-05-08' as as_of_date, 2 as publication_id, area_level, area_code, area_name"
        " from reference.area cross join (values ('G1', 'M02-1', '每个城市社区至少2名社会工作专业人才'), ('G2', 'M03-1',"
        " '以社会工作服务为主的事业单位社会工作专业技术岗位占比')) as goals (goal_id, measure_id, goal_name)"
        " where is_current and area_level in ('province', 'city', 'county')"
    )
    connection.execute(
        "grant usage on schema marts to public; grant select on all tables in schema marts to public"
    )


def _incidents(connection: psycopg.Connection) -> None:
    for cause, kind, severity in (
        ("a", "source", "critical"),
        ("b", "held", "warning"),
        ("c", "contact", "info"),
    ):
        number = incidents.open_incident(
            connection, cause=cause, kind=kind, severity=severity, audience="bureau", title=f"{LONG}（{cause}）", details=LONG * 2,
            now=NOW, area_code="330106",
        )  # fmt: skip
    handling.acknowledge(connection, number, "李科长", "已看到，正在联系县里", NOW)
    handling.assign(connection, number, "李科长", "由数据组核对", NOW, "张三")
    handling.mute(connection, number, "李科长", "等县里回复", NOW, datetime(2099, 1, 31, tzinfo=SHANGHAI))
    handling.explain(connection, number, "张三", "年度登记窗口，属正常减少", NOW)

"""The DAGs send_alerts and keep_house as Airflow runs it: to a mail server by Airflow's connection, and to the folder."""

import base64
import email
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from robot_servers import DingTalkServer

from shegong import reference_data
from shegong.calendar import SHANGHAI
from shegong.runtime.postgres import free_port
from shegong.stage_time import note_stage

REPOSITORY = Path(__file__).parents[2]
NOW = datetime(2026, 5, 6, 20, tzinfo=SHANGHAI)
RUN = """
import sys
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(sys.argv[1], bundle_path=Path(sys.argv[1]), bundle_name="tests")
assert not bag.import_errors, bag.import_errors
conf = {"now": sys.argv[2]} if sys.argv[2] else {}
run = bag.get_dag(sys.argv[3]).test(run_conf=conf)
sys.exit(0 if run.state == "success" else 1)
"""


class Inbox:
    """An SMTP server's mails, kept as they came."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture(scope="module")
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


@pytest.fixture(scope="module")
def environment(database, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A process environment with every setting, and an Airflow of its own."""
    folder = tmp_path_factory.mktemp("send_alerts")
    caller = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "SHEGONG"))}
    key = base64.b64encode(bytes(32)).decode()
    made = caller | {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "DO_NOT_TRACK": "1",
        "SHEGONG_HOME": str(folder),
        "SHEGONG_COUNTIES_URL": (folder / "counties").as_uri(),
        "SHEGONG_ARCHIVE_URL": (folder / "archive").as_uri(),
        "SHEGONG_OUTBOX_URL": (folder / "outbox").as_uri(),
        **{f"SHEGONG_{name}_KEY": key for name in ("PERSON", "VAULT", "ARCHIVE")},
        **{f"SHEGONG_DSN_{role.upper()}": dsn for role, dsn in database.dsn.items()},
    }
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"], env=made, check=True, capture_output=True
    )
    reference_data.load(database.dsn["admin"])
    return made


@pytest.fixture(autouse=True)
def one_refused_file(database) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("truncate ops.delivery, ops.incident, ops.outbox cascade")
        connection.execute(
            "insert into ops.delivery"
            " (place_unit_code, source_path, file_name, size_bytes, modified_at, content_hash, received_at)"
            " values ('330106', 'x', '人才.xlsx', 1, %(now)s, 'x', %(now)s)",
            {"now": NOW},
        )
        connection.execute(
            "insert into ops.submission (delivery_id, unit_code, state, reason, received_at)"
            " select delivery_id, '330106', 'refused', '不是工作簿', %s from ops.delivery",
            [NOW],
        )


def run_dag(environment: dict[str, str], dag_id: str = "send_alerts", now: str = NOW.isoformat()) -> str:
    """What it said on its way."""
    words = [sys.executable, "-c", RUN, str(REPOSITORY / "dags"), now, dag_id]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_a_mail_leaves_by_the_connection_once(environment, inbox, database) -> None:
    handler, port = inbox
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port}
    plain = {"extra": {"disable_ssl": True, "disable_tls": True}}
    smtp = environment | {
        "AIRFLOW_CONN_BUREAU_MAIL": json.dumps(connection | plain),
        "SHEGONG_SMTP_CONNECTION": "bureau_mail",
    }
    run_dag(smtp)
    run_dag(smtp)
    ((recipients, content),) = handler.mails
    mail = email.message_from_bytes(content, policy=policy.default)
    assert recipients == ["bureau@localhost"]
    assert mail["Subject"].startswith("社会工作数据日报 5月6日：新问题")
    assert "杭州市西湖区的文件 人才.xlsx 被退回" in mail.get_body(("plain",)).get_content()
    assert "不是工作簿" in mail.get_body(("html",)).get_content()
    with psycopg.connect(database.dsn["auditor"]) as warehouse:
        assert warehouse.execute("select attempts, sent_at from ops.outbox").fetchall() == [(1, NOW)]


@pytest.mark.parametrize("known", [True, False], ids=["server-away", "no-such-connection"])
def test_a_mail_server_that_is_away_fails_no_task_and_loses_no_mail(environment, database, known) -> None:
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": free_port()}
    away = environment | {"SHEGONG_SMTP_CONNECTION": "bureau_mail"}
    if known:
        away["AIRFLOW_CONN_BUREAU_MAIL"] = json.dumps(connection | {"extra": {"disable_ssl": True}})
    run_dag(away)
    with psycopg.connect(database.dsn["auditor"]) as warehouse:
        query = "select attempts, sent_at, last_error, next_try_at > tried_at from ops.outbox"
        error = "ConnectionRefusedError: no answer" if known else "connection: SMTP connection is not found."
        assert warehouse.execute(query).fetchall() == [(1, None, error, True)]


def test_without_a_connection_it_lies_in_the_folder(environment) -> None:
    run_dag(environment)
    (path,) = (Path(environment["SHEGONG_HOME"]) / "outbox").iterdir()
    assert path.name.startswith("20260506_bureau@localhost_")
    assert "日报" in email.message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]


def test_a_robot_is_reached_by_its_connection_and_no_log_tells_its_token(environment, database) -> None:
    server = DingTalkServer(time.time, token="tok-0123456789", secret="SEC-0123456789")
    connection = {"conn_type": "http", "host": server.base, "password": server.token}
    robot = environment | {
        "AIRFLOW_CONN_ROBOT_BUREAU": json.dumps(connection | {"extra": {"secret": server.secret}}),
    }
    with psycopg.connect(database.dsn["admin"]) as admin:
        admin.execute(
            "insert into reference.contact (area_code, duty, channel, address)"
            " values ('330000', 'responsible', 'dingtalk', 'robot_bureau')"
        )
    try:
        said = run_dag(robot)
    finally:
        server.stop()
        with psycopg.connect(database.dsn["admin"]) as admin:
            admin.execute("delete from reference.contact")
    (text,) = server.texts
    assert text.startswith("社会工作数据日报")
    logs = [path for path in Path(environment["SHEGONG_HOME"]).rglob("*.log") if path.is_file()]
    said += "".join(path.read_text(errors="replace") for path in logs)
    assert "send_alerts" in said
    assert not [secret for secret in (server.token, server.secret, "sign=") if secret in said]
    with psycopg.connect(database.dsn["auditor"]) as warehouse:
        query = "select answer_code, delivered_at is not null from ops.outbox where channel = 'dingtalk'"
        assert warehouse.execute(query).fetchall() == [("0", True)]


def test_a_build_that_never_came_is_told_at_once_without_send_alerts(environment, database) -> None:
    outbox = Path(environment["SHEGONG_HOME"]) / "outbox"
    before = set(outbox.glob("*"))
    with psycopg.connect(database.dsn["loader"]) as connection:
        note_stage(connection, datetime.now(UTC) - timedelta(days=2), "audit", 1.0)
    run_dag(environment, "keep_house", now="")
    (path,) = set(outbox.glob("*")) - before
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    assert "统计表生成停了：build_marts 没有按时完成" in text
    assert "请工程师查看 Airflow 的调度器" in text
    run_dag(environment, "keep_house", now="")
    assert len(set(outbox.glob("*")) - before) == 1

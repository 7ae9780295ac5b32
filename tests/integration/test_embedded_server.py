"""The embedded PostgreSQL against what happens on people's machines, and the database of other tests."""

import os
import signal
import socket
import time
from pathlib import Path

import psycopg
import pytest

from shegong.errors import ShegongError
from shegong.runtime import postgres, processes


@pytest.fixture
def home(tmp_path: Path):
    yield tmp_path / "home"
    postgres.stop(tmp_path / "home")


def test_start_again_changes_nothing_and_stop_ends_every_process(home: Path) -> None:
    first = postgres.start(home, preferred_port=0)
    main = postgres.main_process(home)
    assert postgres.start(home) == first
    assert postgres.main_process(home) == main
    assert postgres.stop(home) is True
    assert not postgres.is_running(home)
    assert postgres.stop(home) is False


def test_data_survives_a_killed_server_and_the_port_is_kept(home: Path) -> None:
    server = postgres.start(home, preferred_port=0)
    with psycopg.connect(server.superuser_dsn) as connection:
        connection.execute("create table kept as select 1 as one")
    main = postgres.main_process(home)
    os.kill(main, signal.SIGKILL)
    while (stat := processes.read_stat(main)) and stat.state != "Z":
        pass
    again = postgres.start(home)
    assert again == server
    with psycopg.connect(again.superuser_dsn) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)


def test_stop_ends_what_a_killed_main_process_left(home: Path) -> None:
    server = postgres.start(home, preferred_port=0)
    with psycopg.connect(server.superuser_dsn):
        os.kill(postgres.main_process(home), signal.SIGKILL)
        postgres.stop(home)
        title = postgres.cluster_name(home / "postgres")
        assert processes.find_by_command(lambda words: title in words[0]) == []


def test_a_stale_pid_file_does_not_hinder(home: Path) -> None:
    postgres.start(home, preferred_port=0)
    lock = home / "postgres" / "data" / "postmaster.pid"
    # The pid of a live process of the same user, as after a crash with recycled pids.
    stale = lock.read_text().replace(str(postgres.main_process(home)), str(os.getpid()), 1)
    postgres.stop(home)
    lock.write_text(stale)
    assert not postgres.is_running(home)
    postgres.start(home)
    assert postgres.is_running(home)


def test_a_taken_port_of_its_own_is_named_with_the_mend(home: Path) -> None:
    port = postgres.start(home, preferred_port=0).port
    postgres.stop(home)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((postgres.HOST, port))
        other.listen()
        with pytest.raises(ShegongError, match=f"Port {port}.* taken") as caught:
            postgres.start(home)
    assert str(home / "postgres" / "port") in caught.value.mend


def test_a_preferred_port_that_is_taken_is_passed_over(home: Path) -> None:
    with socket.socket() as other:
        other.bind((postgres.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        assert postgres.start(home, preferred_port=taken).port != taken


def test_an_interrupted_initdb_is_begun_anew(home: Path) -> None:
    (home / "postgres" / "unfinished" / "base").mkdir(parents=True)
    postgres.start(home, preferred_port=0)
    assert postgres.is_running(home)


def test_a_failed_start_names_the_cause(home: Path) -> None:
    with pytest.raises(ShegongError, match=r"did not start.*shared_buffers"):
        postgres.start(home, preferred_port=0, settings={"shared_buffers": "nonsense"})


def test_only_passwords_open_it_and_only_on_loopback(server: postgres.Server) -> None:
    wrong = server.dsn("postgres", postgres.SUPERUSER, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    with psycopg.connect(server.superuser_dsn) as connection:
        query = "select current_setting('listen_addresses'), current_setting('unix_socket_directories')"
        assert connection.execute(query).fetchone() == ("127.0.0.1", "")
        query = "select datlocprovider, datlocale from pg_database where datname = current_database()"
        assert connection.execute(query).fetchone() == ("b", "C.UTF-8")
        methods = {row[0] for row in connection.execute("select auth_method from pg_hba_file_rules")}
        assert methods == {"scram-sha-256"}


def test_logs_quote_no_row(home: Path) -> None:
    server = postgres.start(home, preferred_port=0)
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute("create table people (document text primary key)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into people values ('330106199001011234'), ('330106199001011234')")
    # The collector writes what the server hands it a moment after the client has its answer.
    until = time.monotonic() + 30
    text = ""
    while "duplicate key" not in text and time.monotonic() < until:
        time.sleep(0.05)
        text = "".join(path.read_text() for path in (home / "postgres" / "log").iterdir())
    assert "duplicate key" in text
    assert "330106199001011234" not in text


def test_the_database_of_a_module_has_each_role(database) -> None:
    for role, dsn in database.dsn.items():
        with psycopg.connect(dsn) as connection:
            assert connection.execute("select current_user").fetchone() == (role,)


def test_the_database_of_a_module_keeps_the_templates_rights(database) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        query = "select has_database_privilege('bi_reader', current_database(), 'temporary')"
        assert connection.execute(query).fetchone() == (False,)

"""The demo's settings: made once, kept, private; and what the command tells when something is wrong."""

import base64
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from shegong import cli, settings
from shegong.errors import ShegongError
from shegong.runtime import accounts, airflow, environment, lifecycle, postgres
from shegong.runtime.airflow_api import Airflow, Run, Task

SERVER = postgres.Server("127.0.0.1", 5433, "postgresql://postgres:word@127.0.0.1:5433/postgres")


def test_all_settings_can_be_loaded_from_what_was_made(tmp_path: Path) -> None:
    environment.prepare(tmp_path, SERVER)
    loaded = settings.load(environment.read(tmp_path))
    assert loaded.home == tmp_path
    assert loaded.dsn["loader"].startswith("postgresql://loader:")
    assert len({loaded.person_key, loaded.vault_key, loaded.archive_key}) == 3
    assert loaded.counties_url == (tmp_path / "counties").as_uri()


def test_only_the_owner_reads_secrets(tmp_path: Path) -> None:
    environment.prepare(tmp_path, SERVER)
    for place in (tmp_path / "env", tmp_path / "airflow" / "passwords.json"):
        assert place.stat().st_mode & 0o777 == 0o600


def test_a_second_call_keeps_secrets_and_edits_but_follows_the_port(tmp_path: Path) -> None:
    first = environment.prepare(tmp_path, SERVER)
    place = environment.path(tmp_path)
    place.write_text(
        place.read_text().replace("SHEGONG_MAIL_TO=bureau@localhost", "SHEGONG_MAIL_TO=chu=1@example.org")
    )
    moved = postgres.Server("127.0.0.1", 6000, "postgresql://postgres:word@127.0.0.1:6000/postgres")
    second = environment.prepare(tmp_path, moved)
    changed = {name for name in first if first[name] != second[name]}
    dsns = {f"SHEGONG_DSN_{role.upper()}" for role in settings.ROLES}
    conns = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"}
    assert changed == dsns | conns | {"SHEGONG_MAIL_TO"}
    assert second["SHEGONG_MAIL_TO"] == "chu=1@example.org"


def test_airflow_gets_our_password_and_a_valid_key(tmp_path: Path) -> None:
    env = environment.prepare(tmp_path, SERVER)
    kept = json.loads((tmp_path / "airflow" / "passwords.json").read_text())
    assert kept == {"admin": env["SHEGONG_AIRFLOW_PASSWORD"]}
    assert len(base64.urlsafe_b64decode(env["AIRFLOW__CORE__FERNET_KEY"])) == 32


def test_the_callers_own_airflow_variables_do_not_reach_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "True")
    child = airflow.child_environment({"AIRFLOW__CORE__PARALLELISM": "4"})
    assert "AIRFLOW__CORE__LOAD_EXAMPLES" not in child
    assert child["AIRFLOW__CORE__PARALLELISM"] == "4"


def test_settings_of_production_are_not_overridden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.prepare(tmp_path, SERVER)
    monkeypatch.setenv("SHEGONG_DSN_LOADER", "postgresql://loader@elsewhere/shegong")
    monkeypatch.delenv("SHEGONG_MAIL_TO", raising=False)
    environment.load_into_process(tmp_path)
    assert os.environ["SHEGONG_DSN_LOADER"] == "postgresql://loader@elsewhere/shegong"
    assert "SHEGONG_MAIL_TO" not in os.environ


def test_a_full_disk_is_told_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9, 5 * 2**20))
    with pytest.raises(ShegongError, match="has 5 MiB left"):
        postgres.start(tmp_path)
    assert not (tmp_path / "postgres" / "data").exists()


def test_a_disk_that_fills_up_meanwhile_is_told(tmp_path: Path) -> None:
    said = "PANIC:  could not write to file: No space left on device"
    error = postgres.explain(said, "PostgreSQL did not start on port 5433", tmp_path)
    assert "is full" in error.message
    assert "Free" in error.mend


def test_root_without_a_way_to_the_folder_is_told_which_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(accounts, "_reaches", lambda *_: False)
    with pytest.raises(ShegongError, match="may not enter") as caught:
        accounts.choose_account(closed, Path("/bin/true"))
    assert "/srv" in caught.value.mend


def test_a_log_is_named_as_airflow_lays_it(tmp_path: Path) -> None:
    api = Airflow("http://127.0.0.1:1", "admin", "word", tmp_path)
    run = Run("load", "manual__1", "failed", (Task("check", 3, "failed", 2), Task("find", -1, "failed", 1)))
    assert [task.name for task in run.broken] == ["check[3]", "find"]
    base = tmp_path / "dag_id=load" / "run_id=manual__1"
    assert api.log_path(run, run.broken[0]) == base / "task_id=check" / "map_index=3" / "attempt=2.log"
    assert api.log_path(run, run.broken[1]) == base / "task_id=find" / "attempt=1.log"


def test_two_at_once_are_told(tmp_path: Path) -> None:
    with lifecycle.locked(tmp_path), pytest.raises(ShegongError, match="Another"), lifecycle.locked(tmp_path):
        pass


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine where nothing was started."""
    for name in list(os.environ):
        if name.startswith("SHEGONG_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SHEGONG_HOME", str(tmp_path / "none"))
    return tmp_path


def test_status_of_nothing_says_stopped(bare: Path) -> None:
    result = CliRunner().invoke(cli.cli, ["status", "--json"])
    assert result.exit_code == 3
    parts = json.loads(result.output)
    assert {part["name"]: part["state"] for part in parts} == {
        "postgresql": "stopped",
        "api-server": "stopped",
        "scheduler": "stopped",
        "dag-processor": "stopped",
    }


def test_stop_of_nothing_is_no_error(bare: Path) -> None:
    result = CliRunner().invoke(cli.cli, ["stop"])
    assert result.exit_code == 0
    assert "Nothing was running" in result.output
    assert not (bare / "none").exists()


def test_an_error_is_two_lines_without_traceback(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["shegong", "dsn", "--role", "loader"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith("shegong: SHEGONG_DSN_LOADER is not set")
    assert said[1].strip() == "Run `shegong demo` first."

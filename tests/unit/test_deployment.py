"""docker-compose.yml, Dockerfile and .env.example, checked as far as it goes without an engine."""

import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from shegong import settings
from shegong.cli import cli
from shegong.runtime import environment

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (REPOSITORY / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("shegong:")}
# Read by a command rather than declared as a setting: only init needs them.
ONLY_INIT = {"SHEGONG_SUPERUSER_DSN"}


def env_example() -> dict[str, str]:
    lines = (REPOSITORY / ".env.example").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    assert len({name for name, _ in pairs}) == len(pairs), "a variable stands twice"
    return dict(pairs)


def used_by_compose() -> set[str]:
    """${NAME} is filled in by compose, $$NAME by the shell of a container."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", COMPOSE_TEXT)) | set(
        re.findall(r"\$\$([A-Z][A-Z0-9_]+)", COMPOSE_TEXT)
    )


def known_to_airflow(name: str) -> bool:
    _, section, option = name.lower().split("__")
    root = Path(importlib.util.find_spec("airflow").submodule_search_locations[0])
    core = yaml.safe_load((root / "config_templates" / "config.yml").read_text())
    if section in core:
        return option in core[section]["options"]
    provider = root / "providers" / section / "get_provider_info.py"
    return f'"{option}": {{' in provider.read_text()


def test_compose_follows_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*command, REPOSITORY / "docker-compose.yml"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_each_variable_of_compose_is_in_env_example() -> None:
    assert used_by_compose() - set(env_example()) == set()


def test_each_variable_of_env_example_is_used() -> None:
    declared = {setting.name for setting in settings.SETTINGS}
    airflow = {name for name in env_example() if name.startswith("AIRFLOW__")}
    assert set(env_example()) - used_by_compose() - declared - airflow - ONLY_INIT == set()


def test_env_example_has_each_setting_with_its_default() -> None:
    example = env_example()
    assert {setting.name for setting in settings.SETTINGS} - set(example) == set()
    for setting in settings.SETTINGS:
        if setting.default is not None and setting.name != "SHEGONG_HOME":
            assert example[setting.name] == setting.default


def test_env_example_holds_no_secret() -> None:
    example = env_example()
    secret = {setting.name for setting in settings.SETTINGS if setting.secret}
    secret |= {
        name for name in example if re.search("PASSWORD|SECRET|FERNET|ALCHEMY_CONN|BROKER|BACKEND", name)
    }
    for name in secret:
        assert "CHANGE-ME" in example[name], name


@pytest.mark.parametrize(
    "name", sorted(n for n in {*env_example(), *environment.AIRFLOW} if n.startswith("AIRFLOW__"))
)
def test_airflow_knows_each_of_its_variables(name: str) -> None:
    assert known_to_airflow(name)


def test_a_misspelt_airflow_variable_would_be_found() -> None:
    assert not known_to_airflow("AIRFLOW__CORE__PARALELLISM")
    assert not known_to_airflow("AIRFLOW__CELERY__WORKER_CONCURENCY")


def test_each_service_restarts_and_tells_its_health() -> None:
    assert {name for name, service in SERVICES.items() if "restart" not in service} == set()
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"init"}


def test_each_service_of_ours_waits_for_init() -> None:
    for name, service in OURS.items():
        if name != "init":
            assert service["depends_on"]["init"]["condition"] == "service_completed_successfully"
        assert service["env_file"] == ".env"


def test_the_database_lies_where_release_18_expects_it() -> None:
    assert SERVICES["postgres"]["image"].startswith("postgres:18")
    assert SERVICES["postgres"]["volumes"] == ["database:/var/lib/postgresql"]


def test_each_volume_is_declared_and_its_folder_made_by_the_image() -> None:
    mounted = dict(
        volume.split(":") for service in SERVICES.values() for volume in service.get("volumes", [])
    )
    assert set(mounted) == set(COMPOSE["volumes"])
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    for name, folder in mounted.items():
        assert name == "database" or f" {folder}" in dockerfile


def test_files_of_settings_lie_in_volumes() -> None:
    folders = {volume.split(":")[1] for service in OURS.values() for volume in service["volumes"]}
    for name in ("SHEGONG_COUNTIES_URL", "SHEGONG_ARCHIVE_URL", "SHEGONG_OUTBOX_URL"):
        assert env_example()[name].removeprefix("file://") in folders


def test_each_path_that_the_image_takes_is_there() -> None:
    kept = [
        line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    assert len(kept) >= 7
    assert [path for path in kept if not (REPOSITORY / path).exists()] == []
    copied = re.findall(r"^COPY (\S+)", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
    assert [path for path in copied if not (REPOSITORY / path).exists()] == []
    dags = env_example()["AIRFLOW__CORE__DAGS_FOLDER"].removeprefix("/opt/shegong/")
    assert (REPOSITORY / dags).is_dir() and dags in kept


def shegong_commands() -> list[str]:
    return re.findall(r"^\s+shegong (.+)$", COMPOSE_TEXT, re.MULTILINE)


@pytest.mark.parametrize("words", shegong_commands())
def test_each_command_of_shegong_in_compose_exists(words: str) -> None:
    command: click.Command = cli
    for word in shlex.split(words):
        assert isinstance(command, click.Group)
        command = command.commands[word]
    assert not isinstance(command, click.Group)


def test_no_telemetry_leaves_the_image() -> None:
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    wanted = {n: v for n, v in environment.NO_TELEMETRY.items() if n != "RUNTIME__DLTHUB_TELEMETRY"}
    assert [name for name, value in wanted.items() if f"{name}={value}" not in dockerfile] == []


def test_the_small_installation_asks_for_nothing_that_the_server_does_not_lock() -> None:
    asked = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["dependencies"]
    # a package that was just asked for is locked by the next `make lock`
    locked = "\n".join((REPOSITORY / f"requirements.{end}").read_text() for end in ("txt", "in"))
    everywhere = [name for name in asked if ";" not in name]
    assert [name for name in everywhere if not re.search(rf"(?m)^{re.escape(name)}\b", locked.lower())] == []
    assert len(everywhere) >= 9

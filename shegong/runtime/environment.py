"""The environment of a demo: every setting of shegong.settings and of Airflow, kept in home/env (mode 0600).

Secrets are made once and kept. What follows from folders and ports is written anew at each start, so that
a clone may move.
"""

import base64
import json
import os
import secrets
from pathlib import Path

from shegong import settings
from shegong.runtime import databases
from shegong.runtime.postgres import Server, free_port, is_free

REPOSITORY = Path(__file__).resolve().parents[2]
AIRFLOW_USER = "admin"
PREFERRED_AIRFLOW_PORT = 8080

# Whatever of our packages phones home, and the switch that its maker gave it.
NO_TELEMETRY = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "SCARF_NO_ANALYTICS": "true",
    "SCARF_ANALYTICS": "false",
    "GX_ANALYTICS_ENABLED": "False",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}

# For two cores; the reasons are in the Airflow configuration reference under the same names.
AIRFLOW = {
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "4",  # more would fill LocalExecutor's pipe (apache/airflow#70526)
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",  # 5 s by default: tasks die when the cores are busy
}

# The week is simulated, and its files come by a rename: they are whole when they are seen.
SIMULATED = {"SHEGONG_RUNS_BY_CLOCK": "no", "SHEGONG_SETTLE_SECONDS": "0"}


def path(home: Path) -> Path:
    """Where the environment is kept."""
    return home / "env"


def read(home: Path) -> dict[str, str]:
    """The kept environment, empty before the first `shegong up`. Lines are NAME=value, without quotes."""
    if not path(home).exists():
        return {}
    lines = path(home).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def prepare(home: Path, server: Server) -> dict[str, str]:
    """Make what is missing of the environment, write it and return it. Running it again keeps all secrets."""
    home = home.resolve()
    kept = read(home)
    made = _defaults(home) | _secrets() | kept | NO_TELEMETRY
    made |= _addresses(server, made) | _airflow_port(kept) | _folders(home)
    _write(home, made)
    _write_airflow_password(home, made["SHEGONG_AIRFLOW_PASSWORD"])
    return made


def airflow_url(env: dict[str, str]) -> str:
    """Airflow's page and API."""
    return env["AIRFLOW__API__BASE_URL"]


def _defaults(home: Path) -> dict[str, str]:
    """Settings that somebody may change in home/env; ours stand only where nothing stands yet."""
    given = {s.name: s.default for s in settings.SETTINGS if s.default is not None}
    places = {
        f"SHEGONG_{name.upper()}_URL": (home / name).as_uri() for name in ("counties", "archive", "outbox")
    }
    return given | places | AIRFLOW | SIMULATED


def _secrets() -> dict[str, str]:
    keys = ("SHEGONG_PERSON_KEY", "SHEGONG_VAULT_KEY", "SHEGONG_ARCHIVE_KEY")
    tokens = (
        "SHEGONG_AIRFLOW_PASSWORD",
        "SHEGONG_AIRFLOW_DATABASE_PASSWORD",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
    )
    return {
        **{name: base64.b64encode(secrets.token_bytes(32)).decode() for name in keys},
        **{name: secrets.token_urlsafe(48 if "SECRET" in name else 15) for name in tokens},
        **{_password_name(role): secrets.token_urlsafe(18) for role in settings.ROLES},
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def passwords(env: dict[str, str]) -> dict[str, str]:
    """The password of each database role."""
    return {role: env[_password_name(role)] for role in settings.ROLES}


def _password_name(role: str) -> str:
    return f"SHEGONG_PASSWORD_{role.upper()}"


def _addresses(server: Server, env: dict[str, str]) -> dict[str, str]:
    dsn = {
        f"SHEGONG_DSN_{role.upper()}": server.dsn(databases.WAREHOUSE, role, word)
        for role, word in passwords(env).items()
    }
    airflow = server.dsn(databases.AIRFLOW, databases.AIRFLOW, env["SHEGONG_AIRFLOW_DATABASE_PASSWORD"])
    address = airflow.removeprefix("postgresql")
    return dsn | {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2{address}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg{address}",
    }


def _airflow_port(kept: dict[str, str]) -> dict[str, str]:
    """The port of the first start is kept; whether it is free is asked when the page is started."""
    port = kept.get("AIRFLOW__API__PORT")
    if port is None:
        port = str(PREFERRED_AIRFLOW_PORT if is_free(PREFERRED_AIRFLOW_PORT) else free_port())
    url = f"http://127.0.0.1:{port}"
    return {
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
    }


def _folders(home: Path) -> dict[str, str]:
    return {
        "SHEGONG_HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "airflow" / "passwords.json"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs" / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "logs" / "dag_files"),
    }


def _write(home: Path, env: dict[str, str]) -> None:
    partial = home / "env.part"
    partial.touch(mode=0o600)
    partial.write_text("".join(f"{name}={value}\n" for name, value in sorted(env.items())), encoding="utf-8")
    partial.replace(path(home))


def _write_airflow_password(home: Path, password: str) -> None:
    """Airflow makes and prints a password of its own unless the file is there."""
    place = home / "airflow" / "passwords.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch(mode=0o600)
    place.write_text(json.dumps({AIRFLOW_USER: password}) + "\n")


def load_into_process(home: Path) -> None:
    """Give this process the demo's settings, unless it was given its own."""
    if not os.environ.get("SHEGONG_DSN_LOADER"):
        os.environ.update(read(home))

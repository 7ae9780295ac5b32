"""docs/operations.md's backup and restore, done: dump, archive and keys bring everything back on another server; without the keys, nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from intake_files import ID, Ledger, as_csv, csv_name, good, send, settings_of

from shegong import settings as settings_module
from shegong.archive import Archive
from shegong.runtime import postgres
from shegong.vault import Vault

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"

pytestmark = pytest.mark.fault("server lost, backup restored")


@pytest.fixture
def elsewhere(tmp_path):
    """A second server, empty."""
    yield postgres.start(tmp_path / "elsewhere", preferred_port=0)
    postgres.stop(tmp_path / "elsewhere")


def run(tool: str, *arguments: str) -> None:
    subprocess.run([postgres.programs() / tool, *arguments], check=True, capture_output=True, text=True)


def counts(dsn: str) -> dict[str, int]:
    """Rows of every table of ours."""
    query = """
        select table_schema || '.' || table_name from information_schema.tables
        where table_schema in ('ops', 'staging', 'vault', 'reference') and table_type = 'BASE TABLE'
    """
    with psycopg.connect(dsn) as connection:
        names = [name for (name,) in connection.execute(query)]
        return {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in names}


def test_dump_archive_and_keys_bring_everything_back(database, elsewhere, tmp_path) -> None:
    ours = settings_of(database, tmp_path / "home")
    send(ours, csv_name("talent"), as_csv("talent", good("talent")))
    before = counts(database.superuser_dsn)
    assert before["vault.person"] == 1 and before["staging.talent"] == 1
    (content_hash,) = Ledger(database).rows("select content_hash from ops.delivery")[0]

    # As the guide says: roles, one database, the archive's folder.
    run(
        "pg_dumpall",
        "--globals-only",
        "--no-role-passwords",
        "-d",
        database.superuser_dsn,
        "-f",
        str(tmp_path / "roles.sql"),
    )
    run("pg_dump", "--format=custom", "-d", database.superuser_dsn, "-f", str(tmp_path / "shegong.dump"))
    shutil.copytree(tmp_path / "home" / "archive", tmp_path / "copy")

    run("psql", "-d", elsewhere.superuser_dsn, "-v", "ON_ERROR_STOP=0", "-f", str(tmp_path / "roles.sql"))
    run("createdb", "-T", "template0", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--maintenance-db", elsewhere.superuser_dsn, "shegong")  # fmt: skip
    restored = elsewhere.superuser_dsn.removesuffix("/postgres") + "/shegong"
    run("pg_restore", "--exit-on-error", "-d", restored, str(tmp_path / "shegong.dump"))
    assert counts(restored) == before
    with psycopg.connect(restored) as connection:
        key, sealed = connection.execute("select person_key, sealed from vault.person").fetchone()
        owner = connection.execute(
            "select nspowner::regrole::text from pg_namespace where nspname = 'marts'"
        ).fetchone()
        may = connection.execute(
            "select has_table_privilege('bi_reader', 'vault.person', 'select')"
        ).fetchone()
    assert (owner, may) == (("warehouse_owner",), (False,))
    assert Vault(ours.vault_key).open(key, bytes(sealed))["id_no"] == ID
    with Archive(tmp_path / "copy", ours.archive_key).open(content_hash) as file:
        assert ID.encode() in file.read()
    # The dump alone is worth nothing to a thief: neither the number nor the name is in it.
    assert ID.encode() not in (tmp_path / "shegong.dump").read_bytes()
    with pytest.raises(InvalidTag):
        Vault(b"\1" * 32).open(key, bytes(sealed))


def test_the_guide_names_the_tools_and_every_key() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert {"pg_dump", "pg_dumpall", "pg_restore"} <= set(re.findall(r"\bpg_\w+", text))
    keys = {setting.name for setting in settings_module.SETTINGS if setting.name.endswith("_KEY")}
    assert keys and all(name in text for name in keys)

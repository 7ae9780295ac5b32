"""What a county is handed: a fresh environment with the small installation alone finds what intake finds."""

import json
import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

from tests.intake_files import CONTRACTS, ID, ID_2, Ledger, as_workbook, good, send, settings_of, sheet

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = "上城区人才.xlsx"
BAD = [
    good("talent", id_no="330106199001010012"),
    good("talent", id_no=ID, education="甲等"),
    good("talent", id_no=ID_2, start_month="2001-05"),
]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, installed from a copy: building leaves traces in its source."""
    home = tmp_path_factory.mktemp("county")
    source = home / "source"
    source.mkdir()
    for name in ("pyproject.toml", "setup.py", "requirements.txt"):
        shutil.copy(REPOSITORY / name, source)
    for name in ("shegong", "contracts"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    venv.create(home / "venv", with_pip=True)
    pip = [home / "venv/bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "--constraint", source / "requirements.txt", source], check=True, env=_environment()
    )
    shutil.rmtree(source)
    return home


def run(county: Path, *words: str) -> subprocess.CompletedProcess:
    command = [county / "venv/bin/shegong", *words]
    return subprocess.run(
        command, cwd=county, env=_environment(), capture_output=True, text=True, check=False
    )


def test_it_finds_what_intake_finds(county: Path, database, tmp_path: Path) -> None:
    content = as_workbook(sheet("talent", *BAD))
    (county / NAME).write_bytes(content)
    told = run(county, "check", "--json", "--today", "2026-05-06", NAME)
    assert told.returncode == 1, told.stderr
    said = json.loads(told.stdout)
    found = [
        (
            f["rule_id"],
            f["level"],
            f["row_number"],
            f["column_letter"],
            f["value_shown"],
            f["text"],
            f["mend"],
        )
        for report in said["sheets"]
        for f in report["findings"]
    ]
    delivery = send(settings_of(database, tmp_path), NAME, content)
    query = (
        "select rule_id, level, row_number, column_letter, value_shown, text, mend"
        " from ops.finding inner join ops.submission using (submission_id) where delivery_id = %s"
    )
    assert sorted(found, key=str) == sorted(Ledger(database).rows(query, delivery), key=str)
    assert {"talent.id_no.check_digit", "talent.education.code"} <= {rule for rule, *_ in found}
    assert said["not_asked"] == ["register", "judged"]


def test_it_says_what_it_did_not_ask(county: Path) -> None:
    (county / NAME).write_bytes(as_workbook(sheet("talent", good("talent"))))
    told = run(county, "check", "--today", "2026-05-06", NAME)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "登记核对" in told.stdout
    assert "综合判断" in told.stdout.replace("\n", "")


def test_it_makes_every_template(county: Path) -> None:
    made = run(county, "template", "all", "--out", "all.xlsx")
    assert made.returncode == 0, made.stderr
    checked = run(county, "template", "nothing")
    assert checked.returncode == 1
    assert all(table in checked.stderr for table in CONTRACTS)


def test_it_has_nothing_of_the_server(county: Path) -> None:
    listed = subprocess.run(
        [county / "venv/bin/python", "-m", "pip", "list", "--format", "json"],
        env=_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert names.isdisjoint(
        {"apache-airflow", "dbt-core", "great-expectations", "psycopg", "sqlalchemy", "pandas"}
    )


def _environment() -> dict[str, str]:
    """Ours, without what would show the small installation the clone or its packages."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "SHEGONG", "VIRTUAL"))
    }

"""What `make` tells a newcomer whose machine lacks something, on a clone without an environment."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(clone: Path, name: str, script: str) -> None:
    """A program that stands before the machine's own of that name."""
    path = clone / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def make(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{clone / 'bin'}:{os.environ['PATH']}"}
    env.pop("MAKEFLAGS", None)
    return subprocess.run(["make", "-C", clone, *words], env=env, capture_output=True, text=True, timeout=60)


def test_another_python_is_named_with_the_mend(clone: Path) -> None:
    program(clone, "python3.11", "echo 3.9")
    result = make(clone, "demo")
    assert result.returncode != 0
    assert "is Python 3.9, Shegong needs 3.11" in result.stdout
    assert "make PYTHON=" in result.stdout


def test_no_python_at_all_is_told(clone: Path) -> None:
    result = make(clone, "demo", "PYTHON=")
    assert result.returncode != 0
    assert "apt install python3.11 python3.11-venv" in result.stdout


def test_a_missing_venv_module_is_told(clone: Path) -> None:
    program(clone, "python3.11", 'case "$2" in *version_info*) echo 3.11;; *) exit 1;; esac')
    result = make(clone, "test")
    assert result.returncode != 0
    assert "apt install python3.11-venv" in result.stdout


def test_too_little_disk_is_told_before_anything_is_installed(clone: Path) -> None:
    program(clone, "df", "echo Filesystem; echo /dev/vda 9000 8000 1000 89% /")
    result = make(clone, "demo")
    assert result.returncode != 0
    assert "Only 1000 MiB are free here, Shegong needs 3000" in result.stdout
    assert not (clone / ".venv").exists()


def test_stop_without_a_set_up_is_no_error(clone: Path) -> None:
    result = make(clone, "stop")
    assert result.returncode == 0
    assert "Nothing was set up here" in result.stdout


def test_help_lists_each_target_that_people_use(clone: Path) -> None:
    listed = {
        line.split()[1] for line in make(clone, "help").stdout.splitlines() if line.startswith("  make")
    }
    assert {"demo", "stop", "test", "lint", "bench", "lock", "venv", "clean"} <= listed

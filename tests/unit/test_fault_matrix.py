"""The matrix of faults is whole, stands in the report, and leaves the report's last line to the test runner."""

import os
import re
import subprocess
import sys
from pathlib import Path

from fault_matrix import FAULTS, PROMISES

TESTS = Path(__file__).parents[1]
THREE = """
import pytest

@pytest.mark.fault("dbt killed")
def test_of_many_points(record_property):
    record_property("points", 40)

@pytest.mark.fault("dbt killed")
def test_that_fails():
    assert False

@pytest.mark.fault("disk full")
@pytest.mark.slow_fault
def test_left_out():
    pass
"""


def report(folder: Path, text: str, *options: str) -> list[str]:
    """The lines that pytest ends with over one file of tests, by this project's options."""
    (folder / "test_some.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(TESTS.parent / "pyproject.toml"),
        "-p",
        "fault_matrix",
    ]
    command += ["-p", "no:cacheprovider", "--rootdir", str(folder), *options, str(folder / "test_some.py")]
    env = os.environ | {"PYTHONPATH": str(TESTS)}
    ended = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=60)
    return ended.stdout.splitlines() + ended.stderr.splitlines()


def test_counts_stand_in_the_report_and_its_last_line_is_the_runners(tmp_path: Path) -> None:
    for options in ((), ("-n", "1")):
        lines = report(tmp_path, THREE, *options)
        row = next(line for line in lines if line.startswith("dbt killed"))
        assert row.split()[-3:] == ["2", "41", "1"]
        left_out = next(line for line in lines if line.startswith("disk full"))
        assert left_out.endswith("not tried here")
        assert re.fullmatch(r"=+ 1 failed, 1 passed.* in .*s =+", lines[-1])


def test_a_fault_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    lines = report(tmp_path, THREE.replace("disk full", "disk gone"), "-m", "")
    assert any("the matrix has no fault 'disk gone'" in line for line in lines)


def test_without_faults_there_is_no_matrix(tmp_path: Path) -> None:
    lines = report(tmp_path, "def test_nothing():\n    pass\n")
    assert not [line for line in lines if "what is promised" in line]


def test_each_fault_has_its_tests_and_its_promises() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (TESTS / "faults").glob("test_*.py")]
    tried = {fault for text in texts for fault in re.findall(r'mark\.fault\("(.+?)"\)', text)}
    assert tried == FAULTS.keys()
    assert all(promised and set(promised) <= set(PROMISES) for promised in FAULTS.values())

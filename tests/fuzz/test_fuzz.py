"""Two thousand mutants in the suite; `make fuzz` runs a hundred thousand."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# people and documents of the corpus
SECRETS = ("330106199001010018", "330106199001020013", "330106199001030019", "王明", "张　三", "欧阳")


def test_every_mutant_is_answered_and_nothing_of_people_is_printed() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", "--mutants", "2000", "--seed", "20260506"],
        cwd=ROOT,
        env=os.environ | {"RUST_BACKTRACE": "0", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ended.returncode == 0, ended.stdout[-3000:]
    assert not [secret for secret in SECRETS if secret in ended.stdout + ended.stderr]

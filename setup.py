"""Puts contracts/, which lies beside the package, into the wheel. Everything else is said in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithContracts(build_py):
    """A clone reads its own contracts/; a wheel has no clone around it."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            packed = Path(self.build_lib) / "shegong" / "_contracts"
            shutil.copytree("contracts", packed, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))


setup(cmdclass={"build_py": BuildWithContracts})

"""A folder of contracts of a test's own: the production ones and what a test changes by date."""

import shutil
from pathlib import Path

from shegong import contract


def copy(home: Path) -> Path:
    """The production contracts without their diffs, in `home`/contracts."""
    folder = home / "contracts"
    shutil.copytree(contract.FOLDER, folder, ignore=shutil.ignore_patterns("changes"))
    (folder / "changes").mkdir()
    return folder


def change(folder: Path, table: str, day: str, version: str, body: str) -> Path:
    """Write a diff of a table (or `code_lists`) that counts from `day`."""
    path = folder / "changes" / f"{day}_{table}.yaml"
    head = f'table: {table}\nversion: "{version}"\nvalid_from: {day}\nreason: 测试用\n'
    path.write_text(head + body, encoding="utf-8")
    return path

"""A disk of a test's own (tmpfs) that can be full, and have room again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Disk:
    """`room` is its size in MiB while it isn't full."""

    folder: Path
    room: int

    def fill(self, leave_kib: int = 0) -> None:
        """Not a byte more than what lies there, and so many KiB, fits."""
        used = shutil.disk_usage(self.folder).used // 1024
        self._resize(f"{used + leave_kib}k")

    def make_room(self) -> None:
        self._resize(f"{self.room}m")

    def _resize(self, size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True)


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[Disk]:
    """Mounted on a folder that is made, and gone afterwards. Skips the test where nobody may mount."""
    if os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root alone")
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(folder, mib)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)

"""The account that PostgreSQL's programs run under: ours, or an unprivileged one when we are root.

They refuse to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shegong.errors import ShegongError

# Reads folders that are closed to others, such as /root, and writes nothing more than before.
# access() forgets ambient capabilities of an ordinary uid, and initdb asks access(), unless this bit is set.
_TRAVERSE = (
    "--securebits=+no_setuid_fixup",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=+dac_read_search",
)


@dataclass(frozen=True)
class Account:
    """Who runs a program: its owner, and the words that go before the command to become that owner."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def run(self, *command: str | Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run to its end, from the root folder, since the account may not enter the caller's."""
        return subprocess.run(
            [*self.prefix, *map(str, command)], cwd="/", capture_output=True, text=True, timeout=timeout
        )

    def adopt(self, path: Path) -> None:
        """Hand a file or folder that we made to the account."""
        os.chown(path, self.uid, self.gid)


def choose_account(folder: Path, program: Path) -> Account:
    """The account that can reach `folder` and `program`, without a change to anyone's rights.

    Raises ShegongError when root can't hand the programs to an unprivileged account that reaches both.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if shutil.which("setpriv") is None:
        raise ShegongError(
            "PostgreSQL refuses to run as root, and setpriv is missing.", "Install util-linux."
        )
    user = _unprivileged_user(folder)
    become = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    for extra in ((), _TRAVERSE):
        account = Account(user.pw_uid, user.pw_gid, (*become, *extra))
        if _reaches(account, folder, program):
            return account
    closed = next(
        (p for p in (*reversed(program.parents), *reversed(folder.parents)) if not _open_to_all(p)), folder
    )
    raise ShegongError(
        f"PostgreSQL must run as the user {user.pw_name}, who may not enter {closed}.",
        "Clone into a folder that everyone may enter, such as /srv or /opt, or run as an ordinary user.",
    )


def _unprivileged_user(folder: Path) -> pwd.struct_passwd:
    """The owner of the data that is there already, else postgres if the machine has it, else nobody."""
    data = folder / "data"
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ShegongError(
        "PostgreSQL refuses to run as root, and there is no user nobody.", "Run as an ordinary user."
    )


def _reaches(account: Account, folder: Path, program: Path) -> bool:
    return (
        account.run(program, "--version").returncode == 0
        and account.run("test", "-x", folder, "-a", "-r", folder).returncode == 0
    )


def _open_to_all(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o001)

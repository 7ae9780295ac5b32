"""A tree by SFTP. The server must show the host key that was registered; there is no trust on first use."""

import logging
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from io import StringIO
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO

import paramiko

from shegong.intake.places.place import Access, Limits, SourceError
from shegong.intake.places.tree import Entry, as_time

# Its tracebacks quote what the server says; what matters of it is in our SourceError.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class _AnyNames(paramiko.SFTPClient):
    """Names in whatever bytes the server has (GBK on Windows servers): paramiko alone fails on what is no UTF-8."""

    def _request(self, kind, *words):
        answer, message = super()._request(kind, *words)
        if message is not None:
            message.get_text = lambda: os.fsdecode(message.get_string())
        return answer, message


class SftpTree:
    """One logged-in connection. Extra: host_key ("ssh-ed25519 AAAA…", required), private_key or key_file, passphrase."""

    is_whole = False

    def __init__(self, access: Access, limits: Limits) -> None:
        self._client = paramiko.SSHClient()
        self._client.set_missing_host_key_policy(paramiko.RejectPolicy())
        wait = limits.wait_seconds
        try:
            kind, key = _host_key(access)
            port = access.port or 22
            shown = access.host if port == 22 else f"[{access.host}]:{port}"
            self._client.get_host_keys().add(shown, kind, key)
            self._client.connect(
                access.host, port, access.login, access.password or None, pkey=_private_key(access),
                timeout=wait, banner_timeout=wait, auth_timeout=wait, channel_timeout=wait,
                look_for_keys=False, allow_agent=False,
            )  # fmt: skip
            self._sftp = _AnyNames.from_transport(self._client.get_transport())
            self._sftp.get_channel().settimeout(wait)
        except Exception as error:
            self._client.close()
            raise self.failure(error) from error

    def entries(self, path: str) -> Iterable[Entry]:
        for attributes in self._sftp.listdir_attr(os.fsencode(path)):
            if S_ISDIR(attributes.st_mode) or S_ISREG(attributes.st_mode):
                yield _entry(f"{path}/{attributes.filename}", attributes)

    def entry(self, path: str) -> Entry:
        return _entry(path, self._sftp.lstat(os.fsencode(path)))

    def stream(self, path: str, size: int) -> BinaryIO:
        # no prefetch(): its thread outlives a broken connection and prints a traceback
        return self._sftp.open(os.fsencode(path), "rb")

    def write(self, path: str, content: bytes) -> None:
        folder = path.rpartition("/")[0]
        unfinished = f"{folder}/.{os.urandom(6).hex()}.part"
        self._make_folder(folder)
        try:
            with self._sftp.open(os.fsencode(unfinished), "wb") as target:
                target.set_pipelined(True)
                target.write(content)
            self._rename(unfinished, path)
        except BaseException:
            with suppress(Exception):
                self._sftp.remove(os.fsencode(unfinished))
            raise

    def failure(self, error: Exception) -> SourceError:
        return _failure(error)

    def close(self) -> None:
        self._client.close()

    def _make_folder(self, folder: str) -> None:
        try:
            self._sftp.stat(os.fsencode(folder))
        except FileNotFoundError:
            self._sftp.mkdir(os.fsencode(folder))

    def _rename(self, unfinished: str, path: str) -> None:
        """Over the earlier receipt in one step where the server can (OpenSSH), else by removing that first."""
        try:
            self._sftp.posix_rename(os.fsencode(unfinished), os.fsencode(path))
        except OSError:
            with suppress(FileNotFoundError):
                self._sftp.remove(os.fsencode(path))
            self._sftp.rename(os.fsencode(unfinished), os.fsencode(path))


def _entry(path: str, attributes: paramiko.SFTPAttributes) -> Entry:
    return Entry(path, S_ISDIR(attributes.st_mode), attributes.st_size or 0, as_time(attributes.st_mtime))


def _host_key(access: Access):
    words = (access.extra.get("host_key") or "").split()
    if len(words) < 2:
        raise SourceError("misconfigured", "the connection's extra has no host_key")
    entry = paramiko.hostkeys.HostKeyEntry.from_line(f"{access.host} {words[0]} {words[1]}")
    if entry is None:
        raise SourceError("misconfigured", "host_key is no public key")
    return words[0], entry.key


def _private_key(access: Access):
    text, phrase = access.extra.get("private_key"), access.extra.get("private_key_passphrase")
    path = access.extra.get("key_file")
    if not text and not path:
        return None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError):
            if text:
                return kind.from_private_key(StringIO(text), phrase)
            return kind.from_private_key_file(path, phrase)
    raise SourceError("misconfigured", "the private key can't be read")


# paramiko's words for a server that says nothing; the last where the handshake's own time ends before the banner's.
_TOO_SLOW = ("imeout", "timed out", "banner", "No existing session")


def _failure(error: Exception) -> SourceError:
    if isinstance(error, SourceError):
        return error
    text = str(error)
    if isinstance(error, paramiko.BadHostKeyException) or "not found in known_hosts" in text:
        return SourceError("host_key")
    if isinstance(error, paramiko.AuthenticationException):
        return SourceError("auth")
    if isinstance(error, TimeoutError | socket.timeout) or any(words in text for words in _TOO_SLOW):
        return SourceError("timeout")
    if isinstance(error, FileNotFoundError):
        return SourceError("missing")
    if isinstance(error, PermissionError):
        return SourceError("denied")
    if isinstance(
        error, paramiko.ssh_exception.NoValidConnectionsError | socket.gaierror | ConnectionRefusedError
    ):
        return SourceError("unreachable")
    if isinstance(error, EOFError | paramiko.SSHException | ConnectionError) or "closed" in text:
        return SourceError("broken_off", type(error).__name__)
    return SourceError("server", type(error).__name__)

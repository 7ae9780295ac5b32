"""Real servers for tests of sources, each started on a free port of loopback and stopped by its own pid."""

import http.server
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme

from shegong.runtime.postgres import free_port


def needs(program: str, package: str) -> str:
    """The program's path. Skips the test where its Debian package isn't installed."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.skip(f"{program} is missing: Debian package {package}")
    return found


@contextmanager
def process(words: list[str], port: int, log: Path, **more) -> Iterator[subprocess.Popen]:
    """A server from its first answer on this port to the end of the block."""
    with log.open("wb") as output:
        running = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, **more)
    try:
        wait_for(port, log, running)
        yield running
    finally:
        running.terminate()
        with suppress(subprocess.TimeoutExpired):
            running.wait(5)
        running.kill()
        running.wait()


def wait_for(port: int, log: Path, running: subprocess.Popen | None = None) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if running is not None and running.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace")[-2000:])


class Sshd:
    """OpenSSH's server for whoever runs the tests, by key; `host_key` is what it shows."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.login = pwd.getpwuid(os.getuid()).pw_name
        self.private_key, self.wrong_key = self._key("login"), self._key("wrong")
        self._key("host")
        self.host_key = (folder / "host.pub").read_text().strip()

    def _key(self, name: str) -> str:
        path = self.folder / name
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(words, check=True)
        return path.read_text()

    def new_host_key(self) -> None:
        for name in ("host", "host.pub"):
            (self.folder / name).unlink()
        self._key("host")

    @contextmanager
    def running(self) -> Iterator["Sshd"]:
        sshd = needs("sshd", "openssh-server")
        Path("/run/sshd").mkdir(exist_ok=True) if os.getuid() == 0 else None
        keys = self.folder / "authorized"
        keys.write_text((self.folder / "login.pub").read_text())
        config = self.folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder / 'host'}\nStrictModes no\n"
            f"AuthorizedKeysFile {keys}\nPasswordAuthentication no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n"
            "Subsystem sftp internal-sftp\nPerSourcePenalties no\n"
            if _has_penalties(sshd)
            else f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder / 'host'}\nStrictModes no\n"
            f"AuthorizedKeysFile {keys}\nPasswordAuthentication no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n"
            "Subsystem sftp internal-sftp\n"
        )
        with process([sshd, "-D", "-e", "-f", str(config)], self.port, self.folder / "sshd.log"):
            yield self


def _has_penalties(sshd: str) -> bool:
    """From 9.8 on sshd shuts out who fails too often, which these tests do."""
    shown = subprocess.run([sshd, "-V"], capture_output=True, text=True, check=False).stderr
    return any(f"OpenSSH_{version}" in shown for version in ("9.8", "9.9", "10."))


class Proxy:
    """Passes bytes on to `port`; cuts every connection after `cut_after` bytes came back, or holds them for ever."""

    def __init__(self, port: int) -> None:
        self.target, self.cut_after, self.is_stuck = port, None, False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        if self.is_stuck:
            time.sleep(30)
            near.close()
            return
        far = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
        self._pass(far, near, True)

    def _pass(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        passed = 0
        with suppress(OSError):
            while part := source.recv(1 << 14):
                passed += len(part)
                if is_answer and self.cut_after is not None and passed > self.cut_after:
                    break
                sink.sendall(part)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def moto(log: Path) -> Iterator[int]:
    """moto's S3 server; its port."""
    port = free_port()
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with process(words, port, log):
        yield port


class Web(http.server.ThreadingHTTPServer):
    """HTTPS for what lies in `files` (address → content); writes PUTs into it and notes (method, path, status)."""

    daemon_threads = True

    def __init__(self, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.files: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.changed: dict[str, float] = {}
        self.log: list[tuple[str, str, int]] = []
        self.has_validators, self.knows_head = True, True
        self.cut_after: int | None = None
        self.wait_seconds = 0.0
        self.login: str | None = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def put(self, path: str, content: bytes) -> None:
        self.files[path] = content
        self.tags[path] = f'"{hash(content) & 0xFFFFFFFF:x}"'
        self.changed[path] = time.time()

    def handle_error(self, request, client_address) -> None:
        """Cut connections are what the tests want."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Web

    def log_message(self, *words) -> None:
        """Nothing to the test's output."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.put(self.path, content)
        self._end(201)

    def _answer(self, with_body: bool) -> None:
        time.sleep(self.server.wait_seconds)
        if not with_body and not self.server.knows_head:
            return self._end(405)
        if self.server.login and self.headers.get("Authorization") != self.server.login:
            return self._end(401)
        if self.path not in self.server.files:
            return self._end(404)
        tag, content = self.server.tags[self.path], self.server.files[self.path]
        if self.server.has_validators and self.headers.get("If-None-Match") == tag:
            return self._end(304)
        self.server.log.append((self.command, self.path, 200))
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        if self.server.has_validators:
            self.send_header("ETag", tag)
            self.send_header("Last-Modified", formatdate(self.server.changed[self.path], usegmt=True))
        self.end_headers()
        if with_body and self.server.cut_after is not None:
            self.wfile.write(content[: self.server.cut_after])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        elif with_body:
            self.wfile.write(content)

    def _end(self, status: int) -> None:
        self.server.log.append((self.command, self.path, status))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Dovecot:
    """An IMAP server with TLS and one user, its mails in a Maildir."""

    def __init__(self, folder: Path, authority: trustme.CA) -> None:
        self.folder, self.port = folder, free_port()
        self.login, self.password = "reports", "a word of the tests"
        self.maildir = folder / "mail"
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for part in certificate.cert_chain_pems:
            part.write_to_path(folder / "certificate.pem", append=True)
        for name in ("cur", "new", "tmp"):
            (self.maildir / name).mkdir(parents=True, exist_ok=True)

    def deliver(self, content: bytes) -> None:
        """A mail comes in, as a mail server delivers it: written aside, then moved."""
        name = f"{time.time_ns()}.{os.getpid()}.tests"
        aside = self.maildir / "tmp" / name
        aside.write_bytes(content)
        self._own(aside)
        aside.rename(self.maildir / "new" / name)

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            account = pwd.getpwnam("mail")
            os.chown(path, account.pw_uid, account.pw_gid)

    @contextmanager
    def running(self) -> Iterator["Dovecot"]:
        dovecot = needs("dovecot", "dovecot-imapd")
        is_root = os.getuid() == 0
        account = pwd.getpwnam("mail") if is_root else pwd.getpwuid(os.getuid())
        (self.folder / "users").write_text(f"{self.login}:{{PLAIN}}{self.password}::::::\n")
        run = Path("/tmp") / f"dovecot-{os.getpid()}-{self.port}"  # sockets: a long path is refused
        run.mkdir()
        internal = (
            ""
            if is_root
            else f"default_internal_user = {account.pw_name}\ndefault_login_user = {account.pw_name}\n"
        )
        config = self.folder / "dovecot.conf"
        config.write_text(
            f"base_dir = {run}\nstate_dir = {run}/state\nlog_path = {self.folder}/dovecot.log\nprotocols = imap\nlisten = 127.0.0.1\n{internal}"
            f"ssl = required\nssl_cert = <{self.folder}/certificate.pem\nssl_key = <{self.folder}/key.pem\n"
            f"mail_location = maildir:{self.maildir}\nfirst_valid_uid = 1\nmail_uid = {account.pw_uid}\nmail_gid = {account.pw_gid}\nfirst_valid_gid = 1\n"
            f"passdb {{\n  driver = passwd-file\n  args = {self.folder}/users\n}}\n"
            f"userdb {{\n  driver = static\n  args = uid={account.pw_uid} gid={account.pw_gid} home={self.folder}\n}}\n"
            "service imap-login {\n  chroot =\n"
            f"  inet_listener imap {{\n    port = 0\n  }}\n  inet_listener imaps {{\n    port = {self.port}\n    ssl = yes\n  }}\n}}\n"
            "auth_failure_delay = 0\nservice anvil {\n  chroot =\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\nservice stats {\n  chroot =\n}\n"
        )
        if is_root:
            for path in (self.maildir, *self.maildir.iterdir()):
                self._own(path)
            for parent in self.folder.parents:
                if str(parent).startswith("/tmp/"):
                    parent.chmod(parent.stat().st_mode | 0o055)
            self.folder.chmod(0o755)
        try:
            with process([dovecot, "-F", "-c", str(config)], self.port, self.folder / "start.log"):
                yield self
        finally:
            shutil.rmtree(run, ignore_errors=True)

"""What every place that files come from has in common: how it is named, what it shows, and how it fails.

Nothing here opens a connection. Texts of SourceError are ours, never the server's: those quote paths and logins.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from time import monotonic
from typing import BinaryIO, Protocol

from shegong.access import Access as Access

COUNTIES = "counties"  # the folder of SHEGONG_COUNTIES_URL: a source that is always there

# Why a source gave nothing, as texts name it, and what to do.
FAILURES = {
    "unreachable": ("连接不上", "请检查对方服务器和网络；下一次运行自动重试"),
    "timeout": ("响应太慢，已超时", "请检查对方服务器和网络；下一次运行自动重试"),
    "auth": ("登录被拒绝", "请核对账号、密码或密钥，并在 Airflow 连接中更新"),
    "host_key": ("服务器的主机密钥与登记的不一致", "先向对方当面或电话核实，确认无误后再更新登记的主机密钥"),
    "tls": ("服务器证书未通过验证", "先向对方核实证书，再更新登记的根证书"),
    "missing": ("登记的目录或地址不存在", "请核对报送渠道登记的地址"),
    "denied": ("没有读写权限", "请对方开通该目录的读写权限"),
    "broken_off": ("传输中途断开", "未取完的文件没有入库；下一次运行自动重取"),
    "server": ("服务器返回错误", "请对方检查服务器；下一次运行自动重试"),
    "misconfigured": ("渠道的登记或连接不完整", "请按 docs/sources.md 补全"),
}
TRANSIENT = {"unreachable", "timeout", "broken_off", "server"}


class SourceError(Exception):
    """A source gave nothing, or not all. `why` is a key of FAILURES; `hint` is for engineers and holds no secret."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(f"{why}: {hint}" if hint else why)
        self.why, self.hint = why, hint


class FileChanged(Exception):
    """The file is not the one that was listed any more: the next run lists and takes it."""


@dataclass(frozen=True)
class Source:
    """One row of reference.source: a unit's place, or (unit_code None) a root with a place for each unit."""

    source_name: str
    kind: str
    address: str
    unit_code: str | None = None
    connection_id: str | None = None
    receipts_address: str | None = None
    is_enabled: bool = True


@dataclass(frozen=True)
class Limits:
    """Seconds to wait for one answer, seconds for all work with one file or listing, largest attachment in bytes."""

    wait_seconds: float = 20
    work_seconds: float = 900
    mail_bytes: int = 50 << 20


@dataclass(frozen=True)
class Found:
    """One file in a place, as it was when it was listed.

    `path` names it in the ledger, `key` opens it in its place, `version` changes when its content does ("" where the
    place doesn't say). `is_whole`: the place shows whole files only. `reply`: whom a receipt by mail goes to.
    """

    unit_code: str
    path: str
    name: str
    size_bytes: int
    modified_at: str
    source: str = COUNTIES
    key: str = ""
    version: str = ""
    is_whole: bool = True
    reply: dict | None = None

    def as_dict(self) -> dict:
        return asdict(self)


class Place(Protocol):
    """An opened source. Every method raises SourceError where the source is at fault."""

    def look(self, known: Callable[[str], str | None]) -> Iterable[Found]:
        """Its files; `known` gives the version of a path that was taken before, for conditional requests."""

    def open(self, file: dict) -> AbstractContextManager[BinaryIO]:
        """A stream of the file; reading to its end raises FileChanged or SourceError unless it was whole."""

    def give_back(self, unit_code: str, name: str, content: bytes) -> str | None:
        """Write a receipt, whole or not at all; its address, or None where nothing may be written."""

    def close(self) -> None: ...


class Whole:
    """A stream that ends well only when it gave as many bytes as were listed, in time, and `verify` is content.

    The archive renames a file only after its source ended, so whatever is raised here leaves nothing behind.
    """

    def __init__(
        self,
        stream,
        size: int | None,
        limits: Limits,
        failure: Callable[[Exception], SourceError],
        verify: Callable[[], None] = lambda: None,
    ) -> None:
        self._stream, self._size, self._failure, self._verify = stream, size, failure, verify
        self._given, self._ends = 0, monotonic() + limits.work_seconds

    def read(self, size: int = -1) -> bytes:
        if monotonic() > self._ends:
            raise SourceError("timeout", "the file took longer than SHEGONG_SOURCE_WORK_SECONDS")
        try:
            part = self._stream.read(size)
        except (SourceError, FileChanged):
            raise
        except Exception as error:
            raise self._failure(error) from error
        self._given += len(part)
        if not part:
            if self._size is not None and self._given < self._size:
                self._verify()
                raise SourceError("broken_off", f"{self._given} of {self._size} bytes")
            self._verify()
        if self._size is not None and self._given > self._size:
            raise FileChanged
        return part

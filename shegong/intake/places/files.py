"""Trees on fsspec: a folder on this machine, and buckets by S3. Links are not followed: they lead out of the place."""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

from shegong.intake.places.place import Access, Limits, SourceError
from shegong.intake.places.tree import Entry, as_time


class FsspecTree:
    """Files of an fsspec file system. `is_whole`: what it lists is complete, as objects in a bucket are."""

    def __init__(self, filesystem, is_whole: bool = False) -> None:
        self._files, self.is_whole = filesystem, is_whole

    def entries(self, path: str) -> Iterable[Entry]:
        self._files.invalidate_cache()
        for info in self._listed(path):
            is_itself = info["name"].rstrip("/") == path.rstrip("/")
            if info["type"] in ("file", "directory") and not is_itself and not info.get("islink"):
                yield _entry(info)

    def _listed(self, path: str) -> list[dict]:
        try:
            return self._files.ls(path, detail=True)
        except FileNotFoundError:
            if not self.is_whole:
                raise
            # buckets have no folders: where nothing lies yet there is none, but the bucket must be there
            self._files.call_s3("head_bucket", Bucket=path.lstrip("/").split("/")[0])
            return []

    def entry(self, path: str) -> Entry:
        self._files.invalidate_cache()
        return _entry(self._files.info(path))

    def stream(self, path: str, size: int) -> BinaryIO:
        return self._files.open(path, "rb")

    def write(self, path: str, content: bytes) -> None:
        """The file gets its name last, but where one put is one object."""
        if self.is_whole:
            self._files.pipe_file(path, content)
            return
        folder = path.rpartition("/")[0]
        self._files.makedirs(folder, exist_ok=True)
        unfinished = f"{folder}/.{os.urandom(6).hex()}.part"
        try:
            self._files.pipe_file(unfinished, content)
            self._files.mv(unfinished, path)
        except BaseException:
            with suppress(OSError):
                self._files.rm_file(unfinished)
            raise

    def failure(self, error: Exception) -> SourceError:
        return _failure(error)

    def close(self) -> None:
        self._files.invalidate_cache()


def s3_tree(access: Access, limits: Limits) -> FsspecTree:
    """Buckets as this login sees them. Extra: endpoint_url, region_name, verify (path of a CA file)."""
    from s3fs import S3FileSystem

    client = {name: access.extra[name] for name in ("region_name", "verify") if name in access.extra}
    filesystem = S3FileSystem(
        key=access.login or None,
        secret=access.password or None,
        endpoint_url=access.extra.get("endpoint_url"),
        client_kwargs=client,
        config_kwargs={
            "connect_timeout": limits.wait_seconds,
            "read_timeout": limits.wait_seconds,
            "retries": {"max_attempts": 1},
        },
        skip_instance_cache=True,
        use_listings_cache=False,
        default_fill_cache=False,
    )
    filesystem.retries = 1  # s3fs's own loop on top of the client's: the next run is the retry
    return FsspecTree(filesystem, is_whole=True)


def _entry(info: dict) -> Entry:
    modified = info.get("mtime") or info.get("LastModified") or info.get("last_modified")
    return Entry(
        info["name"].rstrip("/"),
        info["type"] == "directory",
        info.get("size") or 0,
        as_time(modified),
        (info.get("ETag") or "").strip('"'),
    )


def _failure(error: Exception) -> SourceError:
    """botocore's and aiohttp's exceptions by their names, so that folders need neither."""
    name = f"{type(error).__name__} {type(error.__cause__).__name__}"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SourceError("missing")
    if isinstance(error, PermissionError):
        return SourceError(
            "auth" if "Signature" in str(error) or "InvalidAccessKey" in str(error) else "denied"
        )
    if "NoCredentials" in name:
        return SourceError("auth")
    if "SSL" in name or "Certificate" in name:
        return SourceError("tls")
    if isinstance(error, TimeoutError) or "Timeout" in name:
        return SourceError("timeout")
    if any(
        word in name
        for word in ("ClosedError", "Payload", "IncompleteRead", "ResponseStreaming", "Disconnected")
    ):
        return SourceError("broken_off", type(error).__name__)
    if isinstance(error, ConnectionError) or "Connect" in name:
        return SourceError("unreachable")
    return SourceError("server", type(error).__name__)

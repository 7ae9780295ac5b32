"""File names from outside, made harmless once, before anything of ours uses them: ledger, receipts, logs."""

import hashlib
import os
import re
import unicodedata
from urllib.parse import quote

MOST_BYTES = 160  # leaves room for _回执（12）.xlsx in the 255 bytes of a file name
# what editors and transfer programs leave beside a file, or write before it is whole
_UNFINISHED = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".crdownload",
    ".filepart",
    ".uploading",
    ".download",
    ".swp",
)


def is_unfinished(name: str) -> bool:
    """Whether a program's naming says that this is no file to take: hidden, a lock file, or still in transfer."""
    return name.startswith((".", "~$", "~")) or name.lower().endswith(_UNFINISHED)


def safe(raw: str) -> str:
    """The name without folders, control and direction characters, at most MOST_BYTES, its ending kept."""
    name = unicodedata.normalize("NFC", _readable(raw))
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(
        " " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    name = re.sub(r'[<>:"|?*]', "_", re.sub(r" +", " ", name)).strip(" .")
    return _shortened(name) or "未命名"


def ledger_path(raw: str) -> str:
    """The path for the ledger: as it is where that is plain text, else with its odd characters in percent form."""
    if all(unicodedata.category(c)[0] != "C" for c in raw) and len(raw) <= 800:
        return raw
    odd = "".join(quote(os.fsencode(c)) if unicodedata.category(c)[0] == "C" or c == "%" else c for c in raw)
    return odd if len(odd) <= 800 else f"{odd[:700]}…{hash_of(raw)}"


def key(raw: str) -> str:
    """ASCII that carries any path through JSON and back."""
    return quote(os.fsencode(raw))


def hash_of(raw: str) -> str:
    return hashlib.sha256(os.fsencode(raw)).hexdigest()[:32]


def _readable(raw: str) -> str:
    """A name whose bytes were no UTF-8 (surrogates) is GB18030, as Windows programs send it."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return os.fsencode(raw).decode("gb18030", "replace")
    return raw


def _shortened(name: str) -> str:
    if len(name.encode()) <= MOST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 8:
        stem, dot, ending = name, "", ""
    room = MOST_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending

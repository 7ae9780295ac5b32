"""What a mail's structure says: which parts are attachments, what they are called, who sent it. Reads bytes, no server."""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, parseaddr

_NOT_FILES = {"text/calendar", "application/pgp-signature", "application/pkcs7-signature", "text/vcard"}


@dataclass(frozen=True)
class Part:
    """One leaf of a mail: its section number for FETCH, type, transfer encoding, encoded size."""

    section: str
    kind: str
    encoding: str
    size: int
    is_attachment: bool


def attachments(structure) -> list[Part]:
    """The parts that are files: named as attachments, or not text and not shown within the text.

    Pictures within the text, signatures, calendars and forwarded mails are none.
    """
    return [part for part in _leaves(structure, "") if part.is_attachment]


def _leaves(structure, section: str) -> Iterator[Part]:
    if structure.is_multipart:
        for number, part in enumerate(structure[0], start=1):
            yield from _leaves(part, f"{section}.{number}" if section else str(number))
        return
    kind = f"{_text(structure[0])}/{_text(structure[1])}".lower()
    disposition = _disposition(structure)
    has_name = _has_name(structure[2]) or _has_name(disposition[1] if len(disposition) > 1 else None)
    is_file = has_name and (_text(disposition[0]).lower() == "attachment" if disposition else True)
    is_inline_picture = kind.startswith("image/") and (
        structure[3] is not None or (disposition and _text(disposition[0]).lower() == "inline")
    )
    is_file = is_file or (has_name and not kind.startswith(("image/", "text/", "message/")))
    yield Part(
        section or "1",
        kind,
        _text(structure[5]).lower(),
        int(structure[6] or 0),
        bool(is_file and not is_inline_picture and kind not in _NOT_FILES),
    )


def _disposition(structure) -> tuple:
    """Where the extension fields have it: after the size, a text part's lines, and the MD5."""
    for field in structure[7:]:
        words = field if isinstance(field, tuple) and field and isinstance(field[0], bytes) else (b"",)
        if words[0].lower() in (b"attachment", b"inline"):
            return words
    return ()


def _has_name(parameters) -> bool:
    names = parameters[::2] if isinstance(parameters, tuple) else ()
    return any(_text(name).lower().startswith(("name", "filename")) for name in names)


def file_name(header: bytes) -> str:
    """The attachment's name by its MIME header: RFC 2231, RFC 2047, or bare bytes in UTF-8 or GB18030."""
    message = _headers(header)
    raw = message.get_param("filename", None, "content-disposition") or message.get_param("name", None)
    if raw is None:
        return ""
    if isinstance(raw, tuple):
        charset, language, text = raw
        raw = collapse_rfc2231_value((_charset(charset), language, text), "replace")
    return decoded(raw)


def decoded(raw: str) -> str:
    """A header's text: encoded words decoded, bare bytes read as what they are."""
    if "=?" not in raw:
        return raw
    words = decode_header(re.sub(r"\?=\s+=\?", "?==?", raw))
    return "".join(
        word if isinstance(word, str) else word.decode(_charset(charset), "replace")
        for word, charset in words
    )


def sender(header: bytes) -> str:
    """The address in From, in small letters; empty unless it is exactly one."""
    message = _headers(header)
    lines = message.get_all("From") or []
    address = parseaddr(decoded(lines[0]))[1].lower() if len(lines) == 1 else ""
    return address if re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", address) else ""


def is_vouched_for(header: bytes, authserv_id: str) -> bool:
    """Whether our own mail server says that DMARC passed: anybody can write any From."""
    message = _headers(header)
    first = str((message.get_all("Authentication-Results") or [""])[0])
    server, _, results = first.partition(";")
    return server.strip().split(" ")[0].lower() == authserv_id.lower() and bool(
        re.search(r"\bdmarc\s*=\s*pass\b", results, re.IGNORECASE)
    )


class Decoder:
    """Undoes a part's transfer encoding piece by piece."""

    def __init__(self, encoding: str) -> None:
        self._encoding, self._rest = encoding, b""

    def feed(self, piece: bytes, is_last: bool) -> bytes:
        if self._encoding == "base64":
            text = self._rest + re.sub(rb"[^A-Za-z0-9+/=]", b"", piece)
            whole = len(text) if is_last else len(text) // 4 * 4
            self._rest = text[whole:]
            return binascii.a2b_base64(text[:whole])
        if self._encoding == "quoted-printable":
            text = self._rest + piece
            whole = len(text) if is_last else text.rfind(b"\n") + 1
            self._rest = text[whole:]
            return quopri.decodestring(text[:whole])
        return piece


def _headers(raw: bytes) -> Message:
    """Bare bytes are decoded first: the parser would replace them."""
    return message_from_string(_plain(raw))


def _plain(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _charset(name: str | None) -> str:
    """gb2312 and gbk as clerks' programs write them hold more than these sets have."""
    name = (name or "utf-8").lower()
    if name in ("gb2312", "gbk", "gb_2312-80", "cp936", "x-gbk", "hz-gb-2312"):
        return "gb18030"
    try:
        "".encode(name)
    except LookupError:
        return "gb18030"
    return name


def _text(value) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")

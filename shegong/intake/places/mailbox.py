"""A mailbox that counties send attachments to, by IMAP over TLS. Nothing is marked, moved or deleted there.

A mail counts only from an address that the bureau registered as a unit's contact (reference.contact).
"""

import imaplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from shegong.archive import FileTooLarge
from shegong.intake.places import mail_parts, names
from shegong.intake.places.https import tls
from shegong.intake.places.mail_parts import Part
from shegong.intake.places.place import Access, FileChanged, Found, Limits, Source, SourceError, Whole

_HEADER = "BODY.PEEK[HEADER.FIELDS (FROM MESSAGE-ID AUTHENTICATION-RESULTS CONTENT-TYPE CONTENT-DISPOSITION)]"
_PIECE = 1 << 20
_MAILS_A_FETCH = 200

# address → the units that it is a contact of
Contacts = Mapping[str, set[str]]


class MailboxPlace:
    """`address` of the source is the folder, as INBOX. Extra: ca or ca_file, starttls, authserv_id (asks for DMARC)."""

    def __init__(self, source: Source, access: Access, limits: Limits, contacts: Contacts) -> None:
        self._source, self._limits, self._contacts = source, limits, contacts
        self._authserv_id = access.extra.get("authserv_id")
        self.strangers = 0  # mails of the last look that nobody registered sent
        self._client: IMAPClient | None = None
        try:
            self._client = _connect(access, limits)
            self._client.login(access.login, access.password)
            chosen = self._client.select_folder(source.address, readonly=True)
            self._validity = int(chosen[b"UIDVALIDITY"])
        except Exception as error:
            self.close()
            raise _failure(error) from error

    def look(self, known: Callable[[str], str | None] = lambda path: None) -> Iterator[Found]:
        self.strangers = 0
        try:
            numbers = self._client.search("UNDELETED")
            for begin in range(0, len(numbers), _MAILS_A_FETCH):
                chosen = numbers[begin : begin + _MAILS_A_FETCH]
                mails = self._client.fetch(chosen, ["BODYSTRUCTURE", "INTERNALDATE", _HEADER])
                for number in chosen:
                    if number in mails:
                        yield from self._files(number, mails[number], known)
        except (imaplib.IMAP4.error, OSError) as error:
            raise _failure(error) from error

    @contextmanager
    def open(self, file: dict) -> Iterator[Whole]:
        validity, number, section, encoding, size = file["key"].split(":")
        if int(validity) != self._validity:
            raise FileChanged
        if int(size) > self._limits.mail_bytes:
            raise FileTooLarge
        yield Whole(self._pieces(int(number), section, encoding, int(size)), None, self._limits, _failure)

    def give_back(self, unit_code: str, name: str, content: bytes) -> str | None:
        """Mails leave by the outbox; a mailbox is only read."""
        return None

    def close(self) -> None:
        if self._client is not None:
            with suppress(Exception):
                self._client.logout()

    def _files(self, number: int, mail: dict, known: Callable[[str], str | None]) -> Iterator[Found]:
        header = next(value for name, value in mail.items() if name.startswith(b"BODY[HEADER"))
        parts = mail_parts.attachments(mail[b"BODYSTRUCTURE"])
        if not parts:
            return
        address = mail_parts.sender(header)
        units = self._contacts.get(address, set())
        if self._source.unit_code:
            units = units & {self._source.unit_code}
        if not units or (self._authserv_id and not mail_parts.is_vouched_for(header, self._authserv_id)):
            self.strangers += 1
            return
        for part in parts:
            path = f"imap:{self._source.source_name};uidvalidity={self._validity};uid={number};section={part.section}"
            if known(path) is None:
                yield self._found(number, part, path, mail, units, address, header)

    def _found(
        self, number: int, part: Part, path: str, mail: dict, units: set[str], address: str, header: bytes
    ) -> Found:
        name = mail_parts.file_name(self._part_header(number, part, header))
        unit = next((unit for unit in units if name.startswith(unit)), min(units))
        return Found(
            unit_code=unit,
            path=path,
            name=names.safe(name),
            size_bytes=part.size,
            modified_at=_utc(mail[b"INTERNALDATE"]).isoformat(),
            source=self._source.source_name,
            key=f"{self._validity}:{number}:{part.section}:{part.encoding}:{part.size}",
            version="mail",
            reply={"to": address, "message_id": _message_id(header)},
        )

    def _part_header(self, number: int, part: Part, header: bytes) -> bytes:
        answer = self._client.fetch([number], [f"BODY.PEEK[{part.section}.MIME]"])[number]
        return answer.get(f"BODY[{part.section}.MIME]".encode()) or header

    def _pieces(self, number: int, section: str, encoding: str, size: int) -> "_Pieces":
        def piece(begin: int) -> bytes:
            answer = self._client.fetch([number], [f"BODY.PEEK[{section}]<{begin}.{_PIECE}>"]).get(number)
            if answer is None:
                raise FileNotFoundError  # somebody deleted the mail
            return answer[f"BODY[{section}]<{begin}>".encode()] or b""

        return _Pieces(piece, encoding, size)


class _Pieces:
    """A part of a mail as a stream of its decoded content."""

    def __init__(self, piece: Callable[[int], bytes], encoding: str, size: int) -> None:
        self._piece, self._size, self._at, self._is_over = piece, size, 0, False
        self._decoder, self._rest = mail_parts.Decoder(encoding), b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest and not self._is_over:
            raw = self._piece(self._at)
            self._at += len(raw)
            self._is_over = not raw or self._at >= self._size
            if self._is_over and self._at != self._size:
                raise SourceError("broken_off", f"{self._at} of {self._size} bytes")
            self._rest = self._decoder.feed(raw, self._is_over)
        part, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return part


def _connect(access: Access, limits: Limits) -> IMAPClient:
    context, starttls = tls(access), bool(access.extra.get("starttls"))
    port = access.port or (143 if starttls else 993)
    client = IMAPClient(
        access.host,
        port,
        ssl=not starttls,
        ssl_context=None if starttls else context,
        timeout=limits.wait_seconds,
    )
    if starttls:
        client.starttls(context)
    client.normalise_times = False
    return client


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _message_id(header: bytes) -> str:
    found = str(message_from_bytes(header).get("Message-ID") or "").strip()
    return (
        found if found.startswith("<") and found.isascii() and len(found) < 400 and "\n" not in found else ""
    )


def _failure(error: Exception) -> SourceError:
    if isinstance(error, SourceError):
        return error
    text = str(error)
    if isinstance(error, LoginError) or "AUTHENTICATIONFAILED" in text:
        return SourceError("auth")
    if isinstance(error, ssl.SSLError):
        return SourceError("tls")
    if isinstance(error, TimeoutError) or "timed out" in text:
        return SourceError("timeout")
    if isinstance(error, imaplib.IMAP4.abort | ConnectionResetError | BrokenPipeError | EOFError):
        return SourceError("broken_off", type(error).__name__)
    if isinstance(error, imaplib.IMAP4.error):
        return SourceError("missing" if "exist" in text or "NONEXISTENT" in text else "server")
    if isinstance(error, OSError):
        return SourceError("unreachable")
    return SourceError("server", type(error).__name__)

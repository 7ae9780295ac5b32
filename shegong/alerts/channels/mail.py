"""Mails, through whatever sends them: a mail server's client, or a folder of .eml files."""

import re
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from email import policy
from email.message import EmailMessage

from shegong.alerts.channels.channel import Answer, Message, Refused, TryLater

Send = Callable[[EmailMessage], object]


class Mail:
    """`connect` logs in and gives what sends one mail; asked for with the first mail, and anew after a failure.

    A mail that came twice has the same Message-ID, by which most readers show it once.
    """

    per_minute: int | None = None

    def __init__(self, connect: Callable[[], AbstractContextManager[Send]], mail_from: str) -> None:
        self._connect, self._from = connect, mail_from
        self._open = ExitStack()
        self._send: Send | None = None

    def service(self, recipient: str) -> str:
        return "mail"

    def send(self, message: Message, attachment: bytes | None) -> Answer:
        mail = as_mail(message, self._from, attachment)
        try:
            if self._send is None:
                self._send = self._open.enter_context(self._connect())
            self._send(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise _of_status(code, "the server refuses the recipient", is_service=False) from error
        except smtplib.SMTPAuthenticationError as error:
            raise TryLater(str(error.smtp_code), "the server refuses our login", is_service=True) from error
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            raise _of_status(error.smtp_code, "the server refuses the mail", is_service=False) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise TryLater(type(error).__name__, "no answer", is_service=True) from error
        return Answer("250", is_delivered=False)

    def close(self) -> None:
        """Hang up. A server that is gone already needs no goodbye."""
        self._send = None
        try:
            self._open.close()
        except (smtplib.SMTPException, OSError):
            self._open = ExitStack()


class OutboxFolder:
    """A sender that lays each mail as .eml into `folder`, a pathlib-like path. One mail is one file."""

    def __init__(self, folder) -> None:
        self._folder = folder

    def __call__(self, mail: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        sent = mail["Date"].datetime
        address = re.sub(r"[^A-Za-z0-9@.-]", "_", str(mail["To"]))
        number = mail["Message-ID"].strip("<>")[:8]
        name = f"{sent:%Y%m%d}_{address}_{number}.eml"
        # A reader of the folder never sees half a mail.
        unfinished = self._folder / f".{name}.unfinished"
        unfinished.write_bytes(mail.as_bytes())
        unfinished.replace(self._folder / name)


def as_mail(message: Message, mail_from: str, attachment: bytes | None = None) -> EmailMessage:
    """The mail as it leaves: text and HTML, what is attached, and an identity that is the same whenever it is sent."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = mail_from
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = message.created_at
    mail["Message-ID"] = f"<{message.identity}@{mail_from.rpartition('@')[2].rstrip('>') or 'shegong'}>"
    mail.set_content(message.body_text)
    if message.in_reply_to:
        mail["In-Reply-To"] = mail["References"] = message.in_reply_to
    if message.body_html:
        mail.add_alternative(message.body_html, subtype="html")
    if attachment is not None:
        mail.add_attachment(
            attachment, maintype="application", subtype="octet-stream", filename=message.attachment_name
        )
    return mail


def _of_status(code: int, text: str, is_service: bool) -> Refused | TryLater:
    """5xx is for good (RFC 5321, 4.2.1)."""
    return Refused(str(code), text) if code >= 500 else TryLater(str(code), text, is_service=is_service)

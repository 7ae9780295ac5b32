"""A mailbox on dovecot: attachments of registered senders are taken, nothing else, and the mailbox stays as it was."""

from collections.abc import Iterator
from contextlib import nullcontext
from email.headerregistry import Address
from email.message import EmailMessage

import psycopg
import pytest
import trustme
from intake_files import NOW, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, settings_of
from source_cases import NAME, TALENT, Case
from source_servers import Dovecot, Proxy
from upath import UPath

from shegong.alerts import outbox
from shegong.alerts.channels.mail import Mail
from shegong.intake.places.place import Access
from shegong.intake.returning import receipts_archive

CLERK, STRANGER = "clerk@xihu.example", "13800000000@nobody.example"
BOUND = "=-=bound"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def dovecot(tmp_path, authority) -> Iterator[Dovecot]:
    with Dovecot(tmp_path, authority).running() as dovecot:
        yield dovecot


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "counties").mkdir()
    return settings_of(database, home, SHEGONG_SOURCE_WAIT_SECONDS="12")


@pytest.fixture
def case(ours, database, dovecot, authority) -> Iterator[Case]:
    case = Case(ours, Ledger(database))
    case.access = lambda _: access_to(dovecot, authority)
    case.add("mail", "imap", "INBOX", "reply", unit=None)
    case.ledger.rows("insert into reference.contact values (%s, 'filler', %s)", UNIT, CLERK.title())
    yield case
    case.ledger.rows("truncate reference.contact")
    case.clear()


def access_to(dovecot: Dovecot, authority: trustme.CA, **more: object) -> Access:
    words = {"host": "127.0.0.1", "port": dovecot.port, "login": dovecot.login, "password": dovecot.password}
    return Access(**(words | {"extra": {"ca": authority.cert_pem.bytes().decode()}} | more))


def mail(*files: tuple[str, bytes], sender: str = CLERK) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "reports@bureau.example", "报送"
    message["Message-ID"] = "<one@xihu.example>"
    message.set_content("附件请查收")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def raw_mail(disposition: bytes, content_type: bytes, body: bytes) -> bytes:
    """A mail with one attachment whose headers are just these bytes, as old programs write them."""
    head = (
        b"From: "
        + CLERK.encode()
        + b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    )
    part = b"--B\r\nContent-Type: " + content_type + b"\r\nContent-Disposition: " + disposition
    return head + part + b"\r\n\r\n" + body + b"\r\n--B--\r\n"


def test_attachments_are_taken_once_and_answered_by_mail(case, dovecot) -> None:
    second = csv_name("talent", sequence=2)
    dovecot.deliver(mail((NAME, TALENT), (second, as_csv("talent", good("talent", remark="二")))).as_bytes())
    before = sorted(path.name for path in dovecot.maildir.rglob("*.tests*"))
    assert [(file.unit_code, file.name) for file in case.run()] == [(UNIT, NAME), (UNIT, second)]
    assert case.run() == []
    assert case.taken() == [NAME, second]
    kept = sorted(path.name.partition(":2,")[0] for path in dovecot.maildir.rglob("*.tests*"))
    flags = [path.name.partition(":2,")[2] for path in dovecot.maildir.rglob("*.tests*")]
    assert kept == before and set(flags) <= {""}
    assert case.answer() == 2
    sent: list[EmailMessage] = []
    with psycopg.connect(case.ours.dsn["loader"]) as connection:
        way_out = {"mail": Mail(lambda: nullcontext(sent.append), "bureau@localhost")}
        outbox.send_pending(connection, way_out, NOW, receipts_archive(case.ours, UPath))
    assert [message["To"].addresses[0] for message in sent] == [Address(addr_spec=CLERK)] * 2
    assert sent[0]["In-Reply-To"] == "<one@xihu.example>"
    (attached,) = sent[0].iter_attachments()
    assert attached.get_filename() == f"{NAME.removesuffix('.csv')}_回执.xlsx"
    assert attached.get_content().startswith(b"PK")
    assert case.ledger.rows("select count(*) from ops.outbox where strpos(body_text, 'PK') > 0") == [(0,)]


def test_an_unknown_sender_is_an_incident_and_left_alone(case, dovecot) -> None:
    dovecot.deliver(mail((NAME, TALENT), sender=STRANGER).as_bytes())
    assert case.run() == []
    assert case.open_incidents() == ["source:mail:strangers"]
    assert STRANGER not in case.said() and "1 封" in case.said()
    case.ledger.rows("insert into reference.contact values (%s, 'filler', %s)", OTHER_UNIT, STRANGER)
    assert [file.unit_code for file in case.run()] == [OTHER_UNIT]
    assert case.open_incidents() == []


def test_names_in_all_the_ways_that_programs_write_them(case, dovecot) -> None:
    gbk = "330106_人才.csv".encode("gb18030")
    encoded = b'"=?GB2312?B?MzMwMTA2X8jLssUuY3N2?="'
    percent = "".join(f"%{byte:02X}" for byte in gbk).encode()
    for number, disposition in enumerate(
        (
            b"attachment; filename*=GB18030''" + percent,
            b"attachment;\r\n filename*0*=GB18030''" + percent[:12] + b";\r\n filename*1*=" + percent[12:],
            b"attachment; filename=" + encoded,
            b'attachment; filename="' + gbk + b'"',
            b'attachment; filename="../../etc/\xe4\xba\xba.csv"',
        )
    ):
        body = as_csv("talent", good("talent", remark=f"r{number}"))
        dovecot.deliver(raw_mail(disposition, b"text/csv; charset=utf-8", body))
    case.run()
    assert case.taken() == ["330106_人才.csv"] * 4 + ["人.csv"]


def test_pictures_in_the_text_and_signatures_are_no_files(case, dovecot) -> None:
    message = mail((NAME, TALENT))
    message.get_body(("plain",)).add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png")
    message.add_attachment(b"BEGIN", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    dovecot.deliver(message.as_bytes())
    dovecot.deliver(mail().as_bytes())
    assert [file.name for file in case.run()] == [NAME]
    assert case.open_incidents() == []


def test_an_attachment_beyond_the_limit_is_refused_by_name(case, dovecot) -> None:
    dovecot.deliver(mail((NAME, b"x" * (1 << 20))).as_bytes())
    case.with_settings(max_mail_mib=0).run()
    assert case.ledger.rows("select state from ops.submission") == [("refused",)]


def test_broken_off_in_mid_attachment_and_a_wrong_word(case, dovecot, authority) -> None:
    big = as_csv("talent", *(good("talent", remark=f"第{n}行" * 20) for n in range(12_000)))
    dovecot.deliver(mail((NAME, big)).as_bytes())
    proxy = Proxy(dovecot.port)
    proxy.cut_after = len(big) // 2
    direct = case.access
    case.access = lambda _: access_to(dovecot, authority, port=proxy.port)
    assert len(case.run()) == 1
    assert case.taken() == [] and case.unread_archive() == []
    assert case.open_incidents() == ["source:mail:read"]
    case.access = lambda _: access_to(dovecot, authority, password="wrong")
    assert case.run() == []
    assert "登录被拒绝" in case.said() and "wrong" not in case.said()
    case.access = lambda _: access_to(dovecot, trustme.CA())
    assert case.run() == []
    assert "服务器证书未通过验证" in case.said()
    case.access = direct
    case.run()
    assert case.ledger.rows("select rows_total from ops.submission") == [(12_000,)]
    assert case.run() == [] and case.open_incidents() == []
    proxy.close()


def test_where_our_mail_server_vouches_a_forged_sender_is_a_stranger(case, dovecot, authority) -> None:
    extra = {"ca": authority.cert_pem.bytes().decode(), "authserv_id": "mx.bureau.example"}
    case.access = lambda _: access_to(dovecot, authority, extra=extra)
    forged, true = mail((NAME, TALENT)), mail((NAME, TALENT))
    forged["Authentication-Results"] = "mx.bureau.example; dmarc=fail"
    true["Authentication-Results"] = "mx.bureau.example; spf=pass; dmarc=pass header.from=xihu.example"
    dovecot.deliver(forged.as_bytes())
    assert case.run() == [] and case.open_incidents() == ["source:mail:strangers"]
    dovecot.deliver(true.as_bytes())
    assert len(case.run()) == 1

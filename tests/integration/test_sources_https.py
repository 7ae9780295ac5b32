"""HTTPS against a server with its own CA: what is known costs a 304, and what is wrong with the server stops nobody."""

import base64
from collections.abc import Iterator

import pytest
import trustme
from intake_files import Ledger, as_csv, csv_name, good, settings_of
from source_cases import NAME, TALENT, Case
from source_servers import Web

from shegong.intake.places.place import Access

SECOND = csv_name("talent", sequence=2)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def web(authority) -> Iterator[Web]:
    server = Web(authority)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "counties").mkdir()
    return settings_of(database, home, SHEGONG_SOURCE_WAIT_SECONDS="2")


@pytest.fixture
def case(ours, database, web, authority) -> Iterator[Case]:
    root = authority.cert_pem.bytes().decode()
    case = Case(ours, Ledger(database), lambda _: Access(extra={"ca": root}))
    case.add(
        "web",
        "https",
        f"https://127.0.0.1:{web.server_port}/out/",
        f"https://127.0.0.1:{web.server_port}/back",
    )
    yield case
    case.clear()


def publish(web: Web, **files: bytes) -> None:
    """An index page with links to these files, and to places that are none of ours."""
    for name, content in files.items():
        web.put(f"/out/{name}", content)
    foreign = (
        '<a href="../secret.csv">',
        '<a href="https://127.0.0.1:1/x.csv">',
        '<a href="?C=N;O=D">',
        '<a href="sub/">',
    )
    own = (f'<a href="{name}">' for name in files)
    web.put("/out/", "".join((*own, *foreign)).encode())


def test_what_is_known_is_asked_by_its_validators_and_comes_once(case, web) -> None:
    publish(web, **{NAME: TALENT, SECOND: as_csv("talent", good("talent", remark="二"))})
    assert len(case.run()) == 2
    web.log.clear()
    assert case.run() == []
    assert sorted(web.log) == [
        ("GET", "/out/", 200),
        ("HEAD", f"/out/{NAME}", 304),
        ("HEAD", f"/out/{SECOND}", 304),
    ]
    web.put(f"/out/{NAME}", as_csv("talent", good("talent", remark="三")))
    assert [file.name for file in case.run()] == [NAME]
    assert case.taken() == [NAME, NAME, SECOND]
    assert case.answer() == 3
    assert len([path for path in web.files if path.startswith("/back/")]) == 3


def test_a_server_without_validators_and_without_head_is_read_and_each_content_taken_once(case, web) -> None:
    web.has_validators = web.knows_head = False
    publish(web, **{NAME: TALENT})
    case.run()
    case.run()
    assert case.taken() == [NAME]
    publish(web, **{NAME: as_csv("talent", good("talent", remark="二"))})
    case.run()
    assert case.taken() == [NAME, NAME]


def test_broken_off_in_mid_file(case, web) -> None:
    big = as_csv("talent", *(good("talent", remark=str(n)) for n in range(3_000)))
    publish(web, **{NAME: big})
    found = case.find()
    web.cut_after = len(big) // 2
    case.load(found)
    assert case.taken() == [] and case.unread_archive() == []
    assert case.open_incidents() == ["source:web:read"]
    web.cut_after = None
    case.run()
    assert case.ledger.rows("select rows_total from ops.submission") == [(3_000,)]
    assert case.run() == [] and case.open_incidents() == []


def test_another_authority_is_refused(case, web) -> None:
    publish(web, **{NAME: TALENT})
    trusted = case.access
    case.access = lambda _: Access(extra={"ca": trustme.CA().cert_pem.bytes().decode()})
    assert case.run() == []
    assert "服务器证书未通过验证" in case.said()
    case.access = trusted
    assert len(case.run()) == 1


def test_a_wrong_word_a_slow_server_and_a_page_that_is_gone(case, web) -> None:
    publish(web, **{NAME: TALENT})
    web.login = "Basic " + base64.b64encode(b"county:word").decode()
    assert case.run() == []
    assert "登录被拒绝" in case.said()
    trusted = case.access("")
    case.access = lambda _: Access(login="county", password="word", extra=trusted.extra)
    web.wait_seconds = 4
    assert case.run() == []
    assert "响应太慢" in case.said() and "word" not in case.said()
    web.wait_seconds = 0
    del web.files["/out/"]
    assert case.run() == []
    assert "目录或地址不存在" in case.said()


def test_http_without_tls_is_refused(case, web) -> None:
    case.ledger.rows("update reference.source set address = 'http://127.0.0.1/out/'")
    assert case.run() == []
    assert "登记或连接不完整" in case.said()


def test_changed_between_listing_and_reading_waits_for_the_next_run(case, web) -> None:
    publish(web, **{NAME: TALENT})
    found = case.find()
    web.put(f"/out/{NAME}", as_csv("talent", good("talent", remark="新")))
    case.load(found)
    assert case.taken() == [] and case.unread_archive() == []
    case.run()
    assert case.taken() == [NAME]

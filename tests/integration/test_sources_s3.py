"""S3 against moto's server: objects are taken once, the receipt goes back, and a wrong key or a cut stops nobody."""

from collections.abc import Iterator

import boto3
import pytest
from intake_files import OTHER_UNIT, UNIT, Ledger, as_csv, good, settings_of
from source_cases import NAME, TALENT, Case
from source_servers import Proxy, moto

from shegong.intake.places.place import Access


@pytest.fixture(scope="module")
def port(tmp_path_factory) -> Iterator[int]:
    with moto(tmp_path_factory.mktemp("moto") / "log") as port:
        yield port


@pytest.fixture(scope="module")
def bucket(port):
    client = boto3.resource(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id="k", aws_secret_access_key="s",
        region_name="us-east-1",
    )  # fmt: skip
    return client.create_bucket(Bucket="reports")


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "counties").mkdir()
    return settings_of(database, home, SHEGONG_SOURCE_WAIT_SECONDS="2")


def access_to(port: int) -> Access:
    return Access(login="k", password="s", extra={"endpoint_url": f"http://127.0.0.1:{port}"})


@pytest.fixture
def case(ours, database, port, bucket) -> Iterator[Case]:
    case = Case(ours, Ledger(database), lambda _: access_to(port))
    yield case
    case.clear()
    bucket.objects.delete()


def test_a_root_for_many_units_is_read_once_and_answered(case, bucket) -> None:
    case.add("cloud", "s3", "reports/in", "reports/in", unit=None)
    other = as_csv("talent", good("talent", remark="别的"))
    bucket.put_object(Key=f"in/{UNIT}/submit/{NAME}", Body=TALENT)
    bucket.put_object(Key=f"in/{OTHER_UNIT}/submit/{NAME.replace(UNIT, OTHER_UNIT)}", Body=other)
    bucket.put_object(Key=f"in/{UNIT}/submit/x.csv.part", Body=b"half")
    assert [file.unit_code for file in case.run(settle=3600)] == [UNIT, OTHER_UNIT]
    assert case.run() == []
    assert case.answer() == 2
    answers = sorted(thing.key for thing in bucket.objects.all() if "receipts" in thing.key)
    assert [key.split("/")[1] for key in answers] == [UNIT, OTHER_UNIT]
    bucket.put_object(Key=f"in/{UNIT}/submit/{NAME}", Body=other)
    assert [file.unit_code for file in case.run()] == [UNIT]
    assert case.open_incidents() == []


def test_an_empty_bucket_is_no_failure_and_a_missing_one_is(case, bucket) -> None:
    case.add("empty", "s3", "reports/submit")
    assert case.run() == []
    assert case.open_incidents() == []
    case.add("missing", "s3", "no-such-bucket/submit")
    assert case.run() == []
    assert case.open_incidents() == ["source:missing:look"]


def test_broken_off_in_mid_object_leaves_nothing_and_comes_with_the_next_run(case, bucket, port) -> None:
    case.add("cloud", "s3", "reports/submit")
    big = as_csv("talent", *(good("talent", remark=f"第{n}行" * 20) for n in range(12_000)))
    bucket.put_object(Key=f"submit/{NAME}", Body=big)
    proxy = Proxy(port)
    proxy.cut_after = len(big) // 2
    case.access = lambda _: access_to(proxy.port)
    assert len(case.run()) == 1
    assert case.taken() == [] and case.unread_archive() == []
    assert case.open_incidents() == ["source:cloud:read"]
    proxy.cut_after = None
    case.run()
    assert case.taken() == [NAME]
    assert case.ledger.rows("select rows_total from ops.submission") == [(12_000,)]
    proxy.close()


def test_an_object_that_is_written_anew_after_the_listing_waits(case, bucket) -> None:
    case.add("cloud", "s3", "reports/submit")
    bucket.put_object(Key=f"submit/{NAME}", Body=TALENT)
    found = case.find()
    bucket.put_object(Key=f"submit/{NAME}", Body=TALENT[:-1] + b"x")
    case.load(found)
    assert case.taken() == [] and case.unread_archive() == []
    case.run()
    assert case.taken() == [NAME]


def test_a_bucket_out_of_reach_or_hanging_is_an_incident(case, port) -> None:
    case.add("cloud", "s3", "reports/submit")
    case.access = lambda _: access_to(1)
    assert case.run() == []
    assert "连接不上" in case.said()
    proxy = Proxy(port)
    proxy.is_stuck = True
    case.access = lambda _: access_to(proxy.port)
    assert case.run() == []
    assert "响应太慢" in case.said()
    case.access = lambda _: access_to(port)
    case.run()
    assert case.open_incidents() == []
    proxy.close()

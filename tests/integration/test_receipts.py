"""Receipts of real files that went through archive, reader and ledger; returned rows sent back again."""

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import psycopg
import pytest
from upath import UPath

from shegong import contract, reference_data, settings
from shegong.archive import Archive
from shegong.calendar import SHANGHAI
from shegong.intake import receipt_ledger, receipts
from shegong.intake.load import Loader
from shegong.render.template import Sheet, write

NOW = datetime(2026, 5, 6, 20, 0, tzinfo=SHANGHAI)
UNIT, NAME = "330106", "西湖区"
# Valid number of nobody; the check digit of the second is wrong.
GOOD_ID, BAD_ID = "330106199001010018", "330106199001010012"


@pytest.fixture(scope="module")
def configured(database, tmp_path_factory: pytest.TempPathFactory) -> settings.Settings:
    """Settings of a warehouse with reference data, an empty archive and empty places."""
    home = tmp_path_factory.mktemp("home")
    key = "A" * 43 + "="
    env = {f"SHEGONG_DSN_{role.upper()}": dsn for role, dsn in database.dsn.items()}
    env |= {f"SHEGONG_{name}_URL": str(home / name.lower()) for name in ("COUNTIES", "ARCHIVE", "OUTBOX")}
    env |= {f"SHEGONG_{name}_KEY": key for name in ("PERSON", "VAULT", "ARCHIVE")}
    reference_data.load(database.dsn["admin"])
    return settings.load(env | {"SHEGONG_HOME": str(home)})


def person(id_no: str, **more: object) -> dict[str, object]:
    row = {
        "row_action": "新增", "id_type": "居民身份证", "id_no": id_no, "person_name": "王明",
        "education": "本科", "sw_major": "是", "employer_type": "企业", "employer_id": "91330106732443202J",
        "employer_name": "某公司", "is_direct_service": "否", "highest_level": "无", "status": "在岗",
    }  # fmt: skip
    return row | more


def deliver(configured: settings.Settings, name: str, content: bytes, minute: int = 0) -> int:
    """Take one file in as the DAG does; its delivery_id."""
    path = Path(configured.counties_url) / UNIT / "submit" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    file = {
        "unit_code": UNIT, "path": str(path), "name": name, "size_bytes": len(content),
        "modified_at": f"2026-05-06T09:{minute:02d}:00+00:00",
    }  # fmt: skip
    with psycopg.connect(configured.dsn["loader"]) as connection:
        archive = Archive(UPath(configured.archive_url), configured.archive_key)
        return Loader(configured, connection, archive, NOW).take(file, path)


def workbook(*sheets: Sheet, mode: str = "D", sequence: int = 1) -> bytes:
    content = io.BytesIO()
    write(
        content,
        sheets,
        unit_code=UNIT,
        unit_name=NAME,
        report_date=date(2026, 5, 6),
        mode=mode,
        sequence=sequence,
    )
    return content.getvalue()


def talent(*rows: dict[str, object]) -> Sheet:
    return Sheet(contract.load()["talent"], rows)


def judged(configured: settings.Settings, delivery_id: int, state: str, **more: object) -> None:
    """Put a judgement into the ledger, which shegong.judge would take Great Expectations for."""
    values = {"state": state, "accepted_at": NOW if "accepted" in state else None} | more
    assignments = ", ".join(f"{column} = %({column})s" for column in values)
    with psycopg.connect(configured.dsn["loader"]) as connection:
        query = f"update ops.submission set {assignments} where delivery_id = %(id)s"
        assert connection.execute(query, values | {"id": delivery_id}).rowcount


def receipt(configured: settings.Settings, name: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(Path(configured.counties_url) / UNIT / "receipts" / name)


def texts(sheet) -> str:
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_a_partly_accepted_file_gets_its_rows_back_and_they_can_be_sent_again(configured) -> None:
    content = workbook(
        talent(person(GOOD_ID), person(BAD_ID, employer_name="=1+1"), person(GOOD_ID, status=None))
    )
    delivery_id = deliver(configured, "人才.xlsx", content)
    judged(configured, delivery_id, "partly_accepted")
    assert receipts.write_all(configured, NOW, [delivery_id]) == 1

    book = receipt(configured, "人才_回执.xlsx")
    assert book.sheetnames == ["摘要", "需办理", "问题清单", "退回行", "_shegong"]
    assert "部分接收" in texts(book["摘要"])
    findings = list(book["问题清单"].iter_rows(min_row=2, values_only=True))
    assert ("强制", 5, "D", "证件号码") in [(f[0], f[2], f[3], f[4]) for f in findings]
    assert not any(BAD_ID in texts(book[name]) for name in ("摘要", "需办理", "问题清单"))

    returned = book["退回行"]
    headers = [cell.value for cell in returned[3]]
    assert headers[0] == "错误原因"
    rows = [dict(zip(headers, row, strict=True)) for row in returned.iter_rows(min_row=4, values_only=True)]
    assert [row["证件号码"] for row in rows] == [BAD_ID, GOOD_ID]
    employer = returned.cell(4, headers.index("工作单位") + 1)
    assert (employer.value, employer.data_type, employer.quotePrefix) == ("=1+1", "s", True)

    employer.value = "某公司"
    returned.cell(4, headers.index("证件号码") + 1).value = "330106199001010034"
    returned.cell(5, headers.index("在岗状态") + 1).value = "在岗"
    corrected = io.BytesIO()
    book.save(corrected)
    again = deliver(configured, "人才_回执.xlsx", corrected.getvalue(), minute=5)
    with psycopg.connect(configured.dsn["loader"]) as connection:
        delivery = receipt_ledger.read(connection, again)
        told = connection.execute(
            "select rule_id, text from ops.finding as f where f.submission_id = %s and level in ('F', 'E')",
            [delivery.submissions[0].submission_id],
        ).fetchall()
    submission = delivery.submissions[0]
    assert (told, len(delivery.submissions)) == ([], 1)
    assert (submission.state, submission.mode, submission.rows_accepted) == ("staged", "D", 2)


def test_a_receipt_is_written_over_when_the_state_changes(configured) -> None:
    delivery_id = deliver(
        configured, "变更.xlsx", workbook(talent(person(GOOD_ID), person(BAD_ID)), sequence=2)
    )
    judged(configured, delivery_id, "held", held_for="engineers", reason="合同套件未通过")
    receipts.write_all(configured, NOW, [delivery_id])
    waiting = receipt(configured, "变更_回执.xlsx")
    assert "系统核对中" in texts(waiting["摘要"])
    assert "退回行" not in waiting.sheetnames
    assert "合同套件" not in texts(waiting["摘要"])
    assert "强制" not in texts(waiting["问题清单"])

    judged(configured, delivery_id, "partly_accepted", held_for=None, reason=None)
    receipts.write_all(configured, NOW, [delivery_id])
    done = receipt(configured, "变更_回执.xlsx")
    assert "部分接收" in texts(done["摘要"])
    assert "强制" in texts(done["问题清单"])
    assert delivery_id in receipts.touched(configured, NOW)
    folder = Path(configured.counties_url) / UNIT / "receipts"
    assert not [path for path in folder.iterdir() if path.suffix != ".xlsx"]


def test_a_table_held_for_the_county_is_sent_again_as_a_whole(configured) -> None:
    delivery_id = deliver(
        configured, "六.xlsx", workbook(talent(person(GOOD_ID), person(BAD_ID)), sequence=6)
    )
    judged(configured, delivery_id, "held", held_for="county", reason="2 行中有 1 行被退回")
    receipts.write_all(configured, NOW, [delivery_id])
    book = receipt(configured, "六_回执.xlsx")
    assert "2 行中有 1 行被退回" in texts(book["摘要"])
    assert "强制" in texts(book["问题清单"])
    assert "退回行" not in book.sheetnames


def test_rows_of_a_csv_come_back_with_the_headings_that_it_has(configured) -> None:
    header = (
        "操作类型,资金来源,年度,资金层级,资金用途,文号,预算金额（万元）,到位金额（元）,支出金额（元）,"
        "上年结转（元）,入账日期"
    )
    spent_too_much = "新增,财政预算,2026,县级,宣传,浙财7,1.5,1,5,0,2026-04-01"
    lines = (header, spent_too_much, "新增,财政预算,2026,县级,宣传,浙财8,2,1,1,0,2026-04-01")
    content = "\n".join(lines).encode("gb18030")
    delivery_id = deliver(configured, "330106_funding_D20260506_07.csv", content)
    judged(configured, delivery_id, "partly_accepted")
    receipts.write_all(configured, NOW, [delivery_id])
    returned = receipt(configured, "330106_funding_D20260506_07_回执.xlsx")["退回行"]
    rows = list(returned.iter_rows(min_row=4, values_only=True))
    (row,) = [dict(zip([cell.value for cell in returned[3]], row, strict=True)) for row in rows]
    assert row["错误原因"].startswith("第 2 行：")
    assert (row["文号"], row["预算金额（万元）"], row["年度"]) == ("浙财7", 1.5, 2026)


def test_a_refused_file_says_why(configured) -> None:
    delivery_id = deliver(configured, "330106_talent_D20260506_03.csv", "甲,乙\n1,2\n".encode("gb18030"))
    receipts.write_all(configured, NOW, [delivery_id])
    book = receipt(configured, "330106_talent_D20260506_03_回执.xlsx")
    assert "退回" in texts(book["摘要"])
    assert "缺少必需的列" in texts(book["需办理"])
    with psycopg.connect(configured.dsn["loader"]) as connection:
        query = "select receipt_path from ops.delivery where delivery_id = %s"
        path = connection.execute(query, [delivery_id]).fetchone()[0]
    assert path.endswith("/330106/receipts/330106_talent_D20260506_03_回执.xlsx")


def test_a_duplicate_is_told_of_the_first_and_has_a_receipt_of_its_own(configured) -> None:
    content = workbook(talent(person(GOOD_ID)), sequence=4)
    first = deliver(configured, "四.xlsx", content)
    judged(configured, first, "accepted")
    second = deliver(configured, "四.xlsx", content, minute=9)
    receipts.write_all(configured, NOW, [first, second])
    assert "全部接收" in texts(receipt(configured, "四_回执.xlsx")["摘要"])
    repeated = receipt(configured, "四_回执（2）.xlsx")
    assert repeated.sheetnames == ["摘要", "_shegong"]
    assert "内容完全相同" in texts(repeated["摘要"])


def test_a_file_of_several_tables_has_a_sheet_of_returned_rows_for_each(configured) -> None:
    fund = {"row_action": "新增", "year": 2026, "source_type": "财政预算", "level": "县级", "usage": "宣传",
            "batch_no": "浙财1", "budget_yuan": -5, "received_yuan": 1, "spent_yuan": 1,
            "carried_over_yuan": 0,
            "book_date": date(2026, 4, 1)}  # fmt: skip
    funding = Sheet(contract.load()["funding"], [fund, fund | {"batch_no": "浙财2", "budget_yuan": 5}])
    delivery_id = deliver(
        configured, "合.xlsx", workbook(talent(person(GOOD_ID), person(BAD_ID)), funding, sequence=5)
    )
    judged(configured, delivery_id, "partly_accepted")
    receipts.write_all(configured, NOW, [delivery_id])
    book = receipt(configured, "合_回执.xlsx")
    assert {"退回行-社会工作专业人才", "退回行-社会工作资金"} <= set(book.sheetnames)
    returned = book["退回行-社会工作资金"]
    row = {header.value: cell.value for header, cell in zip(returned[3], returned[4], strict=True)}
    assert (row["预算金额（元）"], row["批次/文号"]) == (-5, "浙财1")

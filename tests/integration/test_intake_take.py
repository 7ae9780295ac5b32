"""One file's way in, on PostgreSQL: every kind of bad input, and what a good file leaves in ledger, staging and vault."""

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from intake_files import (
    CONTRACTS,
    DAY,
    ID,
    ID_2,
    NOW,
    OTHER_UNIT,
    UNIT,
    Ledger,
    as_csv,
    as_workbook,
    csv_name,
    good,
    place,
    send,
    settings_of,
    sheet,
    take,
)  # fmt: skip
from upath import UPath

from shegong.intake import run, sources
from shegong.intake.places.reach import Reach
from shegong.people import Hasher
from shegong.vault import Vault

TITLE = CONTRACTS["talent"].title


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


def changed(content: bytes, change) -> bytes:
    """A workbook after `change(book)`."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def set_cell(place: str, value: object):
    def change(book) -> None:
        book[TITLE][place] = value

    return change


def doubled_header(book) -> None:
    headers = [cell.value for cell in book[TITLE][3]]
    book[TITLE].cell(3, len(headers) + 1, "姓名")


def hundred_columns(book) -> None:
    for at in range(100):
        book[TITLE].cell(3, at + 1).value = book[TITLE].cell(3, at + 1).value or f"列{at}"


def version_of_last_year(book) -> None:
    for row in book["_shegong"].iter_rows():
        if row[1].value == "talent":
            row[2].value = "2025.1"


def password_protected() -> bytes:
    """The head of what Excel writes for an encrypted workbook: an OLE container with an EncryptedPackage."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 504
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 480
    )


TALENT = as_workbook(sheet("talent", good("talent")))
CSV = as_csv("talent", good("talent"))
# name of the case -> (file name, content, rule)
BAD = {
    "not a workbook": ("人才.xlsx", b"PK\x03\x04 this is no zip", "file.not_a_workbook"),
    "cut off": ("人才.xlsx", TALENT[: len(TALENT) // 2], "file.not_a_workbook"),
    "a picture": ("人才.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "file.not_a_workbook"),
    "empty": (csv_name("talent"), b"", "file.empty"),
    "blanks only": (csv_name("talent"), b" \r\n\r\n", "file.empty"),
    "empty workbook": ("人才.xlsx", changed(TALENT, lambda book: book[TITLE].delete_rows(1, 9)), "file.empty"),
    "password": ("人才.xlsx", password_protected(), "file.password"),
    "another county's name": (csv_name("talent", unit=OTHER_UNIT), CSV, "file.unit_mismatch"),
    "another county's content": ("人才.xlsx", as_workbook(sheet("talent", good("talent")), unit=OTHER_UNIT), "file.unit_mismatch"),
    "another county in words": ("人才.xlsx", changed(TALENT, lambda book: [set_cell(c.coordinate, "填报单位：杭州市余杭区民政局")(book)
                                for c in book[TITLE][2] if "填报单位" in str(c.value)]), "file.unit_mismatch"),
    "unknown table": (csv_name("volunteers"), CSV, "file.table_unknown"),
    "name says another table": (csv_name("agency").replace("csv", "xlsx"), TALENT, "file.table_mismatch"),
    "no name": ("人才.csv", CSV, "file.name_unclear"),
    "no header": (csv_name("talent"), b"1,2,3\n4,5,6\n", "file.header_missing"),
    "header gone": ("人才.xlsx", changed(TALENT, lambda book: book[TITLE].delete_rows(3)), "file.header_missing"),
    "a required column gone": (csv_name("talent"), CSV.replace("学历".encode(), "学厉".encode()), "file.header_missing"),
    "no 操作类型 among changes": (csv_name("talent"), CSV.replace("操作类型".encode(), "类型".encode()), "file.header_missing"),
    "doubled header": ("人才.xlsx", changed(TALENT, doubled_header), "file.header_duplicate"),
    "doubled by alias": (csv_name("talent"), CSV.replace("工作单位".encode(), "证件号码".encode()).replace("学历".encode(), "身份证号".encode()),
                         "file.header_duplicate"),
    "another template version": ("人才.xlsx", changed(TALENT, version_of_last_year), "file.template_version"),
    "a hundred columns": ("人才.xlsx", changed(TALENT, hundred_columns), "file.too_many_columns"),
    "a million rows": ("人才.xlsx", changed(TALENT, set_cell("A1048576", " ")), "file.too_many_cells"),
    "the last cell of a sheet": ("人才.xlsx", changed(TALENT, set_cell("XFD1048576", " ")), "file.too_many_cells"),
    "a day to come": (csv_name("talent", day=DAY + timedelta(days=1)), CSV, "file.report_date_future"),
    "a day that is none": ("330106_talent_D20260231_01.csv", CSV, "file.name_unclear"),
    "no rows": (csv_name("talent"), as_csv("talent", good("talent")).split(b"\r\n")[0], "file.no_rows"),
    "Latin letters": (csv_name("talent"), "备注\nÃ©\n".encode("utf-16"), "file.header_missing"),
    "broken off in a letter": (csv_name("talent"), CSV[:-3], "file.encoding"),
    "an open quote": (csv_name("talent"), as_csv("talent", good("talent", remark="")).rstrip() + b'"\r\n' + CSV, "file.row_shape"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_reason_and_kept(ours, ledger, case) -> None:
    name, content, rule = BAD[case]
    delivery_id = send(ours, name, content)
    (told,) = ledger.rows(
        "select rule_id, level, text, mend, reason, state, content_hash from ops.finding inner join ops.submission using (submission_id)"
        " inner join ops.delivery as d using (delivery_id) cross join lateral (select d.state as delivery_state) where delivery_id = %s".replace(
            "reason, state", "reason, ops.submission.state"), delivery_id)  # fmt: skip
    assert (told[0], told[1], told[5]) == (rule, "F", "refused")
    assert told[4] == told[2] and "\u4e00" <= told[3][0] <= "\u9fff"
    assert (Path(ours.archive_url) / told[6][:2] / told[6]).exists()
    assert ledger.rows("select count(*) from staging.talent") == [(0,)]


def test_a_good_file_is_staged_without_names_and_opens_from_the_vault(ours, ledger) -> None:
    delivery_id = send(
        ours,
        csv_name("talent"),
        as_csv("talent", good("talent"), good("talent", id_no=ID_2, person_name="李华")),
    )
    assert ledger.states(delivery_id) == [("talent", "staged", 2, 2, 0)]
    assert ledger.findings(delivery_id) == []
    rows = ledger.rows(
        "select person_key, person_mask, name_key, birth_year, sex, _row_number from staging.talent order by _row_number"
    )
    hasher = Hasher(ours.person_key)
    assert rows[0] == (hasher.key(f"1:{ID}"), "3" + "*" * 16 + "8", hasher.key("王明"), 1990, "1", 2)
    vault = Vault(ours.vault_key)
    opened = [
        vault.open(key, bytes(sealed))
        for key, sealed in ledger.rows("select person_key, sealed from vault.person")
    ]
    assert sorted(o["id_no"] for o in opened) == [ID, ID_2]


def test_a_refused_row_stays_in_the_file_and_its_neighbours_are_staged(ours, ledger) -> None:
    bad = good("talent", id_no=ID[:-1] + "1", education="不知道")
    delivery_id = send(ours, csv_name("talent"), as_csv("talent", bad, good("talent")))
    assert ledger.states(delivery_id) == [("talent", "staged", 2, 1, 1)]
    assert ledger.findings(delivery_id) == [
        ("talent.education.code", "E", 2),
        ("talent.id_no.check_digit", "E", 2),
    ]
    assert ledger.rows("select row_number, check_class from ops.refused_row") == [(2, "file")]
    assert ledger.rows("select count(*) from vault.person") == [(1,)]


def test_the_later_of_two_rows_with_one_key_and_day_is_refused(ours, ledger) -> None:
    rows = [
        good("talent"),
        good("talent", effective_date=DAY),
        good("talent", effective_date=date(2026, 5, 5)),
    ]
    delivery_id = send(ours, csv_name("talent"), as_csv("talent", *rows))
    assert ledger.states(delivery_id) == [("talent", "staged", 3, 2, 1)]
    assert ledger.findings(delivery_id) == [("talent.duplicate_key", "E", 3)]
    assert ledger.rows("select row_number from ops.refused_row") == [(3,)]


def test_an_identity_number_in_a_number_cell_is_refused(ours, ledger) -> None:
    headers = [f.header for f in CONTRACTS["talent"].fields]
    column = openpyxl.utils.get_column_letter(headers.index("证件号码") + 1)
    delivery_id = send(ours, "人才.xlsx", changed(TALENT, set_cell(f"{column}4", 330106199001010018)))
    assert ledger.findings(delivery_id) == [("talent.id_no.number_cell", "E", 4)]


def test_a_refused_sheet_of_a_package_hurts_no_other(ours, ledger) -> None:
    package = as_workbook(sheet("talent", good("talent")), sheet("funding", good("funding")))
    delivery_id = send(ours, "合.xlsx", changed(package, doubled_header))
    assert ledger.states(delivery_id) == [("funding", "staged", 1, 1, 0), ("talent", "refused", 0, 0, 0)]


def test_the_same_file_again_is_a_duplicate_and_stages_nothing(ours, ledger) -> None:
    first = send(ours, csv_name("talent"), CSV)
    second = send(ours, csv_name("talent"), CSV)
    assert ledger.rows("select state, duplicate_of from ops.delivery order by delivery_id") == [
        ("read", None),
        ("duplicate", first),
    ]
    assert ledger.states(second) == []


def test_the_nil_reports_of_two_days_are_two_though_their_bytes_are_the_same(ours, ledger) -> None:
    nil = "数据表,备注\r\n社会工作专业人才,\r\nagency,\r\n".encode()
    first = send(ours, csv_name("nil", day=DAY - timedelta(days=1)), nil)
    second = send(ours, csv_name("nil"), nil)
    for delivery_id in (first, second):
        assert ledger.states(delivery_id) == [("agency", "nil", 0, 0, 0), ("talent", "nil", 0, 0, 0)]


def test_a_file_that_was_refused_by_its_name_is_read_under_a_better_one(ours, ledger) -> None:
    send(ours, "人才.csv", CSV)
    assert ledger.states(send(ours, csv_name("talent"), CSV)) == [("talent", "staged", 1, 1, 0)]


def test_a_file_of_tomorrow_is_read_when_it_comes_again_tomorrow(ours, ledger) -> None:
    name = csv_name("talent", day=DAY + timedelta(days=1))
    send(ours, name, CSV)
    again = send(ours, name, CSV, now=NOW + timedelta(days=1))
    assert ledger.states(again) == [("talent", "staged", 1, 1, 0)]


def test_a_nil_report_may_be_a_workbook(ours, ledger) -> None:
    book = openpyxl.Workbook()
    for row in (["数据表", "备注"], ["社会工作专业人才"], ["agency", "无变化"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    delivery_id = send(ours, csv_name("nil").replace("csv", "xlsx"), out.getvalue())
    assert ledger.states(delivery_id) == [("agency", "nil", 0, 0, 0), ("talent", "nil", 0, 0, 0)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("数据表\n天气\n", "file.table_unknown"),
        ("表\ntalent\n", "file.header_missing"),
        ("数据表\n", "file.no_rows"),
    ],
)
def test_a_nil_report_that_names_no_table_is_refused(ours, ledger, text, rule) -> None:
    assert ledger.findings(send(ours, csv_name("nil"), text.encode()))[0][0] == rule


def test_a_late_file_is_marked_and_accepted(ours, ledger) -> None:
    send(ours, csv_name("talent", day=date(2026, 4, 30)), CSV)
    assert ledger.rows("select state, is_late from ops.submission") == [("staged", True)]


def test_an_unknown_unit_is_refused(ours, ledger) -> None:
    delivery_id = send(ours, csv_name("talent", unit="339999"), CSV, unit="339999")
    assert [f[0] for f in ledger.findings(delivery_id)] == ["file.unit_unknown"]


def test_a_file_beyond_the_limit_is_refused_and_not_archived(database, tmp_path, ours, ledger) -> None:
    small = settings_of(database, tmp_path, load_reference=False, SHEGONG_MAX_FILE_MIB="1")
    delivery_id = send(small, csv_name("talent"), CSV + b"," * (1 << 20))
    assert [f[0] for f in ledger.findings(delivery_id)] == ["file.too_large"]
    assert not any(path.is_file() for path in (tmp_path / "archive").rglob("*"))


def test_a_file_in_gb18030_is_the_same_as_in_utf_8(ours, ledger) -> None:
    rows = [good("talent", employer_name="某公司㐀"), good("talent", id_no=ID_2)]
    names = []
    for sequence, encoding in enumerate(("utf-8", "utf-8-sig", "gb18030"), 1):
        send(ours, csv_name("talent", sequence=sequence), as_csv("talent", *rows, encoding=encoding))
        names.append(
            ledger.rows("select employer_name, person_key, name_key from staging.talent order by _row_number")
        )
        ledger.clear()
    assert names[0] == names[1] == names[2]


def test_taking_a_file_again_changes_nothing(ours, ledger) -> None:
    file = place(ours, csv_name("talent"), as_csv("talent", good("talent"), good("talent", id_no="1")))
    first = take(ours, file)
    before = ledger.rows("select * from ops.submission"), ledger.findings(first)
    assert take(ours, file) == first
    assert (ledger.rows("select * from ops.submission"), ledger.findings(first)) == before


def test_find_lists_what_is_new_and_nothing_half_written(ours, ledger, tmp_path) -> None:
    import psycopg

    places = tmp_path / "places"
    there = replace(ours, counties_url=str(places))
    for name in ("a.csv", ".hidden", "~$a.xlsx", "b.csv.part", "c.tmp"):
        (places / UNIT / "submit").mkdir(parents=True, exist_ok=True)
        (places / UNIT / "submit" / name).write_bytes(CSV)
    (places / "readme.txt").write_text("no unit")
    with psycopg.connect(ours.dsn["loader"]) as connection:
        (found,) = sources.find(Reach(there, connection, UPath), connection, NOW)
        assert (found.unit_code, found.name, found.size_bytes) == (UNIT, "a.csv", len(CSV))
    assert run.load_batch(there, NOW, [found.as_dict()], UPath) == 1
    with psycopg.connect(ours.dsn["loader"]) as connection:
        assert sources.find(Reach(there, connection, UPath), connection, NOW) == []


def test_a_file_that_is_taken_back_stops_nothing(ours, ledger) -> None:
    files = [
        place(ours, csv_name("talent", sequence=n), as_csv("talent", good("talent", remark=str(n))))
        for n in (1, 2)
    ]
    Path(files[0]["path"]).unlink()
    assert run.load_batch(ours, NOW, files, Path) == 2
    assert ledger.rows("select file_name from ops.delivery") == [(files[1]["name"],)]


def test_numbers_letters_and_dates_that_no_column_can_hold_are_findings(ours, ledger) -> None:
    rows = [
        good("community", community_code="330106001001", population="9" * 30, remark="长" * 200),
        good("community", community_code="330106001002", fund_yuan="9" * 30, remark="长" * 600),
        good("community", community_code="330106001003", open_date="+12345-01-01", remark="长" * 200),
        good("community", community_code="330106001004", community_name="某\0社区"),
        good("community", community_code="330106001005", population="١٢", unit_kind="\0"),
    ]
    delivery_id = send(ours, csv_name("community"), as_csv("community", *rows))
    assert ledger.states(delivery_id)[0][:2] == ("community", "staged")
    refused = {row for rule, level, row in ledger.findings(delivery_id) if level == "E"}
    assert refused == {2, 3, 4, 6}
    assert ledger.rows("select community_name from staging.community") == [("某社区",)]


def test_a_condition_holds_where_its_column_is_left_out(ours, ledger) -> None:
    delivery_id = send(
        ours,
        csv_name("talent"),
        as_csv("talent", good("talent", employer_type="城乡社区", employer_id="330106001001")),
    )
    told = ledger.rows("select rule_id, column_letter, header from ops.finding order by rule_id")
    assert told == [
        ("talent.community_code.required_when", None, "服务社区代码"),
        ("talent.head_role.required_when", None, "负责人"),
    ]
    assert ledger.states(delivery_id) == [("talent", "staged", 1, 0, 1)]

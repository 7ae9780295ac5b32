"""No log, no exception and no table but the vault learns a number or a name, whatever is wrong with the row."""

import logging
import traceback
from pathlib import Path

import pytest
from intake_files import (
    ID,
    ID_2,
    ID_3,
    NOW,
    OTHER_UNIT,
    Ledger,
    as_csv,
    as_workbook,
    csv_name,
    good,
    place,
    settings_of,
    sheet,
)  # fmt: skip

from shegong import register
from shegong.intake import run

NAMES = ["诸葛孔暝", "欧阳修远", "Анна Каренина", "慕容 复生", "司马迁徙3"]
WRONG = [
    ID[:17],
    ID[:17] + "1",
    "330106900101001",
    "33010619900230001X",
    "H0123456789",
    "3.30106E+17",
    "护照EA1234567",
]
PHONE = "13812345678"


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


def batch(ours) -> list[dict]:
    """Files with everything wrong that has to do with people, and one that the place has lost."""
    rows = [
        good("talent", id_no=number, person_name=NAMES[at % len(NAMES)], birth_date="1991-01-01", sex="女")
        for at, number in enumerate(WRONG)
    ]
    rows += [good("talent", id_no=number, person_name=name, corrects_key=corrected)
             for number, name, corrected in ((ID, NAMES[0], ID_2), (ID, NAMES[1], ID_3 + "|x"), (ID_2, NAMES[0], "\u3000" + ID_3))]  # fmt: skip
    rows += [
        good(
            "talent",
            id_no=ID_3,
            person_name=NAMES[0],
            remark=f"身份证{ID_3}，电话{PHONE}",
            education=ID_3,
            work_area_code=ID_3,
        )
    ]
    staff = {"row_action": "新增", "id_no": ID, "person_name": NAMES[1], "project_no": "X1", "as_social_worker": ID, "role": "辅助人员",
             "start_date": ID_2, "corrects_key": ID_3}  # fmt: skip
    certificate = good("certificate", person_name=NAMES[1], exam_year=ID, approve_date=ID_2)
    headless = as_csv("talent", *rows).replace("学历".encode(), NAMES[0].encode())
    return [
        place(ours, csv_name("talent"), as_csv("talent", *rows)),
        place(
            ours,
            csv_name("project_staff"),
            as_csv("project_staff", staff, staff | {"as_social_worker": "是", "start_date": "2026-01-01"}),
        ),
        place(
            ours,
            csv_name("certificate"),
            as_csv("certificate", certificate, good("certificate", person_name=NAMES[1])),
        ),
        place(ours, csv_name("talent", sequence=2), headless),
        place(
            ours,
            csv_name("talent", sequence=5),
            with_columns(as_csv("talent", good("talent")), *NAMES, f"{NAMES[1]}的学历", ID_3),
        ),
        place(ours, csv_name("nil"), f"数据表\n{NAMES[0]}\n".encode()),
        place(ours, csv_name("talent", sequence=3), as_csv("talent", *rows[:3]) + b'"' + ID.encode() + b"\n"),
        place(ours, "人才.xlsx", as_workbook(sheet("talent", *rows[:2]), sequence=4)),
        place(
            ours,
            csv_name("talent", unit=OTHER_UNIT),
            as_csv("talent", good("talent", person_name=NAMES[2])),
            unit=OTHER_UNIT,
        ),
    ]


def with_columns(content: bytes, *headings: str) -> bytes:
    """The CSV with more columns, under headings that nobody knows."""
    first, *rest = content.decode().splitlines()
    lines = [",".join([first, *headings]), *(line + ",甲" * len(headings) for line in rest)]
    return "\n".join(lines).encode()


def told(secrets: list[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


SECRETS = [ID, ID_2, ID_3, PHONE, *[number for number in WRONG if "E+" not in number], *NAMES, "慕容复生"]


def test_a_batch_full_of_errors_tells_nobody_who_they_are(ours, ledger, caplog, capfd) -> None:
    with caplog.at_level(logging.DEBUG):
        run.load_batch(ours, NOW, batch(ours), Path)
        register.register(ours, NOW)
    output = capfd.readouterr()
    assert told(SECRETS, caplog.text + output.out + output.err) == []
    assert ledger.rows("select count(*) from ops.finding")[0][0] > 30
    tables = [name for (name,) in ledger.rows(
        "select schemaname || '.' || tablename from pg_tables where schemaname in ('ops', 'staging')")]  # fmt: skip
    leaks = {table: told(SECRETS, str(ledger.rows(f"select * from {table}"))) for table in tables}
    assert {table: found for table, found in leaks.items() if found} == {}
    ledger.clear()


def test_an_error_of_the_database_quotes_no_row(ours, ledger, caplog) -> None:
    """The database refuses a staged row with the whole row in its message; it ends there."""
    ledger.rows("alter table staging.talent add constraint broken check (employer_name <> '某公司')")
    try:
        with caplog.at_level(logging.DEBUG), pytest.raises(Exception, match="CheckViolation 23514") as error:
            run.load_batch(
                ours,
                NOW,
                [place(ours, csv_name("talent"), as_csv("talent", good("talent", person_name=NAMES[0])))],
                Path,
            )
        shown = "".join(traceback.format_exception(error.value)) + caplog.text
        assert told([*SECRETS, "某公司"], shown) == []
    finally:
        ledger.rows("alter table staging.talent drop constraint broken")

"""Other systems' exports that are read as a table's own template (contracts, `layouts`), headings and words as declared."""

import io
from datetime import date

import pytest

from shegong import contract
from shegong.intake import csv_reader, layout
from shegong.intake.envelope import FileRefused
from shegong.intake.rows import Context, RowChecker
from shegong.people import Hasher

CERTIFICATE = contract.load()["certificate"]
HEADINGS = "序号,申请人姓名,性别,证件号,资格证书管理号,证书级别,考试年度,批准日期,登记状态,登记证书编号,登记机构,登记时间,有效期至,联系电话"
REGISTERED = "1,王明,男,330106199001010018,20190330133000012,社会工作师,2023,2023-09-01,首次登记已完成,D1,西湖区,2024-03-01,2027-02-28,无"
WAITING = "2,王小明,男,330106199001020013,20190330133000013,助理社会工作师,2025,2025-09-01,初审通过,,,,,无"


def read(text: str, spec: contract.Contract = CERTIFICATE) -> tuple[list[dict], list[tuple], list[str]]:
    """Rows as staged, (row, rule) of the findings, and headings that mean nothing."""
    sheet = csv_reader.read(io.BytesIO(text.encode()), "", 80)
    own = layout.as_laid_out(sheet, spec)
    placed = layout.place(sheet, own, "S")
    context = Context("330106", "330106", date(2026, 5, 6), "S")
    checker = RowChecker(own, placed, context, Hasher(b"k" * 32))
    checked = [checker.check(chunk) for chunk in sheet.chunks]
    found = [(f["row_number"], f["rule_id"]) for c in checked for f in c.findings.to_dicts()]
    return (
        [row for c in checked for row in c.rows.to_dicts()],
        found,
        [c.header for c in layout.unknown(placed)],
    )


def test_the_national_registration_export_is_read_as_it_is() -> None:
    rows, found, unknown = read("\n".join((HEADINGS, REGISTERED, WAITING)))
    assert (found, unknown) == ([], [])
    assert [
        (r["cert_mgmt_no"], r["cert_level"], r["reg_kind"], r["cert_status"], r["reg_no"]) for r in rows
    ] == [
        ("20190330133000012", "2", "1", "1", "D1"),
        ("20190330133000013", "1", "0", "1", None),
    ]


def test_checks_ask_the_same_of_an_export() -> None:
    _, found, _ = read(
        "\n".join(
            (HEADINGS, REGISTERED.replace("2027-02-28", "2029-02-28"), WAITING.replace("初审通过", "天气"))
        )
    )
    assert found == [(3, "certificate.reg_kind.code"), (2, "certificate.validity_far")]


def test_an_exports_words_mean_nothing_in_the_template() -> None:
    with pytest.raises(FileRefused, match="缺少必需的列"):
        read("\n".join((HEADINGS.replace("登记状态", "状态"), REGISTERED)))


@pytest.mark.parametrize("spec", [c for c in contract.load().values() if c.layouts], ids=lambda c: c.table)
def test_a_layout_speaks_of_fields_and_codes_that_there_are(spec: contract.Contract) -> None:
    for one in spec.layouts:
        headers = [header for named in one.headers.values() for header in named]
        own = {word for f in spec.fields for word in (f.header, *f.aliases)}
        assert len(headers) == len(set(headers)) and not own & set(one.unread)
        assert set(one.sign) <= {*headers, *own} and set(one.sign) - own
        for name in (*one.headers, *one.words, *one.defaults):
            assert spec.field(name)
        for name, words in one.words.items():
            assert set(words.values()) <= set(spec.field(name).codes.codes)

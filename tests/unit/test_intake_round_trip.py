"""Random right rosters of every table, written in every format and read back: no finding, and each value as it was.

A row is an accepted sample with random values in the fields that no rule speaks of, and people of its own.
"""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_files import as_workbook
from intake_files import sheet as template_sheet

from shegong import contract, people
from shegong.contract import Contract, Field
from shegong.intake import layout, opening
from shegong.intake.limits import DEFAULTS
from shegong.intake.rows import Checked, Context, RowChecker
from shegong.people import Hasher

CONTRACTS = contract.load()
SAMPLES = Path(__file__).parent.parent / "samples"
DAY = date(2026, 5, 6)
HASHER = Hasher(b"k" * 32)
TEXT = st.text("一二社会工作䶮㙘𬍛·ABcz019 ,;，；、（）《》\"'-/%&<>=+@", min_size=1, max_size=30)
NAMES = st.text("王李张欧阳明华䶮㙘𬍛·", min_size=2, max_size=6).filter(lambda name: name[0] != "·")
CARDS = st.builds(
    lambda born, order: card(f"330106{born:%Y%m%d}{order:03d}"),
    st.dates(date(1975, 1, 1), date(1990, 12, 31)),
    st.integers(0, 999),
).filter(lambda number: not number.endswith("000"))  # what Excel makes of a number that it has rounded
Row = dict[str, object]


def card(body: str) -> str:
    """A number of 18 with its check digit by GB 11643, computed apart from the code under test."""
    weights = [pow(2, 17 - at) % 11 for at in range(17)]
    return (
        body
        + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    )


def is_clean(text: str) -> bool:
    """What the reader needn't mend, hide or take for nothing."""
    return (
        text == text.strip() and text[:1] not in "'=+-@" and "  " not in text and not re.search(r"\d{11}", text)
        and text not in ("-", "/")
    )  # fmt: skip


def values(field: Field) -> st.SearchStrategy | None:
    """Values of a field that every check of its own lets pass; None where only a sample knows them."""
    if (
        field.pattern
        or field.check
        or field.personal
        or not field.stored
        or field.warn_codes
        or field.required_when
    ):
        return None
    low, high = field.min, field.max
    if field.type == "text":
        return TEXT.map(lambda text: text[: field.max_length]).filter(is_clean)
    if field.type == "integer":
        return st.integers(int(low or -(2**31)), int(high or 2**31 - 1))
    if field.type == "decimal":
        scale = field.scale or 0
        return st.decimals(Decimal(low or "-99999999"), Decimal(high or "99999999"), places=scale)
    if field.type in ("date", "month"):
        days = st.dates(date.fromisoformat(low or "1949-10-01"), date(2100, 12, 31))
        return days.map(lambda day: day.replace(day=1)) if field.type == "month" else days
    if field.type == "boolean":
        return st.booleans()
    return st.sampled_from(sorted(field.codes.codes)) if field.type == "code" else None


def sample_row(table: Contract) -> Row:
    """The accepted sample of a roster with the fewest cells, by field name, as the text that a county writes."""
    path = next((SAMPLES / table.table / "accepted").glob("330106_S_least.csv"))
    header, row, *_ = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    return {
        next(f.name for f in table.fields if f.header == header_): cell
        for header_, cell in zip(header, row, strict=True)
        if cell
    }


def free_fields(table: Contract) -> list[Field]:
    """Fields that no rule, no other field and no reference of the table speaks of."""
    said = " ".join(
        [r.ok for r in table.rules]
        + [f.required_when or "" for f in table.fields]
        + [f"{' '.join(r.columns)} {r.where} {r.open}" for r in table.references]
    )
    bound = set(re.findall(r"\w+", said)) | set(table.key) | {"row_action", "corrects_key", "effective_date"}
    return [field for field in table.fields if field.name not in bound and values(field) is not None]


@st.composite
def rosters(draw: st.DrawFn, table: Contract) -> list[tuple[Row, Row]]:
    """Rows as (cells that are given, values that they mean): distinct by their effective date."""
    base, free = sample_row(table), free_fields(table)
    made = []
    days = draw(st.lists(st.integers(0, 300), min_size=1, max_size=8, unique=True))
    for back in days:
        given_: Row = dict(base) | {"effective_date": DAY - timedelta(days=back)}
        means: Row = {"effective_date": given_["effective_date"]}
        for field in free:
            if field.required or draw(st.booleans()):
                given_[field.name] = means[field.name] = draw(values(field))
            elif field.default is None:
                given_.pop(field.name, None)
                means[field.name] = None
        if table.has_person and "id_no" in base:
            given_ = {name: value for name, value in given_.items() if name not in ("sex", "birth_date")}
            given_["id_no"], given_["person_name"] = draw(CARDS), draw(NAMES)
            means["person_key"] = HASHER.key(people.person_text("1", given_["id_no"]))
            means["name_key"] = HASHER.key(given_["person_name"])
        made.append((given_, means))
    return made


def written(field: Field, value: object) -> str:
    """A value as a clerk writes it: labels, 是 and 否, ISO dates."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.type == "code" and value in field.codes.codes:
        return field.codes.codes[value]
    if field.type == "month" and isinstance(value, date):
        return f"{value:%Y-%m}"
    return str(value)


def as_delimited(encoding: str, separator: str = ",") -> Callable[[Contract, list[Row]], bytes]:
    def write(table: Contract, rows: list[Row]) -> bytes:
        names = [f.name for f in table.fields if f.required or any(f.name in row for row in rows)]
        text = io.StringIO()
        writer = csv.writer(text, delimiter=separator)
        writer.writerow(table.field(name).header for name in names)
        writer.writerows([written(table.field(n), row[n]) if n in row else "" for n in names] for row in rows)
        return text.getvalue().encode(encoding)

    return write


def as_xlsx(table: Contract, rows: list[Row]) -> bytes:
    """Numbers and days as such, the rest as text: what Excel keeps of a filled template."""
    cells = [
        {
            name: value if isinstance(value, (date, int, float)) and not isinstance(value, bool)
            else float(value) if isinstance(value, Decimal) else written(table.field(name), value)
            for name, value in row.items() if table.field(name).type != "month"
        }
        | {name: written(table.field(name), value) for name, value in row.items() if table.field(name).type == "month"}
        for row in rows
    ]  # fmt: skip
    return as_workbook(template_sheet(table.table, *cells), mode="S")


FORMATS: dict[str, Callable[[Contract, list[Row]], bytes]] = {
    "CSV UTF-8": as_delimited("utf-8"),
    "CSV UTF-8 with BOM": as_delimited("utf-8-sig"),
    "CSV GB18030": as_delimited("gb18030"),
    "CSV with semicolons": as_delimited("utf-8", ";"),
    "TSV UTF-8": as_delimited("utf-8", "\t"),
    "TSV UTF-16, Excel's Unicode text": as_delimited("utf-16", "\t"),
    "xlsx": as_xlsx,
}


def read_back(table: Contract, content: bytes) -> Checked:
    """The one sheet with data, through every check of a file."""
    sheets = opening.open_sheets(io.BufferedReader(io.BytesIO(content)), layout.all_headers(), DEFAULTS)
    (sheet,) = (each for each in sheets if each.table in (None, table.table))
    checker = RowChecker(
        table, layout.place(sheet, table, "S"), Context("330106", "330106", DAY, "S"), HASHER
    )
    (checked,) = [checker.check(chunk) for chunk in sheet.chunks]
    return checked


def assert_unchanged(table: Contract, roster: list[tuple[Row, Row]], checked: Checked, how: str) -> None:
    assert checked.findings.to_dicts() == [], how
    rows = checked.rows.to_dicts()
    assert len(rows) == len(roster)
    for row, (_, means) in zip(rows, roster, strict=True):
        assert {name: row[name] for name in means} == means, how


@pytest.mark.parametrize("table", CONTRACTS)
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_roster_comes_back_unchanged_from_every_format(table: str, data: st.DataObject) -> None:
    spec = CONTRACTS[table]
    roster = data.draw(rosters(spec))
    for how, write in FORMATS.items():
        content = write(spec, [given_ for given_, _ in roster])
        assert_unchanged(spec, roster, read_back(spec, content), how)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs the Debian package libreoffice-calc")
@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_a_roster_of_every_table_comes_back_from_libreoffice(suffix: str, tmp_path: Path) -> None:
    """One start of LibreOffice for all tables: a start takes seconds."""
    drawn: dict[str, list[tuple[Row, Row]]] = {}

    @settings(
        max_examples=1,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def draw(data: st.DataObject) -> None:
        for name, spec in CONTRACTS.items():
            drawn[name] = data.draw(rosters(spec).filter(lambda roster: len(roster) > 1))

    draw()
    for name, roster in drawn.items():
        (tmp_path / f"{name}.xlsx").write_bytes(as_xlsx(CONTRACTS[name], [given_ for given_, _ in roster]))
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office", "--convert-to", suffix,
         "--outdir", str(tmp_path), *map(str, sorted(tmp_path.glob("*.xlsx")))],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    for name, roster in drawn.items():
        spec = CONTRACTS[name]
        assert_unchanged(spec, roster, read_back(spec, (tmp_path / f"{name}.{suffix}").read_bytes()), suffix)

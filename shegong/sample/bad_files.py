"""Files that are refused whole, each for one reason, with the finding that must come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from shegong import contract
from shegong.sample import files, layout, odd_files
from shegong.sample.submission import Delivery, Submission, csv_form

_FAR_ROW = 1_048_575  # the last row of a sheet, counted from 0


@dataclass
class Spoilt:
    """A refused file: row and header where the finding points, table where the reader gets so far."""

    delivery: Delivery
    rule: str
    table: str = ""
    sheet: str = ""
    row: int | None = None
    header: str = ""


def make(sample: Callable[[str, int], Submission], names: dict[str, str]) -> list[Delivery]:
    """`sample` gives a right change file of few rows for a table and day, from a unit with nothing else to
    say.
    """
    title = contract.load()["talent"].title
    book = {
        "header_missing": Spoilt(
            _twisted(sample("talent", 2), _drop("学历")), "header_missing", "talent", title, 3, "学历"
        ),
        "header_duplicate": Spoilt(
            _twisted(sample("talent", 3), _double("姓名")), "header_duplicate", "talent", title, 3, "姓名"
        ),
        "template_version": Spoilt(
            _twisted(sample("talent", 4), _of_version("2025.1")), "template_version", "talent", title
        ),
        "too_many_columns": Spoilt(
            _twisted(sample("talent", 5), _widen), "too_many_columns", "talent", title
        ),
        # told of the whole file: its sheets are not opened at all
        "too_many_cells": Spoilt(_twisted(sample("talent", 6), _stretch), "too_many_cells", "talent"),
        "name_mismatch": Spoilt(
            _named(sample("talent", 2), "{unit}_talent_D20260506_51.xlsx"), "name_mismatch", "talent", title
        ),
        "table_mismatch": Spoilt(
            _named(sample("agency", 3), "{unit}_talent_D{day:%Y%m%d}_52.xlsx"),
            "table_mismatch",
            "talent",
            contract.load()["agency"].title,
        ),
        "unit_mismatch": Spoilt(
            _csv(sample("talent", 3), "330102_talent_D{day:%Y%m%d}_53.csv"), "unit_mismatch", "talent"
        ),
        "table_unknown": Spoilt(
            _csv(sample("talent", 4), "{unit}_teacher_D{day:%Y%m%d}_54.csv"), "table_unknown"
        ),
        "name_unclear": Spoilt(_csv(sample("talent", 4), "人才变更5月9日.csv"), "name_unclear"),
        "report_date_future": Spoilt(
            _csv(sample("talent", 5), "{unit}_talent_D20260601_55.csv"), "report_date_future", "talent"
        ),
        "unit_unknown": Spoilt(_moved(sample("talent", 5), "339999"), "unit_unknown", "talent"),
        "encoding": Spoilt(
            _bytes(sample("talent", 6), "csv", lambda text: text[:-40] + b"\xff\xfe\x80" + text[-40:], names),
            "encoding",
            "talent",
        ),
        "empty": Spoilt(_bytes(sample("post", 2), "xlsx", lambda _: b"", names), "empty", "post"),
        "not_a_workbook": Spoilt(
            _bytes(sample("post", 3), "xlsx", lambda book: book[: len(book) // 2], names),
            "not_a_workbook",
            "post",
        ),
        "password": Spoilt(
            _bytes(sample("post", 4), "xlsx", lambda _: encrypted(), names), "password", "post"
        ),
        "unit_unclear": Spoilt(
            _twisted(sample("funding", 4), odd_files.refused_unit),
            "unit_unclear",
            "funding",
            contract.load()["funding"].title,
            3,
            "预算金额（元）",
        ),
        "no_rows": Spoilt(
            _csv(_emptied(sample("post", 5)), "{unit}_post_D{day:%Y%m%d}_56.csv"), "no_rows", "post"
        ),
    }
    return [_finish(name, spoilt) for name, spoilt in book.items()]


def _finish(name: str, spoilt: Spoilt) -> Delivery:
    made = spoilt.delivery
    if made.submissions:
        made.submissions[0].state = "refused"
        made.findings.append((f"file.{spoilt.rule}", "F", spoilt.sheet, spoilt.row, spoilt.header))
        made.states.append((spoilt.table, "refused"))
    return made


def _twisted(sub: Submission, twist: Callable) -> Delivery:
    return Delivery(sub.day, sub.unit, csv_form(sub, "xlsx"), [sub], twist=twist)


def _named(sub: Submission, form: str) -> Delivery:
    return Delivery(sub.day, sub.unit, form.format(unit=sub.unit, day=sub.report_date), [sub])


def _csv(sub: Submission, form: str) -> Delivery:
    return _named(sub, form)


def _moved(sub: Submission, place: str) -> Delivery:
    return Delivery(sub.day, place, csv_form(sub, "csv").replace(sub.unit, place), [sub])


def _bytes(sub: Submission, suffix: str, spoil: Callable[[bytes], bytes], names: dict[str, str]) -> Delivery:
    made = Delivery(sub.day, sub.unit, csv_form(sub, suffix), [sub])
    made.content = spoil(files.render(made, names))
    return made


def _emptied(sub: Submission) -> Submission:
    sub.rows = sub.rows.iloc[:0]
    return sub


def _drop(header: str) -> Callable[[dict], dict]:
    def twist(page: dict) -> dict:
        at = page["grid"].headers.index(header)
        for row in (page["grid"].headers, *page["grid"].rows, page["grid"].totals):
            del row[at]
        return page

    return twist


def _double(header: str) -> Callable[[dict], dict]:
    def twist(page: dict) -> dict:
        at = page["grid"].headers.index(header)
        for row in (page["grid"].headers, *page["grid"].rows, page["grid"].totals):
            row.append(row[at])
        return page

    return twist


def _of_version(version: str) -> Callable[[dict], dict]:
    return lambda page: page | {"version": version}


def _widen(page: dict) -> dict:
    """To a hundred columns, as a sheet that grew sideways over the years."""
    grid: layout.Grid = page["grid"]
    more = 100 - len(grid.headers)
    grid.headers += [f"{2010 + at % 16}年数据{at}" for at in range(more)]
    for row in (*grid.rows, grid.totals):
        row += [None] * more
    return page


def _stretch(page: dict) -> dict:
    """A million empty rows: someone once touched the last cell."""
    return page | {"far": [(_FAR_ROW, 0, " ")]}


def encrypted() -> bytes:
    """What Excel writes for a workbook with a password: an OLE container with the streams of an encrypted
    package.
    """
    sector = 512
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff0900060000000000")
    header += (
        bytes(4)
        + (0).to_bytes(4, "little")
        + (1).to_bytes(4, "little")
        + (1).to_bytes(4, "little")
        + bytes(4)
    )
    header += (
        (4096).to_bytes(4, "little")
        + b"\xfe\xff\xff\xff"
        + bytes(4)
        + b"\xfe\xff\xff\xff"
        + bytes(4)
        + bytes(4)
    )
    header = (header + b"\xff" * sector)[:sector]
    table = (b"\xfd\xff\xff\xff" + b"\xfe\xff\xff\xff" + b"\xff" * sector)[:sector]
    entries = b"".join(
        _entry(name, kind)
        for name, kind in (("Root Entry", 5), ("EncryptionInfo", 2), ("EncryptedPackage", 2), ("", 0))
    )
    return header + table + entries


def _entry(name: str, kind: int) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    links = b"\xff" * 8 + (b"\x02\x00\x00\x00" if kind == 5 else b"\xff" * 4)
    head = text.ljust(64, b"\0") + length.to_bytes(2, "little") + bytes([kind, 1]) + links
    return (head + bytes(36) + b"\xfe\xff\xff\xff").ljust(128, b"\0")


def nil(unit: str, day: int, report_date: date, tables: list[str], sequence: int = 1) -> Delivery:
    """A nil report: nothing new in these tables."""
    lines = ["数据表,备注", *(f"{contract.load()[table].title},无变化" for table in tables)]
    name = f"{unit}_nil_D{report_date:%Y%m%d}_{sequence:02d}.csv"
    content = ("\r\n".join(lines) + "\r\n").encode("utf-8")
    return Delivery(day, unit, name, content=content, states=[(table, "nil") for table in tables])

"""Files that are read, in the shapes in which offices save them: other separators and encodings, hidden parts, covers."""

from collections.abc import Callable

from shegong import contract
from shegong.sample.submission import Mark, Submission


def make(week) -> None:
    """One file for each shape, from units that send what they usually send."""
    units = iter(week.others[5::3])

    def usual(table: str, day: int) -> Submission:
        return week.usual(table, next(units), day)

    _texts(week, usual)
    for table, day, twist, rule, level in (
        ("talent", 2, _hide_row, "file.hidden_rows", "N"),
        ("talent", 3, _hide_sheet, "file.hidden_sheet", "N"),
        ("post", 4, _with_notes, "file.sheet_left_alone", "N"),
    ):
        made = week.send(usual(table, day))
        made.twist = twist
        made.submissions[0].marks.append(Mark(None, None, rule, level))
        if twist is _hide_sheet:
            made.submissions[0].marks.append(Mark(None, None, "file.sheet_left_alone", "N"))
    part = week.send(usual("funding", 5))
    part.twist = _wrong_part
    part.submissions[0].marks.append(Mark("total", "received_yuan", "file.subtotal_mismatch", "W"))
    week.send(usual("funding", 3)).twist = _ten_thousands
    week.send(usual("certificate", 6)).twist = _grouped
    for day, item, rule in ((3, "行数", "file.cover_rows"), (6, "到位金额（元）合计", "file.cover_total")):
        sub = usual("funding", day)
        sub.state = "held"
        made = week.send(sub)
        made.twist = _covered(item)
        made.findings.append((rule, "E", "报送封面", 3, item))


def _texts(week, usual: Callable[[str, int], Submission]) -> None:
    for table, day, separator, encoding in (
        ("talent", 2, "\t", "utf-16"),
        ("post", 3, ";", "utf-8-sig"),
        ("certificate", 4, "\t", "gb18030"),
        ("funding", 5, "，", "gb18030"),
    ):
        made = week.send(usual(table, day), as_csv=True, encoding=encoding)
        made.separator = separator
        if separator == "，":
            made.submissions[0].marks.append(Mark(None, None, "file.wide_comma", "I"))


def _hide_row(page: dict) -> dict:
    return page | {"hidden_rows": [4]}


def _hide_sheet(page: dict) -> dict:
    """Hidden behind the notes: Excel shows one sheet at least."""
    return _with_notes(page) | {"is_hidden": True}


def _with_notes(page: dict) -> dict:
    return page | {"beside": ("填表说明", [["一、本表由各单位填报"], ["二、有疑问请联系区民政局"]])}


def _wrong_part(page: dict) -> dict:
    """A 小计 under the rows that is not their sum, and no 合计."""
    grid = page["grid"]
    at = grid.headers.index("到位金额（元）")
    row: list = [None] * len(grid.headers)
    row[0], row[at] = "小计", grid.totals[at] + 1000
    grid.rows.append(row)
    grid.totals = []
    return page


def _ten_thousands(page: dict) -> dict:
    """Money in 万元, as the headings say."""
    grid = page["grid"]
    money = [at for at, header in enumerate(grid.headers) if header.endswith("（元）")]
    for at in money:
        grid.headers[at] = grid.headers[at].replace("（元）", "（万元）")
        for row in (*grid.rows, grid.totals):
            if row and isinstance(row[at], float | int):
                row[at] = round(row[at] / 10_000, 6)
    return page


def _grouped(page: dict) -> dict:
    """A row of groups over the headers, which are merged with it where they have none."""
    return page | {"groups": {"考试年份": "证书", "批准日期": "证书"}}


def _covered(item: str) -> Callable[[dict], dict]:
    def twist(page: dict) -> dict:
        title = contract.load()[page["table"]].title
        return page | {"cover": [[title, item, 987_654]]}

    return twist


def refused_unit(page: dict) -> dict:
    """A unit over the table that money is not told in."""
    headers, (title, said) = page["grid"].headers, page["top"]
    headers[headers.index("预算金额（元）")] = "预算金额"
    return page | {"top": (title, [*said, "单位：亿元"])}

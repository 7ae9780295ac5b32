"""A large talent roster, made quickly: every row is right, so that every check runs to its end."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from shegong.people import CHECK_DIGITS, WEIGHTS

UNIT = "330106"
UNIT_NAME = "西湖区"
DAY = date(2026, 5, 6)
_SURNAMES = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗")
_GIVEN = tuple("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文斌玲波辉琴云莉红")
# headers as they are printed, with the types that a bare COPY reads them into
SQL_TYPES = {
    "操作类型": "text", "生效日期": "date", "证件类型": "text", "证件号码": "text", "姓名": "text", "性别": "text",
    "出生日期": "date", "学历": "text", "是否社会工作专业": "boolean", "单位类型": "text", "单位代码": "text",
    "工作单位": "text", "工作地区划": "text", "服务社区代码": "text", "是否社区工作者": "boolean",
    "是否直接从事社会服务": "boolean", "服务领域": "text", "负责人": "text", "从事社会工作起始年月": "date",
    "最高证书等级": "text", "在岗状态": "text", "备注": "text",
}  # fmt: skip


def arrow_types() -> dict:
    """The same types in Arrow, by field name: dlt makes one name of all headers in Chinese."""
    import pyarrow as pa

    from shegong import contract

    names = {field.header: field.name for field in contract.load()["talent"].fields}
    known = {"text": pa.string(), "date": pa.date32(), "boolean": pa.bool_()}
    return {names[header]: known[kind] for header, kind in SQL_TYPES.items()}


def file_name(sequence: int = 1, suffix: str = "csv") -> str:
    return f"{UNIT}_talent_S{DAY:%Y%m%d}_{sequence:02d}.{suffix}"


def write(path: Path, count: int, seed: int = 1) -> Path:
    """Write `count` rows of one unit as UTF-8 CSV. Booleans are 1 and 0, days ISO, so that COPY reads them typed."""
    frame(count, seed).write_csv(path)
    return path


def write_large(path: Path, mebibytes: int) -> Path:
    """As many rows as make a file of this size, no number twice."""
    with path.open("wb") as target:
        part, at = 500_000, 0
        while target.tell() < mebibytes << 20:
            frame(part, seed=at + 1, first=at * part).write_csv(target, include_header=not at)
            at += 1
        target.truncate(mebibytes << 20)
    with path.open("r+b") as target:  # the last row is whole
        target.seek(-4096, 2)
        whole = target.tell() + target.read().rindex(b"\n") + 1
        target.truncate(whole)
    return path


def frame(count: int, seed: int = 1, first: int = 0) -> pl.DataFrame:
    """`count` people, no number twice, under the headers as printed; other ones from another `first` on."""
    rng = np.random.default_rng(seed)
    year, month, day = rng.integers(1965, 2002, count), rng.integers(1, 13, count), rng.integers(1, 29, count)
    numbers, is_man = _identity_numbers(rng, first, year, month, day)

    def choose(*words: str) -> pl.Series:
        return pl.Series(words).gather(rng.integers(0, len(words), count))

    def always(word: str | None) -> pl.Series:
        return pl.Series([word], dtype=pl.String).new_from_index(0, count)

    community = UNIT + "00" + pl.Series(rng.integers(1001, 9999, count)).cast(pl.String)
    columns = [
        always(None), always(None), always("1"), numbers,
        choose(*_SURNAMES) + choose(*_GIVEN) + choose(*_GIVEN, ""),
        pl.Series(["女", "男"]).gather(is_man.astype(np.uint32)), _days(year, month, day),
        choose("研究生", "本科", "专科", "中职"), choose("1", "0"), always("04"), community,
        "西湖区第" + community.str.slice(8) + "社区居民委员会", always(UNIT), community, choose("1", "0"), choose("1", "0"),
        choose("社会福利", "社会救助", "社区建设", "禁毒戒毒"), choose("否", "书记", "主任"),
        _days(np.minimum(year + 22, 2025), month, np.ones(count, dtype=np.int64)),
        choose("无", "助理社会工作师", "社会工作师"), always("在岗"), always(None),
    ]  # fmt: skip
    return pl.DataFrame(dict(zip(SQL_TYPES, columns, strict=True)))


def _identity_numbers(
    rng: np.random.Generator, first: int, *born: Sequence[int]
) -> tuple[pl.Series, np.ndarray]:
    """Numbers with their check digits. The row's number is in them (place and order), so that none comes twice."""
    count = len(born[0])
    place, order = np.divmod(first + rng.permutation(count), 990)
    order += order // 99 + 1  # none ends in 00: with a check digit 0 it would look as if Excel had rounded it
    if first + count > 9_900_000:
        raise ValueError("a number has seven digits to be told apart by")
    parts = ((33, 2), (place, 4), *zip(born, (4, 2, 2), strict=True), (order, 3))
    digits = np.empty((count, 17), dtype=np.uint8)
    at = 0
    for value, width in parts:
        for power in range(width - 1, -1, -1):
            digits[:, at] = value // 10**power % 10
            at += 1
    letters = np.empty((count, 18), dtype=np.uint8)
    letters[:, :17] = digits + ord("0")
    letters[:, 17] = CHECK_DIGITS[(digits * WEIGHTS).sum(axis=1) % 11]
    text = letters.tobytes().decode()
    numbers = pl.Series([text[at : at + 18] for at in range(0, 18 * count, 18)])
    return numbers, digits[:, 16] % 2 == 1


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> pl.Series:
    return (
        pl.DataFrame({"y": year, "m": month, "d": day})
        .select(pl.date("y", "m", "d").cast(pl.String))
        .to_series()
    )


def write_workbook(path: Path, count: int, seed: int = 2) -> Path:
    """The same as the official workbook: codes as labels, dates as date cells. `path` is named by file_name."""
    from shegong import contract
    from shegong.render import template

    talent = contract.load()["talent"]
    fields = {field.header: field for field in talent.fields}
    table = frame(count, seed).with_columns(
        pl.col("生效日期", "出生日期", "从事社会工作起始年月").str.to_date(),
        *(pl.col(header).replace(fields[header].codes.codes) for header in ("证件类型", "单位类型")),
        *(pl.col(header) == "1" for header, kind in SQL_TYPES.items() if kind == "boolean"),
    )
    names = [fields[header].name for header in table.columns]
    people = [dict(zip(names, row, strict=True)) for row in table.iter_rows()]
    sheet = template.Sheet(talent, people)
    said = {"unit_code": UNIT, "unit_name": UNIT_NAME, "report_date": DAY, "mode": "S"}
    template.write(path, [sheet], **said, sequence=int(path.stem[-2:]), plain=True)
    return path


if __name__ == "__main__":  # in a process of its own: the bench's must stay small
    {"csv": write, "workbook": write_workbook, "large": write_large}[sys.argv[1]](
        Path(sys.argv[2]), int(sys.argv[3])
    )

"""A large talent roster, made quickly: every row is right, so that every check runs to its end."""

from pathlib import Path

import numpy as np
import polars as pl

from shegong.people import _CHECK_DIGITS, _WEIGHTS

HEADERS = (
    "操作类型,生效日期,证件类型,证件号码,姓名,性别,出生日期,学历,是否社会工作专业,单位类型,单位代码,工作单位,工作地区划,服务社区代码,"
    "是否社区工作者,是否直接从事社会服务,服务领域,负责人,从事社会工作起始年月,最高证书等级,在岗状态,备注"
).split(",")
_SURNAMES = list("王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗")
_GIVEN = list("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文斌玲波辉琴云莉红")


def write(path: Path, count: int, seed: int = 1) -> Path:
    """Write `count` rows of unit 330106 as UTF-8 CSV. Booleans are 1 and 0, days ISO, so that COPY reads them typed."""
    rng = np.random.default_rng(seed)
    digits = np.zeros((count, 18), dtype=np.uint8)
    digits[:, :6] = [3, 3, 0, 1, 0, 6]
    year, month, day = rng.integers(1965, 2002, count), rng.integers(1, 13, count), rng.integers(1, 29, count)
    for at, (part, power) in enumerate([(year, 1000), (year, 100), (year, 10), (year, 1), (month, 10), (month, 1), (day, 10), (day, 1)]):
        digits[:, 6 + at] = part // power % 10
    order = rng.permutation(count) % 1000
    for at, power in enumerate((100, 10, 1)):
        digits[:, 14 + at] = order // power % 10
    digits[:, 2:6] = rng.integers(0, 10, (count, 4))  # prefixes of many places keep the numbers apart
    check = _CHECK_DIGITS[(digits[:, :17].astype(np.uint16) * _WEIGHTS).sum(axis=1) % 11]
    letters = digits + ord("0")
    letters[:, 17] = check
    numbers = _strings(letters)
    choose = lambda words: pl.Series(np.array(words, dtype=object)[rng.integers(0, len(words), count)].tolist())  # noqa: E731
    names = choose(_SURNAMES) + choose(_GIVEN) + choose([*_GIVEN, ""])
    community = pl.Series([f"33010600{n:04d}" for n in rng.integers(1001, 9999, count)])
    birth = pl.DataFrame({"y": year, "m": month, "d": day}).select(pl.date("y", "m", "d").cast(pl.String)).to_series()
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, count)
    columns = [
        empty, empty, pl.Series(["1"]).new_from_index(0, count), numbers, names,
        pl.Series(np.where(digits[:, 16] % 2 == 1, "男", "女").tolist()), birth,
        choose(["研究生", "本科", "专科", "中职"]), choose(["1", "0"]), pl.Series(["04"]).new_from_index(0, count),
        community, "西湖区第" + community.str.slice(8) + "社区居民委员会", pl.Series(["330106"]).new_from_index(0, count), community,
        choose(["1", "0"]), choose(["1", "0"]), choose(["社会福利", "社会救助", "社区建设", "禁毒戒毒"]), choose(["否", "书记", "主任"]),
        pl.Series([f"{y}-{m:02d}-01" for y, m in zip(year + 22, month, strict=True)]), choose(["无", "助理社会工作师", "社会工作师"]),
        pl.Series(["在岗"]).new_from_index(0, count), empty,
    ]  # fmt: skip
    frame = pl.DataFrame({header: column for header, column in zip(HEADERS, columns, strict=True)})
    frame.unique("证件号码", keep="first", maintain_order=True).write_csv(path)
    return path


def _strings(letters: np.ndarray) -> pl.Series:
    return pl.Series(np.frombuffer(letters.tobytes(), dtype="S18").astype("U18").tolist())

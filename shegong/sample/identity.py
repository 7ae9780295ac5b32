"""Invented identities that are formally right: names, identity card numbers, credit codes.

Nobody real is meant: numbers are drawn at random and made valid by their check digits (GB 11643, GB 11714,
GB 32100).
"""

import numpy as np

from shegong.sample.places import PROVINCE_UNIT

SURNAMES = np.array(
    [
        *"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾萧田董",
        *"潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白",
        *"孟秦邱侯江尹薛阎段雷龙史陶贺顾毛郝龚邵万钱严洪",
        *("欧阳", "诸葛", "上官"),
    ]
)
GIVEN = np.array(
    [
        *"伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华红建国志宇浩然子",
        *"涵梓萱欣怡佳琪雨诗语思嘉俊凯泽晨阳博睿瑞琳慧颖洁雪梅莉萍倩婷雯莹璐瑶月云",
        *"海波斌宁飞鹏程亮东南春晓燕凤珍珠林森",
    ]
)
RARE = np.array(list("䶮㙘𬍛赟翀昇喆堃祎"))
DOTTED = np.array(
    ["阿依古丽·买买提", "迪丽娜尔·艾合买提", "热依汗·吐尔逊", "古丽巴哈尔·阿不都", "巴特尔·额尔敦"]
)

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class Identities:
    """Draws names, numbers and codes, each number and code once. `prefixes` are county codes, old ones
    included.
    """

    def __init__(self, rng: np.random.Generator, prefixes: list[str]) -> None:
        self.rng = rng
        self.prefixes = np.array(prefixes)
        self._numbers: set[str] = set()
        self._codes: set[str] = set()

    def names(self, count: int) -> np.ndarray:
        """Han names of two to four characters; a few with a dot or with characters that GBK lacks."""
        rng = self.rng
        names = np.char.add(rng.choice(SURNAMES, count), rng.choice(GIVEN, count))
        names = np.where(rng.random(count) < 0.75, np.char.add(names, rng.choice(GIVEN, count)), names)
        names = np.where(rng.random(count) < 0.002, np.char.add(names, rng.choice(RARE, count)), names)
        return np.where(rng.random(count) < 0.001, rng.choice(DOTTED, count), names)

    def numbers(self, births: np.ndarray, sexes: np.ndarray, prefix: str | None = None) -> np.ndarray:
        """Valid 18-character numbers for births (datetime64[D]) and sexes ('1' or '2')."""
        made = self._draw(births, sexes, prefix)
        for at, number in enumerate(made):
            while number in self._numbers or number.endswith("000"):  # Excel leaves such ones
                number = str(self._draw(births[at : at + 1], sexes[at : at + 1], prefix)[0])
            self._numbers.add(number)
            made[at] = number
        return made

    def _draw(self, births: np.ndarray, sexes: np.ndarray, prefix: str | None) -> np.ndarray:
        count = len(births)
        heads = self.rng.choice(self.prefixes, count) if prefix is None else np.full(count, prefix)
        days = np.char.replace(births.astype("datetime64[D]").astype(str), "-", "")
        order = self.rng.integers(0, 500, count) * 2 + (sexes == "1")
        bodies = np.char.add(np.char.add(heads, days), np.char.zfill(order.astype(str), 3))
        return with_check_digit(bodies)

    def credit_code(self, kind: str, county: str) -> str:
        """A valid credit code: kind is its first two characters (52 社会服务机构, 12 事业单位 ...)."""
        area = "330000" if county == PROVINCE_UNIT else county
        while True:
            code = credit_code(kind + area, f"MJ{self.rng.integers(0, 1_000_000):06d}")
            if code not in self._codes:
                self._codes.add(code)
                return code


def with_check_digit(bodies: np.ndarray) -> np.ndarray:
    """17 digits -> the 18 characters of an identity card number."""
    digits = np.frombuffer("".join(bodies.tolist()).encode("ascii"), dtype=np.uint8).reshape(len(bodies), 17)
    checks = _CHECKS[((digits - ord("0")) * _WEIGHTS).sum(axis=1) % 11]
    return np.char.add(bodies, np.array([chr(c) for c in checks]))


def credit_code(head: str, organisation: str) -> str:
    """8 characters of kind and place and 8 of the organisation -> the 18 of a credit code, both check
    digits right.
    """
    values = [int(c) if c.isdigit() else ord(c) - 55 for c in organisation]
    rest = 11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    body = head + organisation + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(_CREDIT.index(c) * w for c, w in zip(body, _CREDIT_WEIGHTS, strict=True))
    return body + _CREDIT[(31 - total % 31) % 31]

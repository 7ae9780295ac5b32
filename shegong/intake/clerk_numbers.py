"""Figures in the forms that clerks write them. A figure with a unit of its own (1.2万) or with a doubt (约30) is none."""

import re

from shegong.intake.normalise import clean

_PLAIN = r"[+-]?[0-9]+(\.[0-9]+)?"
# a comma after every third digit, as Excel sets them, or after every fourth, as Chinese counts; any other may be a point
_GROUPED = r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]{1,4}(,[0-9]{4})+)(\.[0-9]+)?"
_UNITS = ("元整", "元", "人", "个", "名", "户", "家", "次", "岁", "期", "小时", "学时", "平方米", "年")
_HAN = {word: value for value, words in enumerate(
    ("零〇○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for word in words}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}


def read_number(text: str) -> str | None:
    """A number's digits without thousands commas, unit words and currency signs; None where it is no number."""
    text = re.sub(r"^(?:人民币|RMB|[¥￥$])\s*", "", clean(text)).replace("，", ",").rstrip(" .。")
    unit = next((word for word in _UNITS if text.endswith(word)), "")
    text = text.removesuffix(unit).strip()
    if found := re.fullmatch(r"[(（](.+)[)）]", text):  # bookkeeping's way to write a minus
        text = f"-{found[1]}"
    if re.fullmatch(_GROUPED, text):
        text = text.replace(",", "")
    if re.fullmatch(_PLAIN, text):
        return text
    number = _read_han(text)
    return None if number is None else str(number)


def _read_han(text: str) -> int | None:
    """十二, 一百二十, 三千零五, 二〇二六. 一百二 may be 102 or 120: none."""
    if len(text) == 4 and all(word in _HAN for word in text):  # a year is read digit by digit
        return int("".join(str(_HAN[word]) for word in text))
    thousands, ten_thousands, rest = text.rpartition("万")
    high = _below_ten_thousand(thousands) if ten_thousands else 0
    low = _below_ten_thousand(rest) if rest else 0
    if high is None or low is None or not text or (ten_thousands and re.search("[0-9.]", thousands)):
        return None
    # after 万 the thousands must be named or 零 said: 一万二 is 12,000 to one reader and 10,002 to another
    if ten_thousands and rest and rest[0] not in "零〇○" and low < 1000:
        return None
    return high * 10_000 + low


def _below_ten_thousand(text: str) -> int | None:
    total, digit, last_unit, skipped = 0, None, 10_000, False
    for word in text:
        if word in _TENS:
            unit = _TENS[word]
            if unit >= last_unit or (digit is None and not (unit == 10 and total == 0 and not skipped)):
                return None
            total, digit, last_unit, skipped = (
                total + (1 if digit is None else digit) * unit,
                None,
                unit,
                False,
            )
        elif word in "零〇○":
            if digit is not None or skipped:
                return None
            skipped = True
        elif word in _HAN and digit is None:
            digit = _HAN[word]
        else:
            return None
    if digit is None:
        return total if text and (total or text in "零〇○") else None
    if last_unit > 10 and total and not skipped:  # 一百二
        return None
    return total + digit

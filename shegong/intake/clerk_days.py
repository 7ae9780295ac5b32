"""Days and months in the forms that clerks write them. What can be read in two ways is no day: 22/3/1, 3/1/2022."""

import re
from datetime import date, datetime, timedelta, timezone

from shegong.intake.normalise import clean

_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_SERIALS = range(14_611, 73_051)  # 1940 to 2099: shorter numbers are years or codes, not days
_OURS = timezone(timedelta(hours=8))
_INSTANT = (
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z"  # systems write our midnight as 16:00 of the day before
)
_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\+08:?00)?)?"
_SIGN = r" ?[-/.、。,，—–\\] ?| "
_TIME_CLOSE = _TIME.replace("[ T]", "[ T]?")
_AFTER = "[ .。,，;；、/]*"  # what a slip of the hand leaves behind a day
_WEEKDAY = r"\(?(?:星期|周)[一二三四五六日天]\)?$"
_FORMS = (
    r"(\d{4})(\d{2})(\d{2})(?:\.0+)?",
    rf"(\d{{4}})({_SIGN})(\d{{1,2}})\2(\d{{1,2}})[日号]?{_TIME}{_AFTER}",
    rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})[日号]?{_TIME_CLOSE}{_AFTER}",
    r"(\d{4})[-/.、。](\d{1,2})",
    r"(\d{4})年(\d{1,2})月?份?",
)


def read_date(text: str, epoch: date = _EPOCH) -> date | None:
    """A day in the forms that clerks use; a month alone is its first day. None where it is no date.

    A number is Excel's count of days from `epoch`; workbooks of old Macintoshes count from 1904.
    """
    text = re.sub(_WEEKDAY, "", clean(text).replace("（", "(").replace("）", ")"))
    text = re.sub(r"\s*([年月日号])\s*", r"\1", text).strip()
    if re.fullmatch(_INSTANT, text, re.ASCII):
        return _day_of_instant(text)
    text = (_tens(text) if "十" in text else text).translate(_DIGITS)
    if serial := re.fullmatch(r"([0-9]{5})(?:\.[0-9]+)?", text):
        days = int(serial[1]) + (EPOCH_1904 - _EPOCH).days * (epoch == EPOCH_1904)
        return _EPOCH + timedelta(days=days) if days in _SERIALS else None
    for form in _FORMS:
        if found := re.fullmatch(form, text, re.ASCII):
            year, month, day = ([part for part in found.groups() if part.isdigit()] + ["1"])[:3]
            return _day(int(year), int(month), int(day))
    return None


def read_month(text: str, epoch: date = _EPOCH) -> date | None:
    """The first day of the month that is meant; 202203 is one here, where no day can stand."""
    if found := re.fullmatch(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(?:\.0+)?", clean(text)):
        return date(int(found[1]), int(found[2]), 1)
    return read_date(text, epoch)


def _day_of_instant(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).astimezone(_OURS).date()
    except (ValueError, OverflowError):
        return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _tens(text: str) -> str:
    """二〇二二年十二月三十一日 in digits."""
    text = re.sub(r"(?<=[一二三四五六七八九])十(?=[一二三四五六七八九])", "", text)
    text = re.sub(r"(?<=[一二三四五六七八九])十", "0", text)
    text = re.sub(r"十(?=[一二三四五六七八九])", "1", text)
    return text.replace("十", "10")

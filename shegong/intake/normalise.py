"""What clerks' cells hold that is not meant: full-width characters, odd spaces, other date forms, thousands commas.

Only cells that don't read as they stand come here. What is mended is noted (已自动修正); what can't be known is never guessed.
"""

import re
import unicodedata
from datetime import date, timedelta

# leading or trailing blanks, control, zero-width and other invisible characters, full-width forms, Excel's leading apostrophe
DIRTY = r"^[\s'\u{feff}]|\s$|[\x00-\x1f\x7f\u{200b}-\u{200f}\u{2060}\u{feff}\u{a0}\u{3000}\u{ff01}-\u{ff07}\u{ff0a}\u{ff0b}\u{ff0d}-\u{ff19}\u{ff20}-\u{ff3a}\u{ff41}-\u{ff5a}]"
# a name's dot is ·, and spaces inside a name of Han characters are typesetting
DIRTY_NAME = DIRTY + r"|[•．‧・]|\p{Han}\s+\p{Han}"

# The database holds no NUL, and no clerk means a control character; blanks, tabs and line ends are not among them.
_CONTROL = set(range(0x20)) - set(map(ord, "\t\n\r")) | {0x7F}
_INVISIBLE = dict.fromkeys([*_CONTROL, *map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")])
# Full-width brackets and punctuation are proper Chinese and stay.
_WIDE = {
    code: code - 0xFEE0
    for code in (
        *range(0xFF01, 0xFF08),
        0xFF0A,
        0xFF0B,
        *range(0xFF0D, 0xFF1A),
        *range(0xFF20, 0xFF3B),
        *range(0xFF41, 0xFF5B),
    )
}
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(14_611, 73_051)  # 1940 to 2099: shorter numbers are years or codes, not days


def visible(text: str) -> str:
    """The text without characters that nobody sees."""
    return text.translate(_INVISIBLE)


def clean(text: str) -> str:
    """Without invisible characters, odd blanks and full-width letters and digits. Chinese punctuation stays."""
    text = visible(text).translate(_WIDE)
    text = re.sub(r"[\s\u3000\u00a0]+", " ", text).strip()
    return text.lstrip("'").strip()


def clean_name(text: str) -> str:
    """A person's name: dots as ·, no spaces between Han characters, letters in their normal form."""
    text = re.sub(r"[•．‧・]", "·", text)
    text = unicodedata.normalize("NFC", clean(text))
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", text)


def read_date(text: str) -> date | None:
    """A day in the forms that clerks use; a month alone is its first day. None where it is no date."""
    text = clean(text).translate(_HAN_DIGITS) if not re.search("十", text) else _tens(clean(text))
    text = text.removesuffix(" 00:00:00")
    if re.fullmatch(r"[0-9]{5}", text) and int(text) in _SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    for form in (
        r"(\d{4})(\d{2})(\d{2})",
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?",
        r"(\d{4})[-/.年](\d{1,2})月?()",
    ):
        if found := re.fullmatch(form, text, re.ASCII):
            try:
                return date(int(found[1]), int(found[2]), int(found[3] or 1))
            except ValueError:
                return None
    return None


def _tens(text: str) -> str:
    """二〇二二年十二月三十一日 in digits."""
    text = re.sub(r"(?<=[一二三四五六七八九])十(?=[一二三四五六七八九])", "", text)
    text = re.sub(r"(?<=[一二三四五六七八九])十", "0", text)
    text = re.sub(r"十(?=[一二三四五六七八九])", "1", text)
    return text.replace("十", "10").translate(_HAN_DIGITS)


def read_number(text: str) -> str | None:
    """A number's digits without thousands commas and unit words; None where it is no number."""
    text = clean(text).removesuffix("元").removesuffix("人").replace(",", "").replace("，", "")
    return text if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) else None

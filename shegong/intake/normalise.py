"""What clerks' cells hold that is not meant: full-width characters, odd spaces, other date forms, thousands commas.

Only cells that don't read as they stand come here. What is mended is noted (已自动修正); what can't be known is never
guessed. Days and figures are in clerk_days.py and clerk_numbers.py.
"""

import re
import unicodedata

from shegong.intake.old_han import OLD_HAN

# leading or trailing blanks, control, zero-width and other invisible characters, full-width forms, Excel's leading apostrophe
DIRTY = r"^[\s'=#\u{feff}]|\s$|[\x00-\x1f\x7f\u{200b}-\u{200f}\u{2060}\u{feff}\u{a0}\u{3000}\u{e815}-\u{e864}\u{ff01}-\u{ff07}\u{ff0a}\u{ff0b}\u{ff0d}-\u{ff19}\u{ff20}-\u{ff3a}\u{ff41}-\u{ff5a}]"
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
# what Excel, WPS and LibreOffice show where a formula failed, and ### where a column was too narrow for a CSV's export
ERROR = r"^(#([A-Z][A-Z/0-9_]*[!?]|名称[?？]|N/A|GETTING_DATA|#+)|(Err|错误)[:：][0-9]{3})$"
_CLEAN = _WIDE | OLD_HAN | _INVISIBLE
FORMULA = r"^=[^=\s]"  # ="…" is no formula but a way to keep digits in a CSV


def visible(text: str) -> str:
    """The text without characters that nobody sees."""
    return text.translate(_INVISIBLE)


def clean(text: str) -> str:
    """Without invisible characters, odd blanks and full-width letters and digits. Chinese punctuation stays."""
    text = text.translate(_CLEAN)
    text = re.sub(r"[\s\u3000\u00a0]+", " ", text).strip()
    if quoted := re.fullmatch(r'="([^"]*)"', text):
        text = quoted[1].strip()
    return text.lstrip("'").strip()


def is_failed(text: str) -> bool:
    """Whether a cell holds no value but a formula, or what a formula that failed leaves."""
    return bool(re.match(ERROR, text := clean(text)) or re.match(FORMULA, text))


def clean_name(text: str) -> str:
    """A person's name: dots as ·, no spaces between Han characters, letters in their normal form."""
    text = re.sub(r"[•．‧・]", "·", text)
    text = unicodedata.normalize("NFC", clean(text))
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", text)

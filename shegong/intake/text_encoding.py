"""In which encoding a text file is. Asked in this order, each for its reason:

1. a byte order mark is a statement, and nothing else begins with one (UTF-8, UTF-16 either way, GB18030's own);
2. zero bytes are every second byte of a comma, a tab or a line's end in UTF-16; elsewhere they are slips, and few;
3. UTF-8, which text of any other encoding fits by accident in one case of thousands;
4. GB18030, of which GBK and GB2312 are parts; last, because it takes nearly any bytes.
"""

import codecs

_LOOKED_AT = 1000  # bytes at the top
_SLIPS = 50  # one zero in so many bytes is a slip, such as a program that fills up its cells leaves, and is no character
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


def detect(sample: bytes, *, whole: bool) -> tuple[str, int] | None:
    """(encoding, length of its mark) of a text by its beginning; None where it is none. `whole`: nothing comes after."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return (encoding, len(mark)) if _fits(sample[len(mark) :], encoding, whole=whole) else None
    tried, top = ("utf-8", "gb18030"), sample[:_LOOKED_AT]
    if top.count(0) * _SLIPS > len(top):
        tried = ("utf-16-le",) if top[1::2].count(0) > top[::2].count(0) else ("utf-16-be",)
    return next(((encoding, 0) for encoding in tried if _fits(sample, encoding, whole=whole)), None)


def _fits(sample: bytes, encoding: str, *, whole: bool) -> bool:
    # the sample may cut a character in two: an incremental decoder waits for its rest
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return text[:_LOOKED_AT].count("\0") * _SLIPS <= len(text[:_LOOKED_AT])

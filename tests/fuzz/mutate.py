"""Mutants of counties' files: bytes, entries of a package, and the text inside them. Deterministic by seed."""

import io
import random
import re
import zipfile
from collections.abc import Callable

# What breaks readers: ends of ranges, other forms of numbers and dates, characters of other planes, formulas, markup.
WORDS = (
    "", " ", "0", "-1", "1e308", "1e999", "NaN", "inf", "-0.0", "99999999999999999999", "2147483648", "3.30106E+17",
    "0001-01-01", "9999-12-31", "2022-02-30", "二〇二二年十三月", "44621.5", "合计", "小计", "注：", "操作类型", "同上",
    "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "\t", "\r\n", '"', "'", "\0", "\x1b[2J", "\u202e\u202d", "\ufeff", "\ud7ff",
    "𬍛㙘䶮", "é́" * 40, "王" * 40_000, "&#0;", "<![CDATA[", "&x;", "../../etc/passwd", "$(id)", "'; drop table x; --",
)  # fmt: skip
_BYTES = (
    b"\x00",
    b"\xff",
    b"\x80",
    b"\r",
    b"\n",
    b'"',
    b",",
    b"\t",
    b";",
    b"PK\x03\x04",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
)


def mutant(content: bytes, random_: random.Random) -> bytes:
    """One mutant of `content`: one to four changes, inside the package where it is one, or to its raw bytes."""
    for _ in range(random_.choice((1, 1, 1, 2, 4))):
        if content.startswith(b"PK") and random_.random() < 0.8:
            content = _in_package(content, random_)
        else:
            content = random_.choice(_ON_BYTES)(content, random_)
    return content


def _in_package(content: bytes, random_: random.Random) -> bytes:
    """The package with one entry changed, dropped, doubled or renamed, packed anew."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = [(item.filename, package.read(item)) for item in package.infolist()]
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zipfile.zlib.error,
    ):
        return _flip(content, random_)  # an earlier change left no package
    if not entries:
        return _flip(content, random_)
    # sheets and strings hold what is read: they are changed most
    weights = [8 if re.search(r"sheet\d|sharedStrings|content\.xml", name) else 1 for name, _ in entries]
    at = random_.choices(range(len(entries)), weights)[0]
    name, data = entries[at]
    kind = random_.random()
    if kind < 0.04:
        del entries[at]
    elif kind < 0.07:
        entries.append(entries[at])
    elif kind < 0.10:
        entries[at] = (random_.choice(WORDS[:30]).replace("\0", "") + name, data)
    else:
        change = random_.choice(_ON_XML) if b"<" in data[:200] else random_.choice(_ON_BYTES)
        entries[at] = (name, change(data, random_))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries:
            package.writestr(_entry(name), data)
    return packed.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name[:200] or "x", (2026, 5, 6, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _flip(data: bytes, random_: random.Random) -> bytes:
    changed = bytearray(data or b"x")
    for _ in range(random_.choice((1, 1, 4, 30))):
        changed[random_.randrange(len(changed))] = random_.randrange(256)
    return bytes(changed)


def _cut(data: bytes, random_: random.Random) -> bytes:
    begin, end = sorted(random_.randrange(len(data) + 1) for _ in range(2))
    return data[:end] if random_.random() < 0.4 else data[:begin] + data[end:]


def _repeat(data: bytes, random_: random.Random) -> bytes:
    begin = random_.randrange(len(data) + 1)
    piece = data[begin : begin + random_.choice((1, 10, 300))]
    return data[:begin] + piece * random_.choice((2, 20, 500)) + data[begin:]


def _insert(data: bytes, random_: random.Random) -> bytes:
    at = random_.randrange(len(data) + 1)
    word = random_.choice(_BYTES) if random_.random() < 0.5 else _encoded(random_.choice(WORDS), random_)
    return data[:at] + word + data[at:]


def _cell(data: bytes, random_: random.Random) -> bytes:
    """A cell of a delimited text replaced, or two columns of one line changed about."""
    lines = data.split(b"\n")
    at = random_.randrange(len(lines))
    cells = lines[at].split(b",")
    cells[random_.randrange(len(cells))] = _encoded(random_.choice(WORDS), random_)
    if random_.random() < 0.2:
        random_.shuffle(cells)
    lines[at] = b",".join(cells)
    if random_.random() < 0.1:
        random_.shuffle(lines)
    return b"\n".join(lines)


def _encoded(word: str, random_: random.Random) -> bytes:
    return word.encode(random_.choice(("utf-8", "gb18030", "utf-16-le")), errors="replace")


def _element(data: bytes, random_: random.Random) -> bytes:
    """An XML element dropped, doubled, or cut open."""
    found = list(re.finditer(rb"<[^>]{1,400}>", data))
    if not found:
        return _flip(data, random_)
    one = random_.choice(found)
    piece = random_.choice(
        (b"", one[0] * 2, b"<", one[0].replace(b"/", b""), b"</c>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;")
    )
    return data[: one.start()] + piece + data[one.end() :]


def _attribute(data: bytes, random_: random.Random) -> bytes:
    """The value of an attribute replaced: references, types, counts."""
    return _replaced(rb'="([^"]{0,80})"', data, random_)


def _content(data: bytes, random_: random.Random) -> bytes:
    """The text of an element replaced: values, shared string numbers, formulas."""
    return _replaced(rb">([^<]{1,200})<", data, random_)


def _replaced(pattern: bytes, data: bytes, random_: random.Random) -> bytes:
    found = list(re.finditer(pattern, data))
    if not found:
        return _flip(data, random_)
    one = random_.choice(found)
    word = random_.choice(
        (
            *WORDS,
            "A1:XFD1048576",
            "XFD1048576",
            "1048577",
            "s",
            "inlineStr",
            "e",
            "b",
            "str",
            "d",
            "4294967296",
        )
    )
    return data[: one.start(1)] + word.encode("utf-8", errors="replace") + data[one.end(1) :]


_ON_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flip, _cut, _repeat, _insert, _cell, _cell)
_ON_XML = (_element, _attribute, _attribute, _content, _content, _content, _insert, _cut, _repeat)

"""A Field as its reader: text cells in, typed values and what is wrong with them out. Knows one column, no rows.

Cells are read as they stand; only those that fail are cleaned and read once more, and noted as fixed. So a clean
column costs one pass, whatever the mess that others hold.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import polars as pl

from shegong.contract import Field
from shegong.intake import clerk_days, clerk_numbers, documents, normalise

_YES = ("是", "有", "√", "✓", "Y", "y", "1", "TRUE", "true", "已")
_NO = ("否", "无", "×", "N", "n", "0", "FALSE", "false", "未", "没有")
BOOLEANS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
# what clerks put into a cell that has nothing to say; 同上 is not among them: it says something, we can't know what
NOTHING = ("-", "—", "——", "/", "无", "略", "空")
_INT32 = (-(2**31), 2**31 - 1)
_INT64 = 2**63 - 1
_DIGITS = 18  # of a decimal, before and after the point
_LONGEST_NUMBER = (
    11  # digits that a number cell may have where text must be: Excel keeps 15, and a code has more
)
_JANUARY_OR_OCTOBER = r"^(19|20)[0-9]{2}\.1$"
_LOST = r"[?？\u{fffd}□■▯\p{Co}]"
ODD_DOCUMENT = r"[^0-9A-Z()（）]|^.{19}"
NAME = r"^[\p{Han}〇·A-Za-z][\p{Han}〇·A-Za-z .'-]{1,29}$"

DTYPES = {
    "integer": pl.Int64,
    "date": pl.Date,
    "month": pl.Date,
    "boolean": pl.Boolean,
}


@dataclass
class Read:
    """A column that was read: `values` typed, and masks of rows by check name ("code", "range", "fixed", …)."""

    values: pl.Series
    found: dict[str, pl.Series] = field(default_factory=dict)

    def note(self, check: str, mask: pl.Series) -> None:
        if mask.any():
            mask = mask.fill_null(False)
            self.found[check] = self.found[check] | mask if check in self.found else mask


def dtype(spec: Field) -> pl.DataType:
    """polars type of a field's values; money is decimal, as in the database."""
    return pl.Decimal(18, spec.scale or 0) if spec.type == "decimal" else DTYPES.get(spec.type, pl.String)


def read(
    spec: Field,
    cells: pl.Series,
    is_number: pl.Series | None = None,
    factor: int = 1,
    *,
    since_1904: bool = False,
) -> Read:
    """Read one column. `is_number` marks cells written as numbers; `factor` turns the file's unit into the contract's.

    `since_1904`: the workbook counts its days from 1904.
    """
    # what is exact in 元 has four more decimals in 万元
    scaled = spec if factor == 1 else replace(spec, scale=(spec.scale or 0) + 4)
    if spec.type in ("date", "month"):
        column = _days(spec, cells, since_1904)
        if is_number is not None:
            _leave_january_or_october(column, is_number & cells.str.contains(_JANUARY_OR_OCTOBER))
    else:
        column = _READERS[spec.type](scaled, cells)
    if is_number is not None and spec.type in ("text", "document"):
        column.note("number_cell", is_number & (cells.str.len_chars() > _LONGEST_NUMBER))
    if factor != 1:
        column.values = (column.values * factor).cast(dtype(spec))
    _bounds(spec, column)
    if spec.default is not None:
        unknown = [
            column.found[check]
            for check in ("type", "code", "formula", "one_or_ten")
            if check in column.found
        ]
        empty = column.values.is_null()
        for mask in unknown:
            empty = empty & ~mask
        column.values = default(spec, column.values, empty)
    return column


def default(spec: Field, values: pl.Series, empty: pl.Series | None = None) -> pl.Series:
    """The field's default where cells are empty; all of them where `empty` is not given."""
    if spec.default is None or not values.null_count():
        return values
    return values.set(values.is_null() if empty is None else empty, _constant(spec, spec.default))


def _again(cells: pl.Series, column: Read, check: str, mend: Callable[[str], object]) -> Read:
    """Read the cells that failed once more, through `mend`, which gives None for what can't be known."""
    failed = column.values.is_null() & cells.is_not_null()
    if not failed.any():
        return column
    words = cells.filter(failed).unique().to_list()
    mended = {word: mend(word) for word in words}
    blank = [word for word in words if mended[word] is None and normalise.clean(word) in ("", *NOTHING)]
    known = {word: value for word, value in mended.items() if value is not None}
    if known:
        values = cells.replace_strict(
            list(known),
            pl.Series(list(known.values()), dtype=column.values.dtype),
            default=None,
            return_dtype=column.values.dtype,
        )
        column.values = column.values.zip_with(~failed, values)
    column.note("fixed", cells.is_in(list(known)) & failed)
    formulas = [word for word in words if word not in known and normalise.is_failed(word)]
    if formulas:
        column.note("formula", cells.is_in(formulas) & failed)
    column.note(check, failed & ~cells.is_in([*known, *blank, *formulas]))
    return column


def _code(spec: Field, cells: pl.Series) -> Read:
    words = spec.codes.words
    column = Read(cells.replace_strict(words, default=None, return_dtype=pl.String))
    column = _again(
        cells,
        column,
        "code",
        lambda word: words.get(normalise.clean(word)) or words.get(normalise.clean(word).upper()),
    )
    if spec.warn_codes:
        column.note("warn_code", column.values.is_in(spec.warn_codes))
    return column


def _codes(spec: Field, cells: pl.Series) -> Read:
    """Several codes in one cell; stored once each, in order, joined by commas."""
    words = spec.codes.words

    def parse(word: str, separators: str = "[、,]") -> str | None:
        said = [part for part in re.split(separators, word) if part]
        codes = {words.get(part) for part in said}
        return None if not codes or None in codes else ",".join(sorted(codes))

    known = {word: code for word in cells.drop_nulls().unique().to_list() if (code := parse(word))}
    column = Read(cells.replace_strict(known, default=None, return_dtype=pl.String))
    column = _again(
        cells, column, "code", lambda word: parse(normalise.clean(word), r"[、，,;；/／|｜.．·\s和及]+")
    )
    if spec.warn_codes:
        warned = "|".join(map(re.escape, spec.warn_codes))
        column.note("warn_code", column.values.str.contains(f"(^|,)({warned})(,|$)"))
    return column


def _boolean(spec: Field, cells: pl.Series) -> Read:
    column = Read(cells.replace_strict(BOOLEANS, default=None, return_dtype=pl.Boolean))
    return _again(cells, column, "type", lambda word: BOOLEANS.get(normalise.clean(word)))


def _integer(spec: Field, cells: pl.Series) -> Read:
    def mend(word: str) -> int | None:
        number = clerk_numbers.read_number(word)
        if number is None:
            return None
        whole, _, fraction = number.partition(".")
        return None if fraction.strip("0") else max(-_INT64, min(_INT64, int(whole)))  # far out of any range

    return _again(cells, Read(cells.cast(pl.Int64, strict=False)), "type", mend)


def whole_digits(spec: Field) -> int:
    """How many digits a decimal may have before the point; one more is room for what is too large."""
    return _DIGITS - 1 - (spec.scale or 0)


def _decimal(spec: Field, cells: pl.Series) -> Read:
    whole = whole_digits(spec)

    def mend(word: str) -> str | None:
        number = clerk_numbers.read_number(word)
        return f"1{'0' * whole}" if number and len(number.lstrip("+-0").split(".")[0]) > whole else number

    plain = cells.str.contains(rf"^-?[0-9]{{1,{whole}}}(\.[0-9]+)?$")
    column = Read(cells.set(~plain, None).cast(dtype(spec), strict=False))
    column = _again(cells, column, "type", mend)
    column.note("range", column.values.abs() >= 10**whole)
    # polars rounds what is too fine; we don't
    column.note(
        "scale", cells.str.contains(rf"\.\d{{{spec.scale or 0}}}\d*[1-9]") & column.values.is_not_null()
    )
    return column


def _days(spec: Field, cells: pl.Series, since_1904: bool) -> Read:
    """A day, or a month as its first day."""
    is_month = spec.type == "month" and cells.str.len_bytes() == len("2026-05")
    days = cells
    if spec.type == "month" and is_month.any():
        days = cells.zip_with(~is_month.fill_null(False), cells + "-01")
    column = Read(days.str.to_date("%Y-%m-%d", strict=False))
    mend = clerk_days.read_month if spec.type == "month" else clerk_days.read_date
    column = _again(cells, column, "type", partial(mend, epoch=clerk_days.EPOCH_1904) if since_1904 else mend)
    if spec.type == "month":
        column.values = column.values.dt.month_start()
    return column


def _leave_january_or_october(column: Read, doubtful: pl.Series) -> None:
    """2026.10 in a cell of numbers is 2026.1 to Excel, and so is 2026.1."""
    if doubtful.any():
        doubtful = doubtful.fill_null(False)
        column.values = column.values.set(doubtful, None)
        column.found = {check: mask & ~doubtful for check, mask in column.found.items()}
        column.note("one_or_ten", doubtful)


def _text(
    spec: Field, cells: pl.Series, dirty: str = normalise.DIRTY, clean: Callable[[str], str] = normalise.clean
) -> Read:
    column = Read(cells)
    unclean = cells.str.contains(dirty)
    if unclean.any():
        words = cells.filter(unclean).unique().to_list()
        cleaned = {word: None if normalise.is_failed(word) else clean(word) or None for word in words}
        column.values = cells.replace_strict(cleaned, default=cells, return_dtype=pl.String)
        column.note("formula", cells.is_in([word for word in words if normalise.is_failed(word)]))
        column.note("fixed", unclean & (column.values != cells))
        column.note(
            "fixed", cells.is_in([w for w in words if cleaned[w] is None and not normalise.is_failed(w)])
        )
    if spec.max_length:
        column.note("length", column.values.str.len_chars() > spec.max_length)
    if spec.pattern:
        column.note("pattern", ~column.values.str.contains(spec.pattern))
    if spec.check:
        codes = column.values.drop_nulls().unique()
        column.note(
            "check_digit",
            column.values.is_in([code for code in codes.to_list() if not documents.CHECKS[spec.check](code)]),
        )
    return column


def _name(spec: Field, cells: pl.Series) -> Read:
    column = _text(spec, cells, normalise.DIRTY_NAME, normalise.clean_name)
    wrong = ~column.values.str.contains(NAME)
    if wrong.any():
        # a character that a system could not write stands as ?, a box or one of its private ones: a person to look at
        unclear = wrong & column.values.str.replace_all(_LOST, "某").str.contains(NAME)
        column.note("unclear", unclear)
        column.note("pattern", wrong & ~unclear)
    return column


def _document(spec: Field, cells: pl.Series) -> Read:
    # upper case and no blanks; whether it is a number of its kind is asked with the kind beside it (rows.py)
    column = _text(spec, cells)
    odd = column.values.str.contains(ODD_DOCUMENT)
    if odd.any():
        words = column.values.filter(odd).unique().to_list()
        mended = {word: documents.clean_number(word) for word in words}
        values = column.values.replace_strict(mended, default=column.values, return_dtype=pl.String)
        column.note("fixed", values != column.values)
        column.values = values
    return column


_READERS: dict[str, Callable[[Field, pl.Series], Read]] = {
    "code": _code,
    "codes": _codes,
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "text": _text,
    "name": _name,
    "document": _document,
}


def bounds(spec: Field) -> tuple[object, object]:
    """The least and the greatest value that a field may have, in its own type; None where there is none."""
    low, high = (_bound(spec, text) for text in (spec.min, spec.max))
    if spec.type == "integer":
        low, high = (low if low is not None else _INT32[0]), (high if high is not None else _INT32[1])
    if spec.type in ("date", "month") and high is None:
        high = date(2100, 12, 31)
    return low, high


def _bounds(spec: Field, column: Read) -> None:
    if spec.type not in ("integer", "decimal", "date", "month"):
        return
    low, high = bounds(spec)
    outside = pl.Series([False]).new_from_index(0, len(column.values)) if low is None else column.values < low
    if high is not None:
        outside = outside | (column.values > high)
    column.note("range", outside)


def _bound(spec: Field, text: str | None) -> object:
    return None if text is None else _constant(spec, text)


def _constant(spec: Field, text: str) -> object:
    """A bound or default of the contract in the field's own type."""
    if spec.type in ("date", "month"):
        return date.fromisoformat(text)
    return pl.Series([text]).cast(dtype(spec))[0]

"""Which column of a sheet is which field: headers and their aliases, and the unit that a heading declares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from types import MappingProxyType

from shegong.contract import Contract, Field, Layout, versions
from shegong.intake import heading_words, normalise, units
from shegong.intake.envelope import FileRefused
from shegong.intake.sheets import Sheet, column_letter

REASON_HEADER = "错误原因"  # the receipt's returned rows carry it; a clerk sends the sheet back as it is
NOTHING: Mapping[str, str] = MappingProxyType({})
_UNITS = {"（元）": {"yuan": 1, "wan_yuan": None}, "（万元）": {"yuan": 10_000, "wan_yuan": 1}}


@dataclass(frozen=True)
class Placed:
    """A column of the sheet: where it stands, its header, the field that it is (None: unknown to us).

    The header is as printed, but for what may not be told of words that nobody knows (heading_words.py).

    `factor` turns its figures into the field's unit. `merged` are rows (first, last) of which the first's cell stands
    for all, where the contract allows that; `split` are those where it doesn't. `since_1904`: days are counted from there.
    `path` are the words of a header of several rows, from the top down.
    """

    index: int
    header: str
    table: str
    field: Field | None = None
    factor: int = 1
    merged: tuple[tuple[int, int], ...] = ()
    is_unread: bool = (
        False  # a column that another system's export is known to have, and that nobody asked for
    )
    split: tuple[tuple[int, int], ...] = ()
    since_1904: bool = False
    path: tuple[str, ...] = ()

    @property
    def letter(self) -> str | None:
        return column_letter(self.index) if self.index >= 0 else None


def absent(field: Field, contract: Contract) -> Placed:
    """Where a finding about a column points that the sheet doesn't have: its proper header, and no letter."""
    return Placed(-1, field.header, contract.table, field)


def as_laid_out(sheet: Sheet, contract: Contract) -> Contract:
    """The contract as this sheet is to be read: by its own template, or by the layout whose headings it has."""
    said = {normal(header) for header in sheet.header}
    found = (one for one in contract.layouts if said.issuperset(map(normal, one.sign)))
    return next((_read_by(contract, one) for one in found), contract)


@cache
def _read_by(contract: Contract, one: Layout) -> Contract:
    return replace(contract, fields=tuple(map(one.read, contract.fields)), layouts=(one,))


def place(sheet: Sheet, contract: Contract, mode: str = "S") -> list[Placed]:
    """All columns of the sheet in order. Raises FileRefused on a doubled header or a required one that is missing."""
    placed = columns(sheet, contract)
    demand(sheet, placed, contract, mode)
    return placed


def columns(sheet: Sheet, contract: Contract, approved: Mapping[str, str] = NOTHING) -> list[Placed]:
    """All columns of the sheet in order; `approved` are other headings (in normal form) that are a field's name.

    Raises FileRefused on two columns of one field.
    """
    known = _known(contract)
    if approved:
        known = _approved(contract, approved) | known
    declared = units.of_sheet(sheet)
    placed = [_place(at, sheet, contract, known, declared) for at in range(len(sheet.header))]
    seen: dict[str, Placed] = {}
    for column in placed:
        if column.field is None:
            continue
        if other := seen.get(column.field.name):
            if column.header == other.header:
                said = f"表头“{column.header}”出现两次（{other.letter} 列和 {column.letter} 列）"
            else:
                said = f"“{other.header}”（{other.letter} 列）和“{column.header}”（{column.letter} 列）都是“{column.field.header}”"
            raise FileRefused(
                "header_duplicate",
                said,
                "请只保留一列",
                sheet=sheet.name,
                row=sheet.header_row,
                header=column.header,
            )
        seen[column.field.name] = column
    return placed


def demand(sheet: Sheet, placed: list[Placed], contract: Contract, mode: str) -> None:
    """Raises FileRefused where a required column is missing.

    Changes (`mode` D) must say in a column what each row is; a roster's rows need no 操作类型.
    """
    there = {column.field.name for column in placed if column.field}
    asked = (
        f
        for f in contract.fields
        if (f.required and f.default is None) or (f.name == "row_action" and mode == "D")
    )
    missing = [f.header for f in asked if f.name not in there]
    if missing:
        raise FileRefused(
            "header_missing",
            f"缺少必需的列：{'、'.join(missing)}",
            "请使用省里的模板，不要删除或改写表头",
            sheet=sheet.name,
            row=sheet.header_row,
            header=missing[0],
        )


def fits(sheet: Sheet, contract: Contract) -> bool:
    """Whether the sheet has every column that the contract must have."""
    try:
        place(sheet, contract)
    except FileRefused:
        return False
    return True


@lru_cache(maxsize=10_000)  # the same words head every file of a table
def normal(header: str) -> str:
    """A heading without what clerks vary: blanks, line breaks, full-width letters, the kind of brackets."""
    return normalise.clean(header).replace(" ", "").replace("(", "（").replace(")", "）")


def unknown(placed: list[Placed]) -> list[Placed]:
    """Columns with a header that means nothing to the contract; empty headers and the receipt's own are not told."""
    return [
        c for c in placed if c.field is None and c.header and c.header != REASON_HEADER and not c.is_unread
    ]


def printed(placed: list[Placed]) -> dict[str, list[str]]:
    """Field -> column letter and header as printed: what the register and the judge point at."""
    return {column.field.name: [column.letter, column.header] for column in placed if column.field}


def field_of(header: str, contract: Contract) -> tuple[Field, int] | None:
    """The field that a heading means, and the factor that turns its figures into the field's unit."""
    placed = _place_one(0, header, contract, _known(contract))
    return (placed.field, placed.factor) if placed.field else None


def all_headers() -> frozenset[str]:
    """Every header and alias of every version: a sheet's header row is found before its day is known."""
    return known_headers(tuple(c for history in versions().values() for c in history))


@cache
def known_headers(contracts: tuple[Contract, ...]) -> frozenset[str]:
    """Every header and alias of these contracts, to find a sheet's header row by."""
    exports = (_read_by(contract, one) for contract in contracts for one in contract.layouts)
    return frozenset(header for contract in (*contracts, *exports) for header in _known(contract))


@cache
def _known(contract: Contract) -> dict[str, tuple[Field, int]]:
    headers: dict[str, tuple[Field, int]] = {}
    for field in contract.fields:
        for header in (field.header, *field.aliases):
            headers[header] = (field, 1)
        bare = field.header.removesuffix("（元）").removesuffix("（万元）")
        for suffix, factors in _UNITS.items():
            if field.unit in factors and factors[field.unit] is not None:
                headers[bare + suffix] = (field, factors[field.unit])
    return headers


def _approved(contract: Contract, approved: Mapping[str, str]) -> dict[str, tuple[Field, int]]:
    """Approved headings of fields that this version has; a unit in brackets counts as in the contract's own headers."""
    by_name = {field.name: field for field in contract.fields}
    made = {}
    for header, name in approved.items():
        if field := by_name.get(name):
            declared = (
                factors[field.unit]
                for suffix, factors in _UNITS.items()
                if header.endswith(suffix) and field.unit in factors
            )
            made[header] = (field, next(declared, None) or 1)
    return made


def _place_one(at: int, header: str, contract: Contract, known: dict[str, tuple[Field, int]]) -> Placed:
    header = normalise.visible(header)
    for said in (
        header,
        normalise.clean(header),
        normal(header),
        units.in_brackets(normal(header)),
    ):
        if said in known:
            field, factor = known[said]
            return Placed(at, header, contract.table, field, factor)
    unread = {word for one in contract.layouts for word in one.unread}
    return Placed(at, header, contract.table, is_unread=normal(header) in unread)


def _place(
    at: int, sheet: Sheet, contract: Contract, known: dict[str, tuple[Field, int]], declared: str | None
) -> Placed:
    """A column by its path where the header has several rows, else by its own heading; with what the sheet says of it."""
    header, path = sheet.header[at], sheet.paths[at] if at < len(sheet.paths) else ()
    said = dict.fromkeys(("/".join(path), "".join(path), header, path[-1])) if len(path) > 1 else (header,)
    placed = ((word, _place_one(at, word, contract, known)) for word in said)
    word, column = next(((word, c) for word, c in placed if c.field), (None, None))
    if column is None:
        column = _place_one(at, header, contract, known)
        is_ours = column.header == REASON_HEADER
        return column if is_ours else replace(column, header=heading_words.told(column.header))
    if len(path) > 1 and word == path[-1] and header != word:  # only the last of several words is known
        header = "/".join((*map(heading_words.told, path[:-1]), word))
    column = replace(column, header=normalise.visible(header), since_1904=sheet.since_1904, path=path)
    column = replace(
        column, factor=units.factor(column.field, column.factor, path or (header,), declared, sheet)
    )
    ranges = tuple(sheet.merged.get(at, ()))
    return replace(column, merged=ranges) if column.field.mergeable else replace(column, split=ranges)

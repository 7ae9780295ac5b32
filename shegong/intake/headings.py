"""What an unknown heading may be: the best field by its words and by whether the cells beneath read as that field.

Nothing is read by a proposal: a person approves it first (shegong/header_aliases.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import chain

import polars as pl

from shegong.contract import Contract, Field
from shegong.intake import fields, layout
from shegong.intake.envelope import FileRefused
from shegong.intake.layout import Placed
from shegong.intake.sheets import Sheet

_ENOUGH = 0.5  # of 1: 社工姓名 for 姓名 has 0.73, 电话 for 姓名 none
_CELLS = 200  # of the first chunk are tried
_LONGEST = 40  # a heading that is longer is a note
_READ_WELL = 0.9  # share of cells that must read as the field: some rows of every file are wrong
_TELLING = ("code", "codes", "document", "date", "month", "boolean")  # types that not every text reads as
_MASKED = "*"  # a heading that may not be quoted is none to be approved
_IDENTITY = r"^\s*'?[1-9]\d{16}[\dXx]\s*$"
_NO_ERROR = {"fixed", "warn_code"}


@dataclass(frozen=True)
class Known:
    """What was decided for one unit, table and day: header -> field name, and headers that are not to be proposed."""

    approved: Mapping[str, str] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()


NONE = Known()


@dataclass(frozen=True)
class Proposal:
    """`column`'s heading, `header` in its normal form, may be `field`; `score` of 1."""

    column: Placed
    header: str
    field: Field
    score: float


def lay_out(
    sheet: Sheet, contract: Contract, mode: str, known: Known = NONE
) -> tuple[list[Placed], dict[int, Proposal]]:
    """The sheet's columns, and proposals by column index for those that are unknown.

    Raises FileRefused as layout.place does; where a required column is missing it has the proposals too.
    """
    placed = layout.columns(sheet, contract, known.approved)
    unknown = [c for c in layout.unknown(placed) if layout.normal(c.header) not in known.rejected]
    proposals = propose(unknown, placed, contract, _peek(sheet)) if unknown else {}
    try:
        layout.demand(sheet, placed, contract, mode)
    except FileRefused as refused:
        refused.proposals = tuple(proposals.values())
        refused.text += "".join(
            f"；“{p.column.header[:30]}”（{p.column.letter} 列）看来是“{p.field.header}”"
            for p in refused.proposals
        )
        raise
    return placed, proposals


def propose(
    unknown: list[Placed], placed: list[Placed], contract: Contract, cells: pl.DataFrame
) -> dict[int, Proposal]:
    """At most one field a column and one column a field, the best first. Fields that the sheet has are not proposed."""
    taken = {column.field.name for column in placed if column.field}
    rated = [
        Proposal(column, header, field, score)
        for column in unknown
        if 0 < len(header := layout.normal(column.header)) <= _LONGEST and _MASKED not in header
        for field in contract.fields
        if field.name not in taken and (score := _score(header, field, cells, column.index)) >= _ENOUGH
    ]
    made: dict[int, Proposal] = {}
    for proposal in sorted(rated, key=lambda p: -p.score):
        if proposal.column.index not in made and proposal.field.name not in taken:
            made[proposal.column.index] = proposal
            taken.add(proposal.field.name)
    return made


def _score(header: str, field: Field, cells: pl.DataFrame, index: int) -> float:
    alike = max(_alike(header, layout.normal(word)) for word in (field.header, *field.aliases))
    column = cells[str(index)].drop_nulls() if str(index) in cells.columns else pl.Series([], dtype=pl.String)
    if column.is_empty():
        return alike
    share = _share_read(field, column)
    if share < _READ_WELL:
        return 0.0
    if field.type not in _TELLING:
        return alike
    # words that only this field reads tell more than a heading's
    is_certain = field.type == "document" or (field.type == "code" and column.n_unique() > 1)
    return min(1.0, max(alike + 0.25, 0.55 if is_certain else 0.0)) * share


def _alike(one: str, other: str) -> float:
    """Alike by letters; a heading that has the other whole in it is at least as good as most."""
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    within = len(min(one, other, key=len)) >= 2 and (one in other or other in one)
    return max(ratio, 0.73) if within else ratio if ratio >= 0.34 else 0.0


def _share_read(field: Field, column: pl.Series) -> float:
    if field.type == "document":
        return column.str.contains(_IDENTITY).mean()
    read = fields.read(field, column)
    wrong = read.values.is_null()
    for check, mask in read.found.items():
        if check not in _NO_ERROR:
            wrong = wrong | mask
    return 1 - wrong.mean()


def _peek(sheet: Sheet) -> pl.DataFrame:
    """The first cells; the sheet's chunks stay whole."""
    first = next(sheet.chunks, None)
    if first is None:
        sheet.chunks = iter(())
        return pl.DataFrame()
    sheet.chunks = chain([first], sheet.chunks)
    return first.head(_CELLS)

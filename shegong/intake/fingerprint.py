"""What a submission was read with, as one short word: `shegong replay` looks at those whose word would be another now.

The word has three parts: the contract but for what only the register asks, headings, and what only the register asks.
"""

import hashlib
from dataclasses import replace
from datetime import date
from functools import lru_cache

from shegong import contract
from shegong.contract import Contract
from shegong.header_aliases import Decided


def fingerprint(aliases: Decided, table: str | None, unit_code: str, day: date | None) -> str:
    """Of the contract in force on the report date and what was decided on headings for this unit and table.

    Where the table is not known, any contract and any heading of the unit might have made it so.
    """
    contracts = contract.load(on=day)
    if table in contracts:
        known = aliases.of(table, unit_code, day) if day else None
        decided = (sorted(known.approved.items()), sorted(known.rejected)) if known else ()
        file, register = _of_contract(contracts[table])
        return f"{file}:{_word(decided) if any(decided) else '-'}:{register}"
    mine = [row for row in aliases.rows if row[3] in (None, unit_code)]
    every = _word([_of_contract(c)[0] for c in contracts.values()])
    return f"{every}:{_word(sorted(mine, key=repr)) if mine else '-'}:-"


def register_part(word: str | None) -> str:
    """The part of a word that the register's rules make; empty for a word without."""
    return (word or "").partition(":")[2].partition(":")[2]


@lru_cache(maxsize=1000)
def _of_contract(table: Contract) -> tuple[str, str]:
    """Of what a file is read with, and of what only the register asks."""
    read = replace(table, references=(), unique_owner=(), across=())
    return _word(read), _word((table.references, table.unique_owner, table.across))


def _word(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]

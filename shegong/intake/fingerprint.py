"""What a submission was read with, as one short word: `shegong replay` looks at those whose word would be another now."""

import hashlib
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
        return f"{_of_contract(contracts[table])}:{_word(decided) if any(decided) else '-'}"
    mine = [row for row in aliases.rows if row[3] in (None, unit_code)]
    return f"{_word([_of_contract(c) for c in contracts.values()])}:{_word(sorted(mine, key=repr)) if mine else '-'}"


@lru_cache(maxsize=1000)
def _of_contract(table: Contract) -> str:
    return _word(table)


def _word(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]

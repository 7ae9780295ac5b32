"""What the register asks of every table alike, in one list for whoever tells people about rules."""

from shegong.contract import Contract
from shegong.register import keys, names, owners, rosters
from shegong.register.asking import Question


def asked_of(table: Contract) -> tuple[Question, ...]:
    """The questions that concern the table: names where it has people, missing rows where it sends rosters."""
    return (
        *keys.QUESTIONS,
        *((owners.CLAIMED,) if "_unit_code" not in table.key else ()),
        *((names.DIFFERS,) if table.has_person else ()),
        *((rosters.MISSING,) if table.roster else ()),
    )

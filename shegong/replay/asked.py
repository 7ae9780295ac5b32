"""Which past submissions the register would answer otherwise, because a rule that only it asks has changed."""

from collections import Counter
from collections.abc import Iterable

import psycopg

from shegong import contract
from shegong.intake.fingerprint import register_part
from shegong.register import again

Counts = tuple[Counter, Counter]  # (rule id, level) -> findings, before and after
NONE: Counts = (Counter(), Counter())
_IN_FORCE = ("accepted", "partly_accepted")


def otherwise(
    connection: psycopg.Connection, candidates: Iterable, words: dict[int, str]
) -> dict[int, Counts]:
    """Of candidates (run.Earlier) those that count, whose register's rules are others by `words` and say otherwise.

    A submission whose word says nothing of the register is not asked, nor one that is held: its county or the bureau
    acts on what it was told.
    """
    asked = {}
    for earlier in candidates:
        old, new = register_part(earlier.read_with), register_part(words[earlier.submission_id])
        if earlier.state not in _IN_FORCE or earlier.table_name is None or not old or old == new:
            continue
        now = contract.load(on=earlier.report_date)[earlier.table_name]
        before = again.version_of(earlier.table_name, earlier.contract_version)
        # mended in place, without a version of its own: any of its rules may be the one
        rules = again.changed_rules(now.table, before if before is not now else None, now)
        if rules:
            asked[earlier.submission_id] = (now.table, rules)
    return again.would_say(connection, asked)


def is_touched(rule: str, counts: Counts) -> bool:
    return any(counts[0][key] != counts[1][key] for key in {*counts[0], *counts[1]} if key[0] == rule)

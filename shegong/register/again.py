"""What the register would say now of rows that were accepted before, by rules that changed since. Nothing is written.

Asked are references, owners and rules across tables, of rows that still count: beside what is in force now they can be
answered as of any row that comes today. What compares a row with what was before it (keys, rosters, a file's place, a
rule with {before …}) has no answer any more: by now the row itself is what was before.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import psycopg

from shegong import contract
from shegong.contract import Contract
from shegong.register import across, owners, references
from shegong.register.asking import Asking

# (submission, rule, level) and how often it was said, and how often it would be said, where any of that differs
_SAID = """
select submission_id, rule_id, level, sum(was), sum(now), sum(differs) > 0 from (
    select submission_id, rule_id, level, sum(was) as was, sum(now) as now, (sum(was) <> sum(now))::integer as differs
    from (
        select f.submission_id, f.rule_id, f.level, f.sheet_name, f.row_number, f.text, 1 as was, 0 as now
        from ops.finding as f inner join asked_again using (submission_id, rule_id)
        inner join asked_rows as a on a.submission_id = f.submission_id and a.sheet_name = f.sheet_name
            and a.row_number = f.row_number
        where f.check_class = 'register'
        union all
        select t.submission_id, t.rule_id, t.level, t.sheet_name, t.row_number, t.text, 0, 1
        from told as t inner join asked_again using (submission_id, rule_id)
    ) as each_said group by submission_id, rule_id, level, sheet_name, row_number, text
) as said group by submission_id, rule_id, level
"""


def changed_rules(table: str, before: Contract | None, now: Contract) -> frozenset[str]:
    """Ids of the rules that only the register asks and that are otherwise in `now`; all of them without a `before`."""
    old, new = (_register_rules(made) if made else {} for made in (before, now))
    return frozenset(rule for rule in {*old, *new} if old.get(rule) != new.get(rule))


def would_say(
    connection: psycopg.Connection, asked: Mapping[int, tuple[str, frozenset[str]]]
) -> dict[int, tuple[Counter, Counter]]:
    """Of submissions (table, changed rules) those that would be answered otherwise: counts by (rule, level), was and now."""
    if not asked:
        return {}
    with connection.transaction(force_rollback=True):
        asking = Asking(connection, again=list(asked))
        connection.execute(
            "create temporary table asked_again (submission_id bigint, rule_id text) on commit drop"
        )
        pairs = [(number, rule) for number, (_, rules) in asked.items() for rule in rules]
        with connection.cursor() as cursor:
            cursor.executemany("insert into asked_again values (%s, %s)", pairs)
        for table in sorted({table for table, _ in asked.values()}):
            _ask(
                asking,
                asking.contracts[table],
                {rule for name, rules in asked.values() if name == table for rule in rules},
            )
        return _differing(connection.execute(_SAID).fetchall())


def _ask(asking: Asking, table: Contract, rules: set[str]) -> None:
    asking.make(table)
    for reference in table.references:
        if reference.rule_id in rules:
            references.ask_reference(asking, table, reference)
    for owner in table.unique_owner:
        if owner.rule_id in rules:
            owners.ask_owner(asking, table, owner)
    for rule in table.across:
        if rule.rule_id in rules:
            across.ask_across(asking, table, rule)


def _differing(said: Iterable[tuple]) -> dict[int, tuple[Counter, Counter]]:
    made: dict[int, tuple[Counter, Counter]] = {}
    differing = set()
    for submission_id, rule, level, was, now, differs in said:
        counts = made.setdefault(submission_id, (Counter(), Counter()))
        counts[0][rule, level] += int(was)
        counts[1][rule, level] += int(now)
        if differs:
            differing.add(submission_id)
    return {number: counts for number, counts in made.items() if number in differing}


def _register_rules(made: Contract) -> dict[str, str]:
    every = (*made.references, *made.unique_owner, *(rule for rule in made.across if not rule.is_of_its_day))
    return {rule.rule_id: repr(rule) for rule in every}


def version_of(table: str, version: str | None) -> Contract | None:
    """The contract that a submission was read by, if it is still declared."""
    return next((made for made in contract.versions().get(table, ()) if made.version == version), None)

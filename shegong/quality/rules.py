"""Every rule that a submission or a candidate is asked: what it says, who acts, how often it fired and since when.

What is declared comes from where each rule is declared; what was told in earlier versions, from the findings themselves.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import psycopg
import yaml
from psycopg.rows import dict_row

from shegong import contract as contracts
from shegong.contract_model import Contract
from shegong.intake.messages import message
from shegong.quality import suites
from shegong.register import questions

# Where a rule is asked, in the order of a file's way.
STAGES = {"file": "文件与各行", "register": "登记比对", "judged": "整体判断", "published": "发布审核"}
# Who acts on a finding of each level (docs/counties.zh-CN.md); X keeps a domain from being published.
LEVELS = {
    "F": ("退回", "县（市、区）"), "E": ("强制", "县（市、区）"), "W": ("核实", "县（市、区），再由省里"),
    "N": ("提示", "无须处理"), "I": ("已自动修正", "无须处理"), "P": ("政策违规", "主管部门"),
    "X": ("不予发布", "省里"),
}  # fmt: skip
_OF_SEVERITY = {"critical": "E", "warning": "W", "info": "N"}
_DOCUMENT_CHECKS = (
    "number_cell", "scientific", "old_15_digit", "format", "check_digit", "damaged", "rounded", "filled_down",
)  # fmt: skip

_FIRED = """
with found as (
    select finding.rule_id, finding.level, finding.check_class, finding.text, submission.received_at as fired_at
    from ops.finding as finding inner join ops.submission as submission using (submission_id)
    union all
    select verdict.expectation, 'X', 'published', verdict.details ->> 'text', verdict.asked_at
    from ops.verdict as verdict
    where verdict.publication_id is not null and verdict.outcome <> 'passed' and verdict.suite <> 'marts.hold'
)
select rule_id, min(level) as level, min(check_class) as stage, min(text) as text, count(*) as times,
    count(*) filter (where fired_at > %(now)s - interval '30 days') as times_lately,
    min(fired_at) as first_at, max(fired_at) as last_at
from found where fired_at <= %(now)s group by rule_id
"""

# Where a rule's last word is red, of how many units' tables or domains; and what has recovered of late.
_STANDING = """
with last_word as (
    select distinct on (rule_id, unit_code, table_name, domain) rule_id, recovered_at
    from ops.rule_firing where asked_at <= %(now)s
    order by rule_id, unit_code, table_name, domain, verdict_id desc
)
select rule_id, count(*) filter (where recovered_at is null) as standing,
    count(*) filter (where recovered_at > %(now)s - interval '30 days') as recovered
from last_word group by rule_id
"""

_FIRINGS = """
select firing.rule_id, firing.asked_at, firing.outcome, firing.novelty, firing.recovered_at, firing.submission_id,
    firing.publication_id, firing.domain, firing.table_name, coalesce(unit.unit_name, firing.unit_code) as unit_name,
    verdict.details
from ops.rule_firing as firing
inner join ops.verdict as verdict on firing.verdict_id = verdict.verdict_id
left join reference.unit as unit on firing.unit_code = unit.unit_code
where firing.rule_id = %s
order by firing.verdict_id desc limit %s
"""


@dataclass(frozen=True)
class Rule:
    """One rule. `subject`: the table's or suite's title. `standing`: units' tables or domains of which its last word is red."""

    rule_id: str
    stage: str
    level: str
    subject: str
    text: str
    mend: str = ""
    acts: str = ""
    is_declared: bool = True
    times: int = 0
    times_lately: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    standing: int | None = None
    recovered: int | None = None

    def as_json(self) -> dict:
        return asdict(self) | {"level_name": LEVELS[self.level][0], "stage_name": STAGES[self.stage]}


def listed(connection: psycopg.Connection, now: datetime) -> list[Rule]:
    """All rules in the order of a file's way, each with how often it fired up to `now`."""
    values = {"now": now}
    fired = {row["rule_id"]: row for row in _rows(connection, _FIRED, values)}
    standing = {row["rule_id"]: row for row in _rows(connection, _STANDING, values)}
    every = {rule.rule_id: rule for rule in declared()}
    for rule_id, row in fired.items():
        rule = every.get(rule_id) or _undeclared(rule_id, row)
        counts = {name: row[name] for name in ("times", "times_lately", "first_at", "last_at")}
        every[rule_id] = replace(rule, **counts)
    for rule_id, row in standing.items():
        if rule_id in every and every[rule_id].stage in ("judged", "published"):
            every[rule_id] = replace(every[rule_id], standing=row["standing"], recovered=row["recovered"])
    order = list(STAGES)
    return sorted(every.values(), key=lambda rule: order.index(rule.stage))


def firings(connection: psycopg.Connection, rule_id: str, most: int = 50) -> list[dict]:
    """When a rule of Great Expectations failed, the newest first: of whom, new or known, recovered when; the failing rows."""
    return _rows(connection, _FIRINGS, [rule_id, most])


def _rows(connection: psycopg.Connection, query: str, values: object) -> list[dict]:
    return connection.cursor(row_factory=dict_row).execute(query, values).fetchall()


@cache
def declared() -> tuple[Rule, ...]:
    """Every rule of this version, as it stands in contracts, expectations and the register's questions."""
    return tuple(
        {
            rule.rule_id: rule
            for rule in (*_of_files(), *_of_contracts(), *_of_register(), *_of_judge(), *_of_marts())
        }.values()
    )


def _rule(
    rule_id: str, stage: str, level: str, subject: str, text: str, mend: str = "", acts: str = ""
) -> Rule:
    return Rule(rule_id, stage, level, subject, text, mend, acts or LEVELS[level][1])


def _of_files() -> Iterator[Rule]:
    path = Path(contracts.__file__).parent / "intake" / "file_rules.yaml"
    for rule_id, (level, text) in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        yield _rule(rule_id, "file", level, "各表", text)


def _of_contracts() -> Iterator[Rule]:
    for suite in suites.read("submissions"):
        contract = contracts.load()[suite["meta"]["table"]]
        own = {rule.rule_id: rule for rule in contract.all_rules}
        for expectation in suite["expectations"]:
            told = expectation["meta"]
            if told["rule_id"] not in own:
                level = _OF_SEVERITY[expectation["severity"]]
                yield _rule(told["rule_id"], "file", level, contract.title, *_field_words(contract, told))
        for rule_id, rule in own.items():
            stage = "file" if rule in contract.rules else "register"
            yield _rule(rule_id, stage, rule.level, contract.title, rule.text, rule.mend)
        for field in contract.fields:
            for check in _DOCUMENT_CHECKS if field.personal == "document" else ():
                rule_id = f"{contract.table}.{field.name}.{check}"
                level = "W" if check in ("rounded", "filled_down") else "E"
                yield _rule(rule_id, "file", level, contract.title, *message(field, check))


def _field_words(contract: Contract, told: dict) -> tuple[str, str]:
    """As the clerk reads it, where it is a check of one field; as the suite says it otherwise."""
    _, _, rest = told["rule_id"].partition(".")
    name, _, check = rest.partition(".")
    fields = {field.name: field for field in contract.fields}
    try:
        return message(fields[name], check)
    except KeyError:
        return told["text"], ""


def _of_register() -> Iterator[Rule]:
    for contract in contracts.load().values():
        for question in questions.asked_of(contract):
            rule_id = f"{contract.table}.{question.name}"
            yield _rule(rule_id, "register", question.level, contract.title, question.text, question.mend)


def _of_judge() -> Iterator[Rule]:
    yield _rule(
        "judge.refused_share", "judged", "E", "各表", "被退回的行超过规定比例", "请按问题清单更正后重新报送"
    )
    for suite in suites.read("plausibility"):
        for expectation in suite["expectations"]:
            told, level = expectation["meta"], _OF_SEVERITY[expectation["severity"]]
            acts = "省里" if told.get("held_for") == "bureau" else ""
            yield _rule(told["rule_id"], "judged", level, "各表", _plain(told["text"]), told["mend"], acts)


def _of_marts() -> Iterator[Rule]:
    for suite in suites.read("marts"):
        for expectation in suite["expectations"]:
            level = "X" if expectation["severity"] == "critical" else "N"
            told = expectation["meta"]
            yield _rule(
                told["rule_id"], "published", level, suite["name"].removeprefix("marts."), told["text"]
            )


def _plain(text: str) -> str:
    """A text without the figures of one file."""
    return re.sub(r"\{[^}]*\}", "…", text)


def _undeclared(rule_id: str, row: dict) -> Rule:
    """A rule of an earlier version, or one that no list declares: as it was told."""
    stage = row["stage"] if row["stage"] in STAGES else "file"
    table = contracts.load().get(rule_id.partition(".")[0])
    made = _rule(rule_id, stage, row["level"], table.title if table else "各表", row["text"] or rule_id)
    return replace(made, is_declared=False)


def as_json(rows: list[dict]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2, default=str)

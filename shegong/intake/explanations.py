"""Explanations (说明) that come back in a receipt: each closes one 核实 for that value, and stays closed later.

A finding is known by its number in the ledger and must be the same unit's and rule's; what a clerk can change in the
sheet opens nothing. The ledger is all that is written here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

from shegong.contract import LEVELS, Contract
from shegong.intake import normalise
from shegong.intake.findings import NUMBER_LIKE
from shegong.intake.sheets import Sheet, grid

EXPLANATIONS = "explanation"  # the word of the receipt's list of findings in the info sheet
TEXT_HEADER, RULE_HEADER, NUMBER_HEADER = "说明", "规则", "问题编号"
CLAIM_MARK = "归属"  # before the number of a line that is about a claim and not about a finding
LONGEST = 500
_NOT_OURS = "问题清单里没有这一条，或不是本单位的；请在省里发回的回执上填写，不要改动其他列"
_DISPUTED = "已登记：归属有异议，另一单位将收到通知，由省里协调"
_CLOSED = "这一条已经办结，没有登记；仍有异议的请向省里说明"
_ANSWERS = {
    "F": "退回的表不能用说明代替，请按原因更正后重新报送",
    "E": "强制类问题不能用说明代替，请更正后在“退回行”发回",
    "N": "提示类问题不需要说明",
    "I": "已自动修正的不需要说明",
    "P": "政策违规由主管部门处理，不需要在这里说明",
}
# The staged column that stands for a personal one.
_STAGED_FOR = {"id_no": "person_key", "person_name": "name_key", "birth_date": "birth_year"}


@dataclass(frozen=True)
class Said:
    """One line of the returned list: what a clerk wrote, and which finding the line is of."""

    sheet_name: str
    row_number: int
    text: str
    rule_id: str
    finding_id: int | None
    claim_id: int | None = None  # of a line of 归属核对通知, which has no finding


def read(sheet: Sheet) -> Iterator[Said]:
    """The lines with a 说明, of a sheet that the reader handed on as a form (its rows as they are)."""
    places: dict[str, int] = {}
    for row_number, cells in grid(sheet):
        if not places:
            if TEXT_HEADER in cells:
                places = {header: at for at, header in enumerate(cells) if header}
            continue
        said = {header: normalise.visible(cells[at] or "").strip() for header, at in places.items()}
        if said[TEXT_HEADER]:
            number = re.fullmatch(f"({CLAIM_MARK})?([0-9]{{1,18}})", said.get(NUMBER_HEADER, ""))
            known = int(number[2]) if number else None
            of_claim = bool(number and number[1])
            yield Said(
                sheet.name,
                row_number,
                said[TEXT_HEADER],
                said.get(RULE_HEADER, ""),
                None if of_claim else known,
                known if of_claim else None,
            )


def take(
    connection: psycopg.Connection,
    contracts: dict[str, Contract],
    delivery_id: int,
    unit_code: str,
    lines: Iterable[Said],
    now: datetime,
) -> int:
    """Note each line with its answer and close what it explains; how many lines there were.

    Part of the transaction that reads the delivery. A line that repeats what is already explained is passed over.
    """
    noted = 0
    for said in lines:
        if said.claim_id is not None:
            noted += _take_of_claim(connection, delivery_id, unit_code, said, now)
            continue
        finding = _finding(connection, said, unit_code)
        if finding is not None and finding.explained == said.text:
            continue
        noted += 1
        refusal = _refusal(said, finding)
        if refusal:
            _note(connection, delivery_id, unit_code, said, finding, now, answer=refusal)
            continue
        key_hash, value_hash = _hashes(connection, contracts[finding.table_name], finding)
        explanation_id = _note(
            connection, delivery_id, unit_code, said, finding, now,
            answer="已登记，本条不再要求核实", key_hash=key_hash, value_hash=value_hash,
        )  # fmt: skip
        connection.execute(
            "update ops.finding set explanation_id = %s where finding_id = %s",
            [explanation_id, finding.finding_id],
        )
        if key_hash:
            _carry(connection, contracts[finding.table_name], finding.rule_id, finding.column_name, unit_code)
    return noted


def _take_of_claim(
    connection: psycopg.Connection, delivery_id: int, unit_code: str, said: Said, now: datetime
) -> bool:
    """Note what the asked unit wrote beside a claim, once; claims.follow takes it as its dispute."""
    query = """
        select null as finding_id, c.old_submission as submission_id, c.table_name, c.rule_id, null as column_name,
            c.state, exists (
                select from ops.explanation as e where e.claim_id = c.claim_id and e.is_accepted and e.text = %s
            ) as is_known
        from ops.claim as c where c.claim_id = %s and c.old_unit = %s and c.rule_id = %s"""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        claim = cursor.execute(query, [said.text, said.claim_id, unit_code, said.rule_id]).fetchone()
    if claim is not None and claim.is_known:
        return False
    refusal = _NOT_OURS if claim is None else _CLOSED if claim.state != "open" else _unfit(said)
    value_hash = None if refusal else f"claim {said.claim_id}"
    _note(
        connection, delivery_id, unit_code, said, claim, now, answer=refusal or _DISPUTED, value_hash=value_hash,
        claim_id=claim and said.claim_id,
    )  # fmt: skip
    return True


def carry_all(connection: psycopg.Connection, contracts: dict[str, Contract]) -> int:
    """Close the findings of staged submissions that were explained before for the same value; how many.

    Run again: what is closed stays so. One statement for each rule that was ever explained in a table of the batch.
    """
    explained = connection.execute(
        """select distinct e.table_name, e.rule_id, e.column_name from ops.explanation as e
        where e.is_accepted and e.key_hash is not null and exists (
            select from ops.submission as s
            where s.state = 'staged' and s.unit_code = e.unit_code and s.table_name = e.table_name)
        order by 1, 2, 3"""
    ).fetchall()
    return sum(_carry(connection, contracts[table], rule, column) for table, rule, column in explained)


def _finding(connection: psycopg.Connection, said: Said, unit_code: str):
    """The finding of that number, if it is this unit's and the line's rule is its rule."""
    query = """
        select f.*, s.table_name, e.text as explained
        from ops.finding as f
        inner join ops.submission as s on s.submission_id = f.submission_id
        left join ops.explanation as e on e.explanation_id = f.explanation_id
        where f.finding_id = %s and s.unit_code = %s and f.rule_id = %s"""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, [said.finding_id, unit_code, said.rule_id]).fetchone()


def _refusal(said: Said, finding) -> str | None:
    """Why the explanation is not taken; None where it is."""
    if finding is None:
        return _NOT_OURS
    if finding.level != "W":
        return f"{LEVELS[finding.level]}：{_ANSWERS[finding.level]}"
    return _unfit(said)


def _unfit(said: Said) -> str | None:
    """Why a text can't be kept."""
    if re.search(NUMBER_LIKE, said.text):
        return "说明里像是写了证件号码或手机号码，没有保存；请删去号码，只写情况"
    if len(said.text) > LONGEST:
        return f"说明超过 {LONGEST} 个字，没有保存；请缩短"
    return None


def _note(
    connection,
    delivery_id,
    unit_code,
    said,
    finding,
    now,
    *,
    answer,
    key_hash=None,
    value_hash=None,
    claim_id=None,
) -> int:
    is_accepted = value_hash is not None
    # a text that was not taken may hold what must not be kept
    values = [
        delivery_id, said.sheet_name, said.row_number, unit_code, now, finding and finding.finding_id,
        finding and finding.submission_id, finding and finding.table_name, finding and finding.rule_id,
        finding and finding.column_name, key_hash, value_hash, is_accepted, said.text if is_accepted else None, answer,
        claim_id,
    ]  # fmt: skip
    return connection.execute(
        """insert into ops.explanation (delivery_id, sheet_name, row_number, unit_code, explained_at, finding_id,
            submission_id, table_name, rule_id, column_name, key_hash, value_hash, is_accepted, text, answer, claim_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning explanation_id""",
        values,
    ).fetchone()[0]


def _hashes(connection: psycopg.Connection, contract: Contract, finding) -> tuple[str | None, str]:
    """Hashes of the row's key and of what the rule looks at. A finding of no staged row stands for itself alone."""
    key, value = _key(contract), _value(contract, finding.rule_id, finding.column_name)
    query = sql.SQL(
        "select {key}, {value} from ops.finding as finding inner join {staging} as row"
        " on row._submission_id = finding.submission_id and row._sheet_name = finding.sheet_name"
        " and row._row_number = finding.row_number where finding.finding_id = %s"
    ).format(key=key, value=value, staging=sql.Identifier("staging", contract.table))
    return connection.execute(query, [finding.finding_id]).fetchone() or (
        None,
        f"finding {finding.finding_id}",
    )


def _carry(
    connection: psycopg.Connection,
    contract: Contract,
    rule_id: str,
    column_name: str | None,
    unit_code: str | None = None,
) -> int:
    """Close the open findings of one rule that an accepted explanation of the same unit, key and value answers.

    Of staged submissions; with `unit_code`, of all of that unit's, since its roster may repeat what a change said.
    """
    asked = sql.SQL("s.unit_code = %(unit)s") if unit_code else sql.SQL("s.state = 'staged'")
    query = sql.SQL(
        """with answers as materialized (
            select distinct on (unit_code, key_hash, value_hash) unit_code, key_hash, value_hash, explanation_id
            from ops.explanation
            where is_accepted and key_hash is not null and table_name = %(table)s and rule_id = %(rule)s
                and column_name is not distinct from %(column)s
            order by unit_code, key_hash, value_hash, explanation_id desc
        )
        update ops.finding as finding set explanation_id = answers.explanation_id
        from answers, ops.submission as s, {staging} as row
        where {asked} and s.unit_code = answers.unit_code and s.table_name = %(table)s
            and finding.submission_id = s.submission_id and finding.rule_id = %(rule)s and finding.level = 'W'
            and finding.column_name is not distinct from %(column)s and finding.explanation_id is null
            and row._submission_id = finding.submission_id and row._sheet_name = finding.sheet_name
            and row._row_number = finding.row_number
            and answers.key_hash = {key} and answers.value_hash = {value}"""
    ).format(
        asked=asked,
        staging=sql.Identifier("staging", contract.table),
        key=_key(contract),
        value=_value(contract, rule_id, column_name),
    )
    values = {"table": contract.table, "rule": rule_id, "column": column_name, "unit": unit_code}
    return connection.execute(query, values).rowcount


def _key(contract: Contract) -> sql.Composable:
    return _hash(sql.Identifier("row", name) for name in contract.key)


def _value(contract: Contract, rule_id: str, column_name: str | None) -> sql.Composable:
    """What a rule looks at: its columns as staged, the printed value where the column isn't."""
    rule = next((rule for rule in contract.all_rules if rule.rule_id == rule_id), None)
    names = dict.fromkeys((*(rule.columns if rule else ()), *((column_name,) if column_name else ())))
    staged = {column.name for column in contract.columns} | {"_unit_code"}
    parts = [
        sql.Identifier("row", at) if at in staged else sql.SQL("finding.value_shown")
        for at in (_STAGED_FOR.get(name, name) for name in names)
    ]
    if getattr(rule, "shown", None):
        parts.append(sql.SQL("finding.value_shown"))  # what other rows make of it, such as a sum
    return _hash(parts)


def _hash(parts: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL("md5(row({})::text)").format(sql.SQL(", ").join(parts))

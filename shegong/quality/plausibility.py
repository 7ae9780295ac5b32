"""The questions of expectations/plausibility/: the judged submissions beside what their units have in force.

The queries name these as {judged}, {staged_rows} and {known_rows}.

Which columns are a key or money comes from the contracts; limits come from reference.parameter.
"""

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from shegong import contract as contracts
from shegong.contract import Contract
from shegong.quality import suites
from shegong.quality.suites import Question

_JUDGED = """(
    select submission_id, unit_code, table_name, mode, report_date, rows_total
    from ops.submission where submission_id = any({submissions}::bigint[])
)"""

_STAGED = """
select {table} as table_name, _submission_id as submission_id, _unit_code as unit_code,
    concat_ws('|', {key}) as row_key, {yuan} as yuan
from {relation} where _submission_id = any({submissions}::bigint[]) and row_action is distinct from '3'
"""

_KNOWN = """
select {table} as table_name, _unit_code as unit_code, concat_ws('|', {key}) as row_key, {yuan} as yuan
from {relation}
"""

_NOTHING = """
select ''::text as table_name, ''::text as unit_code, ''::text as row_key, null::numeric as yuan where false
"""

_YUAN = {"yuan": 1, "wan_yuan": 10_000}


def questions(
    connection: psycopg.Connection,
    submissions: Sequence[int],
    tables: Sequence[str],
    limits: Mapping[str, float],
) -> list[Question]:
    """All plausibility suites over these submissions, which are of these tables."""
    declared = [contracts.load()[table] for table in tables]
    names = {
        "judged": sql.SQL(_JUDGED).format(submissions=sql.Literal(list(submissions))),
        "staged_rows": _union([_staged(contract, submissions) for contract in declared]),
        "known_rows": _union([_known(contract) for contract in declared if _is_built(connection, contract)]),
        "orphan_rules": sql.Literal(_orphan_rules(declared)),
        **{name: sql.Literal(value) for name, value in limits.items()},
    }
    made = []
    for suite in suites.read("plausibility"):
        query = sql.SQL(suite["sql"]).format(**names).as_string(connection)
        made.append(Question(suite, query, tuple(suite["meta"]["index"])))
    return made


def _union(parts: list[sql.Composable]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" union all ").join(parts or [sql.SQL(_NOTHING)]))


def _staged(contract: Contract, submissions: Sequence[int]) -> sql.Composable:
    return sql.SQL(_STAGED).format(
        **_named(contract),
        relation=sql.Identifier("staging", contract.table),
        submissions=sql.Literal(list(submissions)),
    )


def _known(contract: Contract) -> sql.Composable:
    return sql.SQL(_KNOWN).format(
        **_named(contract), relation=sql.Identifier("core", f"known_{contract.table}")
    )


def _is_built(connection: psycopg.Connection, contract: Contract) -> bool:
    """Before the first build nothing is in force, and nothing can be implausible against it."""
    return connection.execute(
        "select to_regclass(%s) is not null", [f"core.known_{contract.table}"]
    ).fetchone()[0]


def _named(contract: Contract) -> dict[str, sql.Composable]:
    key = sql.SQL(", ").join(map(sql.Identifier, contract.key))
    return {"table": sql.Literal(contract.table), "key": key, "yuan": _money(contract)}


def _money(contract: Contract) -> sql.Composable:
    """All amounts of a row together, in yuan; null where the table has none."""
    amounts = [
        sql.SQL("coalesce({} * {}, 0)").format(sql.Identifier(field.name), sql.Literal(_YUAN[field.unit]))
        for field in contract.fields
        if field.unit in _YUAN and field.is_staged
    ]
    return sql.SQL("({})").format(sql.SQL(" + ").join(amounts)) if amounts else sql.SQL("null::numeric")


def _orphan_rules(declared: list[Contract]) -> list[str]:
    return [r.rule_id for contract in declared for r in contract.references if r.orphan] or [""]

"""What the plausibility suites' SQL may name: rows and cells of the judged tables, staged and in force, in one shape.

Which columns are a key, money, dates or codes comes from the contracts. Only what a query names is made.
"""

import re
from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from shegong import contract as contracts
from shegong.contract import Contract

# One row per staged row of a judged submission. `yuan`: all its amounts together, null where the table has none.
_STAGED_ROWS = """
select {table} as table_name, _submission_id as submission_id, _unit_code as unit_code,
    concat_ws('|', {key}) as row_key, {yuan} as yuan, row_action is not distinct from '3' as is_withdrawn
from {staging} where _submission_id = any({submissions}::bigint[])
"""

# One row per row in force of a judged table.
_KNOWN_ROWS = """
select {table} as table_name, _unit_code as unit_code, concat_ws('|', {key}) as row_key, {yuan} as yuan
from {known}
"""

# One row per cell of a judged submission, but of its key and of what stands in every table. `value` as text, null where
# the cell is empty; kind code, date or plain.
_STAGED_CELLS = """
select row._submission_id as submission_id, cell.column_title, cell.kind, cell.value
from {staging} as row cross join lateral (values {cells}) as cell (column_title, kind, value)
where row._submission_id = any({submissions}::bigint[])
"""

# The same of the rows in force of units that have sent a full roster.
_KNOWN_CELLS = """
select {table} as table_name, row._unit_code as unit_code, cell.column_title, cell.kind, cell.value
from {known} as row cross join lateral (values {cells}) as cell (column_title, kind, value)
where row._unit_code in (select unit_code from judged where mode = 'S' and table_name = {table})
"""

# The columns of a relation that no judged table has a part in.
_NONE = {
    _STAGED_ROWS: "select '' as table_name, 0::bigint as submission_id, '' as unit_code, '' as row_key, 0.0 as yuan,"
    " false as is_withdrawn where false",
    _KNOWN_ROWS: "select '' as table_name, '' as unit_code, '' as row_key, 0.0 as yuan where false",
    _STAGED_CELLS: "select 0::bigint as submission_id, '' as column_title, '' as kind, '' as value where false",
    _KNOWN_CELLS: "select '' as table_name, '' as unit_code, '' as column_title, '' as kind, '' as value where false",
}

_YUAN = {"yuan": 1, "wan_yuan": 10_000}
# An act or a remark may well be the same in a whole file.
_IN_EVERY_TABLE = ("row_action", "effective_date", "remark", "corrects_key", "id_type")
_KINDS = {"code": "code", "date": "date"}


class Relations:
    """Those of one judging: `submissions`, which are of `tables`."""

    def __init__(
        self, connection: psycopg.Connection, submissions: Sequence[int], tables: Sequence[str]
    ) -> None:
        self._submissions = sql.Literal(list(submissions))
        every = contracts.load()
        # Before the first build nothing is in force, and nothing can be implausible against it.
        self._known = {table: _columns(connection, f"core.known_{table}") for table in every}
        self._tables = [every[table] for table in tables]
        self._made: dict[str, Callable[[], sql.Composable]] = {
            "staged_rows": lambda: self._union(_STAGED_ROWS),
            "known_rows": lambda: self._union(_KNOWN_ROWS),
            "staged_cells": lambda: self._union(_STAGED_CELLS),
            "known_cells": lambda: self._union(_KNOWN_CELLS),
            "orphan_rules": lambda: _list("rule_id", _orphan_rules(self._tables)),
            "daily_tables": lambda: _list("table_name", [t for t in every if every[t].cadence == "daily"]),
        }
        for table in every:
            self._made[f"staged_{table}"] = lambda table=table: self._staged(table)
            self._made[f"known_{table}"] = lambda table=table: self._in_force(table)

    def named_in(self, query: str) -> sql.Composable:
        """The common table expressions that the query names, to stand behind that of `judged`."""
        words = set(re.findall(r"\w+", query))
        return sql.SQL("").join(
            sql.SQL(",\n{} as ({})").format(sql.Identifier(name), make())
            for name, make in self._made.items()
            if name in words
        )

    def _union(self, part: str) -> sql.Composable:
        """The part of each judged table, one below the other."""
        asks_known = "{known}" in part
        parts = [
            sql.SQL(part).format(**self._named(contract, asks_known))
            for contract in self._tables
            if not asks_known or self._known[contract.table]
        ]
        return sql.SQL(" union all ").join(parts) if parts else sql.SQL(_NONE[part])

    def _named(self, contract: Contract, asks_known: bool) -> dict[str, sql.Composable]:
        return {
            "table": sql.Literal(contract.table),
            "key": sql.SQL(", ").join(map(sql.Identifier, contract.key)),
            "yuan": _money(contract),
            # a column that the contract gained since the last build says nothing yet of what is in force
            "cells": _cells(contract, self._known[contract.table] if asks_known else None),
            "submissions": self._submissions,
            "staging": sql.Identifier("staging", contract.table),
            "known": sql.Identifier("core", f"known_{contract.table}"),
        }

    def _staged(self, table: str) -> sql.Composable:
        query = (
            "select * from {} where _submission_id = any({}::bigint[]) and row_action is distinct from '3'"
        )
        return sql.SQL(query).format(sql.Identifier("staging", table), self._submissions)

    def _in_force(self, table: str) -> sql.Composable:
        if self._known[table]:
            return sql.SQL("select * from {}").format(sql.Identifier("core", f"known_{table}"))
        return sql.SQL("select * from {} where false").format(sql.Identifier("staging", table))


def _columns(connection: psycopg.Connection, relation: str) -> set[str]:
    """The relation's columns; none where it is not built yet."""
    query = "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
    return {name for (name,) in connection.execute(query, [relation])}


def _list(column: str, values: list[str]) -> sql.Composable:
    return sql.SQL("select unnest({}::text[]) as {}").format(sql.Literal(values), sql.Identifier(column))


def _money(contract: Contract) -> sql.Composable:
    amounts = [
        sql.SQL("coalesce({} * {}, 0)").format(sql.Identifier(field.name), sql.Literal(_YUAN[field.unit]))
        for field in contract.fields
        if field.unit in _YUAN and field.is_staged
    ]
    return sql.SQL("({})").format(sql.SQL(" + ").join(amounts)) if amounts else sql.SQL("null::numeric")


def _cells(contract: Contract, known: set[str] | None) -> sql.Composable:
    cell, missing = sql.SQL("({}, {}, {}::text)"), sql.SQL("null")
    cells = [
        cell.format(
            sql.Literal(field.header),
            sql.Literal(_KINDS.get(field.type, "plain")),
            sql.Identifier("row", field.name) if known is None or field.name in known else missing,
        )
        for field in contract.fields
        if field.is_staged and field.name not in (*contract.key, *_IN_EVERY_TABLE)
    ]
    if "birth_year" in contract.person_stores:  # the structure of ages, by decades: no clock is needed
        decade = sql.SQL("(row.birth_year / 10 * 10)")
        cells.append(cell.format(sql.Literal("出生年代"), sql.Literal("code"), decade))
    return sql.SQL(", ").join(cells)


def _orphan_rules(declared: list[Contract]) -> list[str]:
    return [r.rule_id for contract in declared for r in contract.references if r.orphan]

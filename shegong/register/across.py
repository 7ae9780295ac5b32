"""A row beside other rows and tables: the rules that contracts state under `across`, one set-based question each.

A rule sees the rows in force as this run will leave them: what was known, and over it what is staged now, by the
order that core gives them. Only the columns that some rule speaks of are gathered.
"""

import re
from functools import cache

from psycopg import sql

from shegong.contract import Across, Contract
from shegong.register.asking import Asking, blamed_field, columns_of, row_set

_SET = re.compile(r"\{(?:(before|batch) )?(\w+)\}")

# Later in business time wins, then the later report, as in core's versions; what core knows came before all others.
_LATEST = """
create temporary table {made} on commit drop as
-- few rows correct another: gathered first, or they are looked for anew beside every row
with corrected as materialized (
    select distinct row._unit_code, row.corrects_key
    from {staging} as row inner join ops.submission as s on s.submission_id = row._submission_id
    where row.corrects_key is not null and s.table_name = {table} and {counts}
)
select {columns} from (
    select distinct on ({key}) * from (
        {core}
        select {staged}, s.report_date as _day, s.sequence, s.version, row._submission_id as _said,
            row.row_action is not distinct from '3' as _gone
        from {staging} as row inner join ops.submission as s on s.submission_id = row._submission_id
        where s.table_name = {table} and {counts} and not exists (
            select from ops.refused_row as r where r.submission_id = row._submission_id
                and r.sheet_name = row._sheet_name and r.row_number = row._row_number)
    ) as every
    order by {key}, effective_date desc nulls last, _day desc nulls last, sequence desc nulls last,
        version desc nulls last, _said desc nulls last
) as latest
where not _gone and not exists (
    select from corrected where corrected.corrects_key = {joined} and corrected._unit_code = latest._unit_code)
"""
_CORE = """select {columns}, null::date as _day, null::integer as sequence, null::integer as version,
            null::bigint as _said, false as _gone from {core} union all"""
_ACCEPTED = "(s.accepted_at is not null and s.built_by is null and s.replaced_at is null)"


def ask_across(asking: Asking, table: Contract, rule: Across) -> None:
    """Tell every staged row that doesn't keep `rule`; withdrawn rows are not asked."""
    beside = [
        sql.SQL(" left join ({of}) as {name} on {match}").format(
            of=_filled(asking, one.of), name=sql.Identifier(one.name), match=sql.SQL(one.match)
        )
        for one in rule.beside
    ]
    asking.tell(
        table,
        rule,
        blamed_field(rule.columns),
        sql.SQL("row.row_action is distinct from '3' and not ({})").format(_filled(asking, rule.ok)),
        beside=sql.Composed(beside),
        shown=sql.SQL(rule.shown) if rule.shown else None,
    )


def _filled(asking: Asking, text: str) -> sql.Composable:
    """The rule's SQL with the run's sets in the places of {table}, {before table} and {batch table}."""
    return sql.SQL(_SET.sub(lambda found: _made(asking, found[1] or "now", found[2]), text))


def _made(asking: Asking, kind: str, name: str) -> str:
    table = asking.contracts[name]
    if kind == "batch":
        asking.make(table)
    elif (kind, name) not in asking.latest:
        asking.latest.add((kind, name))
        _gather(asking, kind, table)
    return f"{kind}_{name}"


def _gather(asking: Asking, kind: str, table: Contract) -> None:
    """before_<table> or now_<table>, with statistics."""
    kept = _asked_columns(table.table, tuple(asking.contracts.values()))
    columns = columns_of((name,) for name in kept)
    view = f"core.known_{table.table}"
    built = asking.connection.execute("select to_regclass(%s) is not null", [view]).fetchone()[0]
    core = sql.SQL(_CORE).format(columns=columns, core=sql.Identifier("core", f"known_{table.table}"))
    made = row_set(kind, table)
    asking.connection.execute(
        sql.SQL(_LATEST).format(
            made=made,
            columns=columns,
            key=columns_of((name,) for name in table.key),
            core=core if built else sql.SQL(""),
            staged=sql.SQL(", ").join(_as_staged(name) for name in kept),
            staging=sql.Identifier("staging", table.table),
            table=sql.Literal(table.table),
            counts=sql.SQL(_ACCEPTED if kind == "before" else f"(s.state = 'staged' or {_ACCEPTED})"),
            joined=sql.SQL("concat_ws('|', {})").format(
                columns_of(("latest", name) for name in table.key if name != "_unit_code")
            ),
        )
    )
    asking.connection.execute(sql.SQL("analyze {}").format(made))


def _as_staged(name: str) -> sql.Composable:
    if name == "effective_date":
        return sql.SQL("coalesce(row.effective_date, s.report_date) as effective_date")
    return sql.Identifier("row", name)


@cache
def _asked_columns(table: str, contracts: tuple[Contract, ...]) -> tuple[str, ...]:
    """Columns of a table that some rule across tables names, with its key and unit."""
    (own,) = [contract for contract in contracts if contract.table == table]
    rules = [rule.sql for contract in contracts for rule in contract.across]
    words = {word for text in rules if table in text for word in re.findall(r"\w+", text)}
    asked = [column.name for column in own.columns if column.name in words]
    return tuple(dict.fromkeys(("_unit_code", "effective_date", *own.key, *asked)))

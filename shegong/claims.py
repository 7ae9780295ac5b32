"""Claims: a second unit says that a person, certificate or credit code is its own. Opened, answered, lapsed.

The unit that had it is asked to confirm, by withdrawing its row, or to dispute, by sending the row again or by a 说明
in its notice or receipt, within five working days; until then, and after silence, the row with the later effective date counts, once. Neither unit is
told the other's name. Telling is claim_notices.py's.
"""

from datetime import datetime, time

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from shegong import contract as contracts
from shegong.calendar import SHANGHAI, WorkCalendar, local_day
from shegong.contract import Contract, UniqueOwner
from shegong.due import DueRules
from shegong.errors import ShegongError
from shegong.register.asking import equal, joined_key

DAYS_TO_ANSWER = 5
CLAIMED = "claimed_elsewhere"

# The other unit's row is what core has in force, or what was accepted since the last build. In one run the file
# that came first is the one that had it. A claim whose last word is the same pair's is no news.
_OPEN = """
insert into ops.claim (table_name, rule_id, row_key, old_unit, old_submission, old_sheet, old_row,
    new_unit, new_submission, new_sheet, new_row, shown, opened_at, answer_until)
select distinct on (row_key, old._unit_code, row._unit_code)
    {table}, {rule}, {key} as row_key, old._unit_code, old._submission_id, old._sheet_name, old._row_number,
    row._unit_code, row._submission_id, row._sheet_name, row._row_number, coalesce(f.value_shown, ''), %(now)s, %(until)s
from ops.finding as f
inner join ops.submission as s on s.submission_id = f.submission_id
inner join {staging} as row on row._submission_id = f.submission_id and row._sheet_name = f.sheet_name and row._row_number = f.row_number
inner join (
    select {columns}, true as is_built from {known} as row {where_known}
    union all
    select {columns}, false from {staging} as row inner join ops.submission as o on o.submission_id = row._submission_id
    where o.table_name = {table} and o.accepted_at is not null and o.built_by is null and o.replaced_at is null
        and row.row_action is distinct from '3' and not exists (
            select from ops.refused_row as r where r.submission_id = row._submission_id
                and r.sheet_name = row._sheet_name and r.row_number = row._row_number)
) as old on {same} and old._unit_code <> row._unit_code and (old.is_built or old._submission_id < row._submission_id)
where s.accepted_at = %(now)s and s.table_name = {table} and f.rule_id = {rule}
    and coalesce((
        select c.old_unit <> old._unit_code or c.new_unit <> row._unit_code
        from ops.claim as c
        where c.rule_id = {rule} and c.row_key = {key}
            and least(c.old_unit, c.new_unit) = least(old._unit_code, row._unit_code)
            and greatest(c.old_unit, c.new_unit) = greatest(old._unit_code, row._unit_code)
        order by (c.state in ('open', 'disputed')) desc, c.claim_id desc limit 1
    ), true)
    -- what the old unit sends while it is asked is its answer
    and not exists (
        select from ops.claim as c where c.rule_id = {rule} and c.row_key = {key} and c.state in ('open', 'disputed')
            and c.old_unit = row._unit_code and c.new_unit = old._unit_code)
order by row_key, old._unit_code, row._unit_code, old.is_built desc, old._submission_id desc
on conflict do nothing
"""

# The first word of either unit since; the old unit's answer, or the new unit's withdrawal.
_ANSWER = """
update ops.claim as c
set state = said.state, closed_at = %(now)s, closed_by = said.closed_by, reason = said.reason, notified_at = null
from (
    select distinct on (claim_id) c.claim_id,
        case when row._unit_code = c.old_unit and row.row_action = '3' then 'confirmed' else 'disputed' end as state,
        'submission ' || row._submission_id as closed_by,
        case when row._unit_code = c.new_unit then '后报的单位已撤销' when row.row_action = '3' then '原单位已撤销'
            else '原单位再次报送' end as reason
    from ops.claim as c
    inner join ops.submission as s on s.table_name = c.table_name and s.unit_code in (c.old_unit, c.new_unit)
        and s.accepted_at > c.opened_at and s.replaced_at is null
    inner join {staging} as row on row._submission_id = s.submission_id and {key} = c.row_key
    where c.state = 'open' and c.rule_id = {rule} and (row._unit_code = c.old_unit or row.row_action = '3')
    order by claim_id, s.accepted_at, row._submission_id, row._row_number
) as said
where c.claim_id = said.claim_id
"""

# What a unit wrote since, beside the claim in its notice or beside the finding in its receipt. Texts stay with the
# bureau: a clerk may have named somebody.
_WROTE = """
select distinct on (c.claim_id) c.claim_id, e.explanation_id
from ops.claim as c
inner join ops.explanation as e
    on e.is_accepted and e.rule_id = c.rule_id and e.unit_code = c.{side} and e.explained_at > c.opened_at
left join ops.finding as f on f.finding_id = e.finding_id
left join {staging} as row on row._submission_id = f.submission_id and row._sheet_name = f.sheet_name
    and row._row_number = f.row_number
where c.state = 'open' and c.rule_id = {rule} and (e.claim_id = c.claim_id or {key} = c.row_key)
order by c.claim_id, e.explained_at, e.explanation_id
"""
_DISPUTE = """
update ops.claim as c
set state = 'disputed', closed_at = %(now)s, closed_by = 'explanation ' || wrote.explanation_id,
    reason = '原单位说明仍属本单位', notified_at = null
from ({wrote}) as wrote where c.claim_id = wrote.claim_id
"""
# The claiming unit's word is no answer: the other one keeps its time, and is told.
_INSIST = """
update ops.claim as c set reason = '该单位已作说明', notified_at = null
from ({wrote}) as wrote where c.claim_id = wrote.claim_id and c.reason is null
"""

_LAPSE = """
update ops.claim set state = 'lapsed', closed_at = %(now)s, closed_by = 'time', notified_at = null,
    reason = '原单位没有在期限内答复，按生效日期较晚的一方计'
where state = 'open' and answer_until < %(now)s
"""


def open_new(connection: psycopg.Connection, now: datetime) -> int:
    """Open the claims that what was accepted at `now` makes; how many. In the transaction that accepts.

    Run again: nothing is opened twice.
    """
    until = _answer_until(connection, now)
    opened = 0
    for table in _accepted_tables(connection, now):
        for rule_id, columns, belongs_to in _kinds(table):
            names = _names(connection, table, rule_id, columns, belongs_to)
            opened += connection.execute(
                sql.SQL(_OPEN).format(**names), {"now": now, "until": until}
            ).rowcount
    return opened


def follow(connection: psycopg.Connection, now: datetime) -> dict[str, int]:
    """Close what was answered since, then what nobody answered in time; how many of each. Run again: nothing changes."""
    answered = 0
    open_rules = connection.execute(
        "select distinct table_name, rule_id from ops.claim where state = 'open' order by 1, 2"
    ).fetchall()
    for name, rule_id in open_rules:
        table = contracts.load()[name]
        columns = next(columns for rule, columns, _ in _kinds(table) if rule == rule_id)
        names = {
            "staging": sql.Identifier("staging", name), "rule": sql.Literal(rule_id), "key": joined_key(columns),
        }  # fmt: skip
        answered += connection.execute(sql.SQL(_ANSWER).format(**names), {"now": now}).rowcount
        for statement, side in ((_DISPUTE, "old_unit"), (_INSIST, "new_unit")):
            wrote = sql.SQL(_WROTE).format(side=sql.Identifier(side), **names)
            done = connection.execute(sql.SQL(statement).format(wrote=wrote), {"now": now}).rowcount
            answered += done if side == "old_unit" else 0
    return {"answered": answered, "lapsed": connection.execute(_LAPSE, {"now": now}).rowcount}


def close(
    connection: psycopg.Connection, now: datetime, claim_id: int, state: str, by: str, reason: str
) -> None:
    """A person's word on an open claim: confirmed or disputed. Raises ShegongError where none is open."""
    changed = connection.execute(
        """update ops.claim set state = %s, closed_at = %s, closed_by = %s, reason = %s, notified_at = null
        where claim_id = %s and state = 'open'""",
        [state, now, by, reason, claim_id],
    ).rowcount
    if not changed:
        raise ShegongError(f"No claim {claim_id} is open.", "`shegong claims` lists them.")


def listed(connection: psycopg.Connection, unit: str | None = None, state: str | None = None) -> list[dict]:
    """Claims, the newest first, of a unit on either side and in a state, if given."""
    query = """select claim_id, table_name, shown, old_unit, new_unit, state, opened_at, answer_until, closed_at, closed_by, reason,
            (select e.text from ops.explanation as e where 'explanation ' || e.explanation_id = c.closed_by) as written
        from ops.claim as c
        where (%(unit)s::text is null or %(unit)s in (old_unit, new_unit)) and (%(state)s::text is null or state = %(state)s)
        order by opened_at desc, claim_id desc"""
    return connection.cursor(row_factory=dict_row).execute(query, {"unit": unit, "state": state}).fetchall()


def _answer_until(connection: psycopg.Connection, now: datetime) -> datetime:
    calendar, rules = WorkCalendar.from_database(connection), DueRules.from_database(connection)
    day = calendar.add_workdays(local_day(now), DAYS_TO_ANSWER)
    return datetime.combine(day, time(rules.due_hour), SHANGHAI)


def _accepted_tables(connection: psycopg.Connection, now: datetime) -> list[Contract]:
    query = "select distinct table_name from ops.submission where accepted_at = %s order by 1"
    return [contracts.load()[name] for (name,) in connection.execute(query, [now])]


def _kinds(table: Contract) -> list[tuple[str, tuple[str, ...], str | None]]:
    """(rule, columns that are claimed, column that must differ) of what a table's rows can claim."""
    owned = [(owner.rule_id, owner.columns, owner.belongs_to) for owner in _across_units(table)]
    by_key = [] if "_unit_code" in table.key else [(f"{table.table}.{CLAIMED}", table.key, None)]
    return by_key + owned


def _across_units(table: Contract) -> list[UniqueOwner]:
    return [owner for owner in table.unique_owner if "_unit_code" not in owner.columns]


def _names(
    connection: psycopg.Connection,
    table: Contract,
    rule_id: str,
    columns: tuple[str, ...],
    belongs_to: str | None,
) -> dict[str, sql.Composable]:
    view = f"core.known_{table.table}"
    built = connection.execute("select to_regclass(%s) is not null", [view]).fetchone()[0]
    staging = sql.Identifier("staging", table.table)
    own = dict.fromkeys(
        (
            *columns,
            *([belongs_to] if belongs_to else ()),
            "_unit_code",
            "_submission_id",
            "_sheet_name",
            "_row_number",
        )
    )
    same = equal("old", "row", columns)
    if belongs_to:
        same += sql.SQL(" and old.{0} <> row.{0}").format(sql.Identifier(belongs_to))
    return {
        "table": sql.Literal(table.table), "rule": sql.Literal(rule_id), "staging": staging, "same": same,
        "key": joined_key(columns), "known": sql.Identifier("core", f"known_{table.table}") if built else staging,
        "where_known": sql.SQL("" if built else "where false"),
        "columns": sql.SQL(", ").join(sql.Identifier("row", name) for name in own),
    }  # fmt: skip

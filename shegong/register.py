"""The register: what a row means beside all others. Keys, owners and references, once for all staged submissions.

It reads staging and what core knew before (core.known_<table>), writes findings and refused rows, and may run again
at any time: it first takes back what it said of the same submissions.
"""

from datetime import datetime

import psycopg
from psycopg import sql

from shegong import contract as contracts_module
from shegong.contract import Contract, Reference, UniqueOwner
from shegong.database import connect
from shegong.settings import Settings

_TEXTS = {
    "new_known_key": ("N", "操作类型是新增，但这个主键已经报过，按变更处理", "无需处理；今后请填写 变更"),
    "update_unknown_key": ("N", "操作类型是变更，但这个主键没有报过，按新增处理", "请核对主键是否填错；没有错的无需处理"),
    "withdraw_unknown_key": ("E", "要撤销的主键没有报过", "请核对主键"),
    "withdraw_foreign": ("E", "要撤销的是其他单位报送的数据", "本单位不能撤销；有疑问请联系省里"),
    "correct_unknown_key": ("E", "更正原主键没有报过", "请核对更正原主键"),
    "claimed_elsewhere": ("W", "另有单位也报送了同一对象", "请核实是否仍属本单位；按生效日期较晚的一方计，只计一次"),
    "name_differs": ("W", "姓名与人才花名册中的不一致", "请核对姓名和证件号码，可能整列错位"),
}
_NIL = ("零报告与同一天的数据文件矛盾", "当天已报送该表的数据，零报告不起作用；请核对")


def register(settings: Settings, now: datetime) -> dict[str, int]:
    """Ask every staged submission's rows; findings by rule id. One transaction, a run at a time."""
    with connect(settings.dsn["loader"]) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('shegong register'))")
        _take_back(connection)
        connection.execute("create temporary table told (like ops.finding including defaults) on commit drop")
        connection.execute("alter table told alter finding_id drop not null, alter text drop not null, alter mend drop not null")
        for table in contracts_module.load().values():
            if _has_staged(connection, table):
                _ask(connection, table)
        _ask_nil(connection)
        return _write(connection)


def _take_back(connection: psycopg.Connection) -> None:
    staged = "submission_id in (select submission_id from ops.submission where state in ('staged', 'nil') and built_by is null)"
    connection.execute(f"delete from ops.finding where check_class = 'register' and {staged}")  # noqa: S608 no input in it
    connection.execute(
        f"""update ops.submission as s set rows_accepted = s.rows_accepted + r.rows, rows_refused = s.rows_refused - r.rows
        from (select submission_id, count(*) as rows from ops.refused_row where check_class = 'register' and {staged} group by 1) as r
        where r.submission_id = s.submission_id"""  # noqa: S608
    )
    connection.execute(f"delete from ops.refused_row where check_class = 'register' and {staged}")  # noqa: S608


def _has_staged(connection: psycopg.Connection, table: Contract) -> bool:
    query = "select exists (select from ops.submission where table_name = %s and state = 'staged')"
    return connection.execute(query, [table.table]).fetchone()[0]


def _ask(connection: psycopg.Connection, table: Contract) -> None:
    key = _columns(table.key)
    known, batch = _known(connection, table), _batch(table)
    same = _equal("row", "known", table.key)
    checks = [
        ("new_known_key", sql.SQL("row._mode = 'D' and row.row_action = '1' and exists (select from {known} where {same})")),
        ("update_unknown_key", sql.SQL("row._mode = 'D' and row.row_action = '2' and not exists (select from {known} where {same})"
                                       " and not exists (select from {batch} as known where {same} and known.row_action = '1')")),
        ("withdraw_unknown_key", sql.SQL("row.row_action = '3' and not exists (select from {known} where {same})")),
        ("withdraw_foreign", sql.SQL("row.row_action = '3' and exists (select from {known} where {same} and known._unit_code <> row._unit_code)"
                                     " and not exists (select from {known} where {same} and known._unit_code = row._unit_code)")),
    ]  # fmt: skip
    if "_unit_code" not in table.key:
        checks.append(("claimed_elsewhere", sql.SQL(
            "row.row_action is distinct from '3' and (exists (select from {known} where {same} and known._unit_code <> row._unit_code)"
            " or exists (select from {batch} as known where {same} and known._unit_code <> row._unit_code and known.row_action is distinct from '3'))"
        )))  # fmt: skip
    for name, condition in checks:
        _tell(connection, table, name, _blamed(table, table.key), condition.format(known=known, batch=batch, same=same))
    _ask_corrections(connection, table, known, key)
    if table.has_person:
        _ask_names(connection, table)
    for reference in table.references:
        _ask_reference(connection, table, reference)
    for owner in table.unique_owner:
        _ask_owner(connection, table, owner, known, batch)


def _ask_corrections(connection: psycopg.Connection, table: Contract, known: sql.Composable, key: sql.Composable) -> None:
    own = [name for name in table.key if name != "_unit_code"]
    joined = sql.SQL("concat_ws('|', {})").format(sql.SQL(", ").join(sql.Identifier("known", name) for name in own))
    condition = sql.SQL("row.corrects_key is not null and not exists (select from {} where {} = row.corrects_key and known._unit_code = row._unit_code)")
    _tell(connection, table, "correct_unknown_key", "corrects_key", condition.format(known, joined))


def _ask_names(connection: psycopg.Connection, table: Contract) -> None:
    talent = contracts_module.load()["talent"]
    known = _known(connection, talent)
    sources = [known] if table.table == "talent" else [known, sql.SQL("{} as known").format(_batch(talent))]
    person = sql.SQL("known.person_key = row.person_key and known.name_key is not null")
    some = sql.SQL(" or ").join(sql.SQL("exists (select from {} where {} and known.name_key <> row.name_key)").format(s, person) for s in sources)
    same = sql.SQL(" or ").join(sql.SQL("exists (select from {} where {} and known.name_key = row.name_key)").format(s, person) for s in sources)
    _tell(connection, table, "name_differs", "person_name", sql.SQL("row.name_key is not null and ({}) and not ({})").format(some, same))


def _ask_reference(connection: psycopg.Connection, table: Contract, reference: Reference) -> None:
    given = sql.SQL(" and ").join(sql.SQL("{} is not null").format(sql.Identifier("row", name)) for name in reference.columns)
    match = sql.SQL(" and ").join(
        sql.SQL("known.{} = row.{}").format(sql.Identifier(there), sql.Identifier(here))
        for here, there in zip(reference.columns, reference.parent_columns, strict=True)
    )
    # `open` speaks of the parent's columns, and of the row's as child.<column>
    opened = sql.SQL(" and ({})").format(sql.SQL(_parent_sql(reference.open))) if reference.open else sql.SQL("")
    where = sql.SQL(" and ({})").format(sql.SQL(reference.where)) if reference.where else sql.SQL("")
    found = sql.SQL(" or ").join(
        sql.SQL("exists (select from {source} where {match}{opened})").format(source=source, match=match, opened=opened)
        for source in _parents(connection, reference.parent)
    )
    condition = sql.SQL("row.row_action is distinct from '3' and {}{} and not ({})").format(given, where, found)
    name = reference.rule_id.split(".", 1)[1]
    _tell(connection, table, name, _blamed(table, reference.columns), condition, reference)


def _parent_sql(text: str) -> str:
    return text.replace("child.", "row.").replace("status", "known.status").replace("close_date", "known.close_date")


def _parents(connection: psycopg.Connection, parent: str) -> list[sql.Composable]:
    if parent == "township":
        return [sql.SQL("reference.township as known")]
    table = contracts_module.load()[parent]
    return [_known(connection, table), sql.SQL("{} as known").format(_batch(table, "row_action is distinct from '3'"))]


def _ask_owner(connection: psycopg.Connection, table: Contract, owner: UniqueOwner, known: sql.Composable, batch: sql.Composable) -> None:
    same = _equal("row", "known", owner.columns)
    other = sql.Identifier(owner.belongs_to)
    condition = sql.SQL(
        "row.row_action is distinct from '3' and (exists (select from {known} where {same} and known.{other} <> row.{other})"
        " or exists (select from {batch} as known where {same} and known.{other} <> row.{other} and known.row_action is distinct from '3'))"
    ).format(known=known, batch=batch, same=same, other=other)
    _tell(connection, table, owner.rule_id.split(".", 1)[1], _blamed(table, owner.columns), condition, owner)


def _known(connection: psycopg.Connection, table: Contract) -> sql.Composed:
    """What was in force before this run, as `known`: core's current rows, and accepted rows that core hasn't built yet."""
    columns = _columns(dict.fromkeys(["_unit_code", *(column.name for column in table.columns)]))
    accepted = sql.SQL(
        "select {} from {} as staged where _submission_id in (select submission_id from ops.submission"
        " where table_name = {} and accepted_at is not null and built_by is null and replaced_at is null)"
        " and row_action is distinct from '3'"
    ).format(columns, sql.Identifier("staging", table.table), sql.Literal(table.table))
    view = sql.Identifier("core", f"known_{table.table}")
    exists = connection.execute("select to_regclass(%s) is not null", [f"core.known_{table.table}"]).fetchone()[0]
    parts = [accepted] + ([sql.SQL("select {} from {}").format(columns, view)] if exists else [])
    return sql.SQL("({}) as known").format(sql.SQL(" union all ").join(parts))


def _batch(table: Contract, where: str = "true") -> sql.Composed:
    """The rows of staged submissions."""
    return sql.SQL(
        "(select staged.*, s.mode as _mode from {} as staged inner join ops.submission as s on s.submission_id = staged._submission_id"
        " where s.state = 'staged' and {})"
    ).format(sql.Identifier("staging", table.table), sql.SQL(where))


def _columns(names) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _equal(one: str, other: str, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(" and ").join(sql.SQL("{} = {}").format(sql.Identifier(one, c), sql.Identifier(other, c)) for c in columns)


def _blamed(table: Contract, columns: tuple[str, ...]) -> str:
    """The field of the file that a staged column comes from; a person is blamed at the document number."""
    first = next(name for name in columns if name != "_unit_code")
    return "id_no" if first == "person_key" else first


def _tell(
    connection: psycopg.Connection,
    table: Contract,
    name: str,
    blamed: str,
    condition: sql.Composable,
    rule: Reference | UniqueOwner | None = None,
) -> None:
    """Note every staged row that meets `condition`, at the column as it is printed in the file."""
    level, text, mend = (rule.level, rule.text, rule.mend) if rule else _TEXTS[name]
    personal = {"id_no": "person_mask", "person_name": None, "corrects_key": None}.get(blamed, blamed)
    value = sql.SQL("{}::text").format(sql.Identifier("row", personal)) if personal else sql.SQL("null")
    connection.execute(
        sql.SQL(
            """insert into told (submission_id, check_class, rule_id, level, sheet_name, row_number, column_name,
                column_letter, header, value_shown, text, mend)
            select row._submission_id, 'register', {rule}, {level}, row._sheet_name, row._row_number, {column},
                s.layout -> {column} ->> 0, s.layout -> {column} ->> 1, {value}, {text}, {mend}
            from {batch} as row inner join ops.submission as s on s.submission_id = row._submission_id where {condition}"""
        ).format(
            rule=sql.Literal(f"{table.table}.{name}"), level=sql.Literal(level), column=sql.Literal(blamed), value=value,
            text=sql.Literal(text), mend=sql.Literal(mend), batch=_batch(table), condition=condition,
        )  # fmt: skip
    )


def _ask_nil(connection: psycopg.Connection) -> None:
    """A nil report for a table that has data of the same unit and day: told on the nil report."""
    connection.execute(
        """insert into told (submission_id, check_class, rule_id, level, sheet_name, text, mend)
        select nil.submission_id, 'register', 'file.nil_contradiction', 'W', nil.sheet_name, %s, %s
        from ops.submission as nil where nil.state = 'nil' and nil.built_by is null and exists (
            select from ops.submission as data where data.unit_code = nil.unit_code and data.table_name = nil.table_name
            and data.report_date = nil.report_date and data.state in ('staged', 'accepted', 'partly_accepted', 'held'))""",
        _NIL,
    )


def _write(connection: psycopg.Connection) -> dict[str, int]:
    """What was told becomes findings; rows with an E among them are refused, and counted so."""
    columns = sql.SQL(
        "submission_id, check_class, rule_id, level, sheet_name, row_number, column_letter, column_name, header, value_shown, text, mend"
    )
    connection.execute(sql.SQL("insert into ops.finding ({0}) select {0} from told").format(columns))
    connection.execute(
        """with refused as (
            insert into ops.refused_row (submission_id, sheet_name, row_number, check_class)
            select distinct submission_id, sheet_name, row_number, 'register' from told where level = 'E'
            on conflict do nothing returning submission_id
        ), counted as (select submission_id, count(*) as rows from refused group by 1)
        update ops.submission as s set rows_accepted = s.rows_accepted - c.rows, rows_refused = s.rows_refused + c.rows
        from counted as c where c.submission_id = s.submission_id"""
    )
    return dict(connection.execute("select rule_id, count(*) from told group by 1 order by 1").fetchall())

"""A full roster beside what its unit has in force: new, changed, gone; what is missing twice is told, never deleted.

Counts go to ops.roster_change, the missing keys to ops.roster_missing, both for the receipt and for the judge.
A roster that is older than one that counts already says nothing about the present and is not compared.
"""

from psycopg import sql

from shegong.contract import Contract
from shegong.register.asking import Asking, Question, columns_of, joined_key, row_set
from shegong.render.dbt_source import content_columns

MISSING = Question(
    "missing_twice",
    "W",
    "连续两次全量表都没有这一行，目前仍计入统计",
    "不再属于本单位或已注销的，请报送撤销；仍在册的，请补入全量表（在退回行里的，更正后补报）",
)

# Rows of unbuilt submissions come after what core knows, in their own order; withdrawn ones are gone.
_IN_FORCE = """
create temporary table {force} on commit drop as
select * from (
    select distinct on (row_key) * from (
        select {key} as row_key, {content} as content_hash, {own}, 0 as said, false as is_withdrawn from {known} as row
        {where_known}
        union all
        select {key}, {content}, {own}, row_number() over (order by s.report_date, s.sequence, s.version, s.submission_id, row._row_number),
            row.row_action is not distinct from '3'
        from {staging} as row inner join ops.submission as s on s.submission_id = row._submission_id
        where s.table_name = {table} and s.accepted_at is not null and s.built_by is null and s.replaced_at is null
            and not exists (select from ops.refused_row as r where r.submission_id = row._submission_id
                and r.sheet_name = row._sheet_name and r.row_number = row._row_number)
    ) as every order by row_key, said desc
) as latest where not is_withdrawn
"""

_ROSTERS = """
create temporary table {rosters} on commit drop as
select s.submission_id, s.unit_code, s.report_date, s.sequence, earlier.submission_id as before, earlier.report_date as before_date
from ops.submission as s
left join lateral (
    select e.submission_id, e.report_date from ops.submission as e
    where e.unit_code = s.unit_code and e.table_name = s.table_name and e.mode = 'S'
        and e.state in ('accepted', 'partly_accepted') and (e.report_date, e.sequence) < (s.report_date, s.sequence)
    order by e.report_date desc, e.sequence desc, e.version desc, e.submission_id desc limit 1
) as earlier on true
where s.state = 'staged' and s.mode = 'S' and s.table_name = {table} and not exists (
    select from ops.submission as later where later.unit_code = s.unit_code and later.table_name = s.table_name
        and later.mode = 'S' and later.state in ('accepted', 'partly_accepted') and later.report_date > s.report_date)
"""

_CHANGES = """
insert into ops.roster_change (submission_id, rows_before, rows_new, rows_changed, rows_same, rows_gone)
select r.submission_id,
    count(*) filter (where c.before is not null), count(*) filter (where c.now is not null and c.before is null),
    count(*) filter (where c.now <> c.before), count(*) filter (where c.now = c.before),
    count(*) filter (where c.now is null and c.before is not null)
from {rosters} as r
left join lateral (
    select b.content_hash as now, f.content_hash as before
    from (select * from {listed} where submission_id = r.submission_id) as b
    full join (select * from {force} where _unit_code = r.unit_code) as f on f.row_key = b.row_key
) as c on true
group by r.submission_id
"""

# A key that came again after the roster before, in whatever file, is missing for the first time.
_GONE = """
insert into ops.roster_missing (submission_id, row_key, times, stood_in, sheet_name, row_number, person_mask)
select r.submission_id, f.row_key, 1 + coalesce(m.times, 0), f._submission_id, f._sheet_name, f._row_number, {mask}
from {rosters} as r inner join {force} as f on f._unit_code = r.unit_code
left join ops.roster_missing as m on m.submission_id = r.before and m.row_key = f.row_key and not exists (
    select from {staging} as row inner join ops.submission as s on s.submission_id = row._submission_id
    where s.table_name = {table} and s.unit_code = r.unit_code and s.accepted_at is not null and s.report_date > r.before_date
        and row._submission_id > r.before and {key} = f.row_key and row.row_action is distinct from '3')
where not exists (select from {listed} as b where b.submission_id = r.submission_id and b.row_key = f.row_key)
"""

_TELL = """
insert into told (submission_id, rule_id, level, sheet_name, column_name, value_shown, text, mend)
select m.submission_id, {rule}, {level}, s.sheet_name, {blamed},
    concat(coalesce(m.person_mask || '，', ''), '上次在 ', d.file_name, nullif(concat(' 工作表 ', m.sheet_name), ' 工作表 '), ' 第 ', m.row_number, ' 行'),
    {text}, {mend}
from ops.roster_missing as m
inner join {rosters} as r on r.submission_id = m.submission_id
inner join ops.submission as s on s.submission_id = m.submission_id
inner join ops.submission as stood on stood.submission_id = m.stood_in
inner join ops.delivery as d on d.delivery_id = stood.delivery_id
where m.times >= 2
"""


def ask_rosters(asking: Asking, table: Contract) -> None:
    """Compare every staged roster of the table with what its unit has in force. Needs batch_<table>."""
    connection = asking.connection
    names = _names(asking, table)
    if not connection.execute(
        sql.SQL("select exists (select from {batch} where _mode = 'S')").format(**names)
    ).fetchone()[0]:
        return
    for statement in (_IN_FORCE, _ROSTERS):
        connection.execute(sql.SQL(statement).format(**names))
    connection.execute(
        sql.SQL(
            "create temporary table {listed} on commit drop as select distinct on (row._submission_id, {key})"
            " row._submission_id as submission_id, {key} as row_key, {content} as content_hash from {batch} as row where row._mode = 'S'"
        ).format(**names)
    )
    connection.execute(sql.SQL("analyze {force}; analyze {listed}").format(**names))
    for statement in (_CHANGES, _GONE, _TELL):
        connection.execute(sql.SQL(statement).format(**names))


def take_back(asking: Asking) -> None:
    """Forget the comparisons of submissions that are asked again."""
    for name in ("roster_change", "roster_missing"):
        asking.connection.execute(
            sql.SQL("delete from ops.{} where submission_id in (select submission_id from asked)").format(
                sql.Identifier(name)
            )
        )


def _names(asking: Asking, table: Contract) -> dict[str, sql.Composable]:
    view = sql.Identifier("core", f"known_{table.table}")
    built = _columns(asking, f"core.known_{table.table}")
    staging = sql.Identifier("staging", table.table)
    # a column that the contract gained since the last build says nothing yet of what is in force
    compared = [c for c in content_columns(table) if not built or c in built]
    own = ["_submission_id", "_unit_code", "_sheet_name", "_row_number"] + ["person_mask"] * table.has_person
    return {
        "force": row_set("force", table), "rosters": row_set("rosters", table), "listed": row_set("listed", table),
        "batch": row_set("batch", table), "staging": staging, "table": sql.Literal(table.table),
        "known": view if built else staging, "where_known": sql.SQL("" if built else "where false"),
        "key": joined_key(table.key), "own": columns_of(("row", name) for name in own),
        "content": sql.SQL("md5(row({})::text)").format(columns_of(("row", name) for name in compared)),
        "mask": sql.SQL("f.person_mask" if table.has_person else "null"),
        "rule": sql.Literal(f"{table.table}.{MISSING.name}"), "level": sql.Literal(MISSING.level),
        "text": sql.Literal(MISSING.text), "mend": sql.Literal(MISSING.mend),
        "blamed": sql.Literal("id_no" if "person_key" in table.key else next(n for n in table.key if n != "_unit_code")),
    }  # fmt: skip


def _columns(asking: Asking, relation: str) -> set[str]:
    """The relation's columns; none where it is not built yet."""
    query = "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
    return {name for (name,) in asking.connection.execute(query, [relation])}

"""What was read again is not asked again what depends on the day when it came: the answers of then are taken over.

By now its own rows are known, and a row that it withdrew is not; every such question would be answered wrongly. Of a
row that a later file has taken the place of, all answers are taken over: what is in force now is nothing to it.
Rows that the earlier reading refused are new here and keep their answers.
"""

from psycopg import sql

from shegong.register.asking import Asking

# asked of keys, of rosters beside what was in force, and of a file's place among those before
_OF_ITS_DAY = (
    "new_known_key", "update_unknown_key", "withdraw_unknown_key", "withdraw_foreign", "correct_unknown_key",
    "missing_twice", "older_version", "sequence_used_roster", "sequence_used", "repeated_rows", "same_as_earlier",
    "same_as_other_unit", "older_than_roster",
)  # fmt: skip
_READ_BEFORE = """
create temporary table read_before on commit drop as
select s.submission_id, s.replay_of, s.table_name from ops.submission as s
inner join ops.submission as e on e.submission_id = s.replay_of
where s.state = 'staged' and e.contract_version is not null
"""
_PASSED_BY = """
insert into passed_by
select r.submission_id, row._sheet_name, row._row_number
from read_before as r
inner join ops.submission as e on e.submission_id = r.replay_of and e.built_by is not null and e.replaced_at is null
inner join {staging} as row on row._submission_id = r.replay_of
where r.table_name = {table} and not exists (
    select from {known} as known where known._submission_id = row._submission_id
        and known._sheet_name = row._sheet_name and known._row_number = row._row_number)
and not exists (
    select from ops.refused_row as was where was.submission_id = row._submission_id
        and was.sheet_name = row._sheet_name and was.row_number = row._row_number)
"""
_OWN_WORD = "(split_part({0}.rule_id, '.', 2) = any(%(rules)s) or {0}.rule_id = any(%(across)s))"
_IS_PASSED_BY = """exists (select from passed_by as p where p.submission_id = r.submission_id
    and p.sheet_name = {0}.sheet_name and p.row_number = {0}.row_number)"""
_FORGET = f"""
delete from told as t using read_before as r
where t.submission_id = r.submission_id and ({_IS_PASSED_BY.format("t")} or ({_OWN_WORD.format("t")} and (
    t.row_number is null or not exists (
        select from ops.refused_row as was where was.submission_id = r.replay_of and was.check_class = 'file'
            and was.sheet_name = t.sheet_name and was.row_number = t.row_number))))
"""  # noqa: S608 words of this module
_TAKE_OVER = f"""
insert into told (submission_id, rule_id, level, sheet_name, row_number, column_name, value_shown, text, mend)
select r.submission_id, f.rule_id, f.level, f.sheet_name, f.row_number, f.column_name, f.value_shown, f.text, f.mend
from ops.finding as f inner join read_before as r on r.replay_of = f.submission_id
where f.check_class = 'register' and ({_OWN_WORD.format("f")} or {_IS_PASSED_BY.format("f")}) and not exists (
    select from ops.refused_row as now where now.submission_id = r.submission_id and now.check_class = 'file'
        and now.sheet_name = f.sheet_name and now.row_number = f.row_number)
"""  # noqa: S608 words of this module
_ROSTERS = (
    "delete from ops.roster_change as c using read_before as r where c.submission_id = r.submission_id",
    "delete from ops.roster_missing as m using read_before as r where m.submission_id = r.submission_id",
    """insert into ops.roster_change (submission_id, rows_before, rows_new, rows_changed, rows_same, rows_gone)
    select r.submission_id, c.rows_before, c.rows_new, c.rows_changed, c.rows_same, c.rows_gone
    from ops.roster_change as c inner join read_before as r on r.replay_of = c.submission_id""",
    """insert into ops.roster_missing (submission_id, row_key, times, stood_in, sheet_name, row_number, person_mask)
    select r.submission_id, m.row_key, m.times, m.stood_in, m.sheet_name, m.row_number, m.person_mask
    from ops.roster_missing as m inner join read_before as r on r.replay_of = m.submission_id""",
)


def take_over(asking: Asking) -> None:
    """Put the earlier answers in the place of today's; after all questions, before they are written."""
    asking.connection.execute(_READ_BEFORE)
    _note_passed_by(asking)
    across = [r.rule_id for table in asking.contracts.values() for r in table.across if r.is_of_its_day]
    for statement in (_FORGET, _TAKE_OVER):
        asking.connection.execute(statement, {"rules": list(_OF_ITS_DAY), "across": across})
    for statement in _ROSTERS:
        asking.connection.execute(statement)


def _note_passed_by(asking: Asking) -> None:
    """Rows of earlier readings that were in force and are so no more."""
    connection = asking.connection
    connection.execute(
        "create temporary table passed_by (submission_id bigint, sheet_name text, row_number integer) on commit drop"
    )
    query = """select distinct table_name from read_before
        where to_regclass('core.known_' || table_name) is not null order by 1"""
    for (table,) in connection.execute(query).fetchall():
        connection.execute(
            sql.SQL(_PASSED_BY).format(
                table=sql.Literal(table),
                staging=sql.Identifier("staging", table),
                known=sql.Identifier("core", f"known_{table}"),
            )
        )

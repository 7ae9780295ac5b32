"""What was read again is not asked again what depends on the day when it came: the answers of then are taken over.

By now its own rows are known, and a row that it withdrew is not; every such question would be answered wrongly.
Rows that the earlier reading refused are new here and keep their answers.
"""

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
_OWN_WORD = "split_part({}.rule_id, '.', 2) = any(%(rules)s)"
_FORGET = f"""
delete from told as t using read_before as r
where t.submission_id = r.submission_id and {_OWN_WORD.format("t")} and (
    t.row_number is null or not exists (
        select from ops.refused_row as was where was.submission_id = r.replay_of and was.check_class = 'file'
            and was.sheet_name = t.sheet_name and was.row_number = t.row_number))
"""  # noqa: S608 two words of this module
_TAKE_OVER = f"""
insert into told (submission_id, rule_id, level, sheet_name, row_number, column_name, value_shown, text, mend)
select r.submission_id, f.rule_id, f.level, f.sheet_name, f.row_number, f.column_name, f.value_shown, f.text, f.mend
from ops.finding as f inner join read_before as r on r.replay_of = f.submission_id
where f.check_class = 'register' and {_OWN_WORD.format("f")} and not exists (
    select from ops.refused_row as now where now.submission_id = r.submission_id and now.check_class = 'file'
        and now.sheet_name = f.sheet_name and now.row_number = f.row_number)
"""  # noqa: S608 two words of this module
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
    for statement in (_FORGET, _TAKE_OVER):
        asking.connection.execute(statement, {"rules": list(_OF_ITS_DAY)})
    for statement in _ROSTERS:
        asking.connection.execute(statement)

"""A nil report beside the data of the same day, whichever came first: told on the nil, and on data that came later."""

from shegong.register.asking import Asking

_NIL = ("零报告与同一天的数据文件矛盾", "当天已报送该表的数据，零报告不起作用；请核对")
_DATA = ("当天此前报过该表的零报告；以本文件为准，零报告不再起作用", "无需处理；零报告报错的不必更正")


def ask_nil(asking: Asking) -> None:
    """A nil report for a table that has data of the same unit and day."""
    asking.connection.execute(
        """insert into told (submission_id, rule_id, level, sheet_name, text, mend)
        select nil.submission_id, 'file.nil_contradiction', 'W', nil.sheet_name, %s, %s
        from ops.submission as nil inner join asked using (submission_id)
        where nil.state = 'nil' and exists (
            select from ops.submission as data
            where data.unit_code = nil.unit_code and data.table_name = nil.table_name
                and data.report_date = nil.report_date and data.state in ('staged', 'accepted', 'partly_accepted', 'held'))""",
        _NIL,
    )
    asking.connection.execute(
        """insert into told (submission_id, rule_id, level, sheet_name, text, mend)
        select data.submission_id, 'file.after_nil', 'N', data.sheet_name, %s, %s
        from ops.submission as data
        where data.state = 'staged' and exists (
            select from ops.submission as nil
            where data.unit_code = nil.unit_code and data.table_name = nil.table_name
                and data.report_date = nil.report_date and nil.state = 'nil' and nil.received_at < data.received_at)""",
        _DATA,
    )

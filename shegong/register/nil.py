"""A nil report beside the data of the same day."""

from shegong.register.asking import Asking

_NIL = ("零报告与同一天的数据文件矛盾", "当天已报送该表的数据，零报告不起作用；请核对")


def ask_nil(asking: Asking) -> None:
    """A nil report for a table that has data of the same unit and day: told on the nil report."""
    asking.connection.execute(
        """insert into told (submission_id, rule_id, level, sheet_name, text, mend)
        select nil.submission_id, 'file.nil_contradiction', 'W', nil.sheet_name, %s, %s
        from ops.submission as nil where nil.state = 'nil' and nil.built_by is null and exists (
            select from ops.submission as data where data.unit_code = nil.unit_code and data.table_name = nil.table_name
            and data.report_date = nil.report_date and data.state in ('staged', 'accepted', 'partly_accepted', 'held'))""",
        _NIL,
    )

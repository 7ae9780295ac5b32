"""A file's place among those that came before: the same again, a version without its first, older than a roster.

Everything here is told on the submission as a whole and refuses no row: what the house did with it is the text.
"""

from dataclasses import dataclass

from psycopg import sql

from shegong.contract import Contract
from shegong.register.asking import Asking, row_set
from shegong.render.dbt_source import content_columns

# So few rows may well say the same in two counties.
_FEWEST_ROWS = 3


@dataclass(frozen=True)
class _Place:
    """`met` speaks of the submission as `s` and of the other one as `o`; `text` may hold {file} and {date} of `o`."""

    name: str
    level: str
    met: str
    text: str
    mend: str


_CAME = "o.state in ('staged', 'accepted', 'partly_accepted', 'held', 'replaced')"
_OWN = f"o.unit_code = s.unit_code and {_CAME} and o.delivery_id <> s.delivery_id"
_EARLIER = f"{_OWN} and o.submission_id < s.submission_id"
_SAME_NUMBER = "o.mode = s.mode and o.report_date = s.report_date and o.sequence = s.sequence"
_PLACES = (
    _Place(
        "older_version", "N", f"{_OWN} and {_SAME_NUMBER} and o.version > s.version",
        "已收到较新的版本（{file}），本文件由它替换，不再计入",
        "无需处理；要再更正，请报送更高的版次",
    ),
    _Place(
        "sequence_used_roster", "W",
        f"{_EARLIER} and {_SAME_NUMBER} and o.version = s.version and s.mode = 'S' and o.content_key <> s.content_key",
        "同一天同一序号的全量表已报过一份（{file}），内容不同；两份都已接收，同一对象以后收到的为准",
        "请核对哪一份是对的；要替换前一份，请在“替换”处填版次（文件名加 v2）重新报送",
    ),
    # Rows that a receipt gave back carry a sequence above 50: two rounds of them share one and are no mistake.
    _Place(
        "sequence_used", "N",
        f"{_EARLIER} and {_SAME_NUMBER} and o.version = s.version and s.mode = 'D' and o.content_key <> s.content_key and s.sequence <= 50",
        "同一天同一序号已报过一份（{file}），内容不同；两份都已接收，按两份变更计入",
        "确是两份变更的无需处理；要替换前一份，请在“替换”处填版次（文件名加 v2）重新报送",
    ),
    _Place(
        "repeated_rows", "N", f"{_EARLIER} and o.report_date = s.report_date and o.content_key = s.content_key",
        "各行与同一填报日期已收到的 {file} 完全相同；已接收，不重复计数",
        "无需处理",
    ),
    _Place(
        "same_as_earlier", "W",
        f"{_EARLIER} and o.report_date <> s.report_date and o.content_key = s.content_key and (s.mode = 'D' or exists ("
        "select from ops.roster_change as c where c.submission_id = s.submission_id and c.rows_new + c.rows_changed + c.rows_gone > 0))",
        "各行与填报日期为 {date} 的 {file} 完全相同，像是旧文件改了名称或日期",
        "请核对是否误用旧文件：误用的请以替换版报送正确的数据；没有变化的请报零报告；属实的请说明",
    ),
    _Place(
        "same_as_other_unit", "W",
        f"o.unit_code <> s.unit_code and {_CAME} and o.submission_id < s.submission_id and o.content_key = s.content_key"
        f" and s.rows_total >= {_FEWEST_ROWS}",
        "各行与另一单位已报送的一份文件完全相同，像是用了其他单位的文件",
        "请核对是否误用其他单位的文件：误用的请以替换版报送本单位的数据；属实的请说明",
    ),
    _Place(
        "older_than_roster", "N",
        f"{_OWN} and o.mode = 'S' and o.state in ('staged', 'accepted', 'partly_accepted') and o.report_date > s.report_date",
        "填报日期早于已收到的 {date} 的全量表；已接收，生效日期相同或更早的内容以全量表为准",
        "确是全量表之后发生的变化，请以之后的填报日期重新报送；否则无需处理",
    ),
)  # fmt: skip

_TELL = """
insert into told (submission_id, rule_id, level, sheet_name, text, mend)
select s.submission_id, {rule}, {level}, s.sheet_name,
    replace(replace({text}, '{{file}}', d.file_name), '{{date}}', o.report_date::text), {mend}
from ops.submission as s
inner join lateral (
    select o.delivery_id, o.report_date from ops.submission as o where o.table_name = s.table_name and {met}
    order by o.report_date desc, o.submission_id desc limit 1
) as o on true
inner join ops.delivery as d on d.delivery_id = o.delivery_id
where s.state = 'staged' and s.table_name = {table}
"""

_LONELY = """
insert into told (submission_id, rule_id, level, sheet_name, text, mend)
select s.submission_id, {rule}, 'W', s.sheet_name, '填的是第 ' || s.version || ' 版，但没有收到过它要替换的文件；已按新文件接收',
    '请核对填报日期和序号是否与要替换的文件一致；前一版从未报送的无需处理'
from ops.submission as s
where s.state = 'staged' and s.table_name = {table} and s.version > 1 and not exists (
    select from ops.submission as o
    where o.unit_code = s.unit_code and o.report_date = s.report_date and o.submission_id <> s.submission_id and (
        (o.table_name = s.table_name and o.mode = s.mode and o.sequence = s.sequence and o.version < s.version)
        or (o.state = 'refused' and coalesce(o.table_name, s.table_name) = s.table_name)))
"""


def note_contents(asking: Asking, table: Contract) -> None:
    """What each staged submission's rows say, as one key that neither their order nor their dates change."""
    content = sql.SQL(", ").join(sql.Identifier(name) for name in content_columns(table))
    asking.connection.execute(
        sql.SQL(
            "update ops.submission as s set content_key = said.content_key from ("
            " select _submission_id, count(*) || ':' || sum(hashtextextended(row({content}, row_action is not distinct from '3')::text, 0)::numeric)"
            " as content_key from {batch} group by 1) as said where said._submission_id = s.submission_id"
        ).format(content=content, batch=row_set("batch", table))
    )


def ask_places(asking: Asking, table: Contract) -> None:
    """Tell each staged submission of the table where it stands. After the rosters were compared."""
    for place in _PLACES:
        asking.connection.execute(
            sql.SQL(_TELL).format(
                rule=sql.Literal(f"file.{place.name}"), level=sql.Literal(place.level), text=sql.Literal(place.text),
                mend=sql.Literal(place.mend), met=sql.SQL(place.met), table=sql.Literal(table.table),
            )
        )  # fmt: skip
    asking.connection.execute(
        sql.SQL(_LONELY).format(rule=sql.Literal("file.replaces_nothing"), table=sql.Literal(table.table))
    )

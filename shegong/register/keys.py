"""A row's key beside what is known: new, changed, withdrawn, corrected."""

from psycopg import sql

from shegong.contract import Contract
from shegong.register.asking import Asking, Question, blamed_field, columns_of, equal, joined_key, row_set

QUESTIONS = (
    Question(
        "new_known_key", "N", "操作类型是新增，但这个主键已经报过，按变更处理", "无需处理；今后请填写 变更"
    ),
    Question(
        "update_unknown_key",
        "N",
        "操作类型是变更，但这个主键没有报过，按新增处理",
        "请核对主键是否填错；没有错的无需处理",
    ),
    Question("withdraw_unknown_key", "E", "要撤销的主键没有报过", "请核对主键"),
    Question("withdraw_foreign", "E", "要撤销的是其他单位报送的数据", "本单位不能撤销；有疑问请联系省里"),
    Question(
        "withdraw_passed_on",
        "N",
        "撤销的是本单位的报送；另一单位也报送了同一对象，仍按那个单位计",
        "确属转出的无需处理；撤错的请重新报送",
    ),
    Question("correct_unknown_key", "E", "更正原主键没有报过", "请核对更正原主键"),
)
_NEW, _UPDATE, _WITHDRAW, _FOREIGN, _PASSED_ON, _CORRECT = QUESTIONS


def ask_keys(asking: Asking, table: Contract) -> None:
    """New, changed and withdrawn beside what is known; what comes in the same run counts."""
    known, batch, same = row_set("known", table), row_set("batch", table), equal("row", "other", table.key)
    here = sql.SQL("exists (select from {} as other where {})").format(known, same)
    # added by one file, withdrawn or corrected by the next of the same run
    come = sql.SQL("select from {} as other where {} and coalesce(other.row_action, '1') = '1'").format(
        batch, same
    )
    new_here = sql.SQL("exists ({})").format(come)
    mine = sql.SQL("(exists (select from {} as other where {} and other._unit_code = row._unit_code)"
                   " or exists ({} and other._unit_code = row._unit_code))").format(known, same, come)  # fmt: skip
    # what two units claimed may be taken back by either, whoever's row is in force now
    claimed = sql.SQL(
        "exists (select from ops.claim as c where c.table_name = {} and c.row_key = {}"
        " and row._unit_code in (c.old_unit, c.new_unit))"
    ).format(sql.Literal(table.table), joined_key(table.key))
    blamed = blamed_field(table.key)
    for asked, condition in (
        (_NEW, sql.SQL("row._mode = 'D' and row.row_action = '1' and {here}")),
        (
            _UPDATE,
            sql.SQL("row._mode = 'D' and row.row_action = '2' and not {here} and not {new}"),
        ),
        (_WITHDRAW, sql.SQL("row.row_action = '3' and not {here} and not {new}")),
        (_FOREIGN, sql.SQL("row.row_action = '3' and ({here} or {new}) and not {mine} and not {claimed}")),
        (_PASSED_ON, sql.SQL("row.row_action = '3' and ({here} or {new}) and not {mine} and {claimed}")),
    ):
        asking.tell(
            table, asked, blamed, condition.format(here=here, new=new_here, mine=mine, claimed=claimed)
        )
    _ask_corrections(asking, table)


def _ask_corrections(asking: Asking, table: Contract) -> None:
    """A correction names the old key, joined by |, of a row of the same unit."""
    known, batch = row_set("known", table), row_set("batch", table)
    joined = sql.SQL("concat_ws('|', {})").format(
        columns_of(("other", n) for n in table.key if n != "_unit_code")
    )
    corrected = sql.SQL(
        "row.corrects_key is not null and not exists (select from {known} as other where {joined} = row.corrects_key"
        " and other._unit_code = row._unit_code) and not exists (select from {batch} as other where {joined} = row.corrects_key"
        " and other._unit_code = row._unit_code and coalesce(other.row_action, '1') = '1')"
    )
    asking.tell(
        table,
        _CORRECT,
        "corrects_key",
        corrected.format(known=known, batch=batch, joined=joined),
    )
